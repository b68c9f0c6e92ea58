"""Stage 4: turn an executed post into the HTML of its article."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from builder.config import Site
from builder.errors import Location, Problem, warning
from builder.mathjax.engine import Engine
from builder.mathjax.typeset import Formula as Tex
from builder.mathjax.typeset import FormulaCache, TexError, Typeset, typeset_formulas
from builder.model import (
    INLINE_VALUE,
    BlockResult,
    Caption,
    CodeBlock,
    Display,
    ExecutedPost,
    Formula,
    InlineValue,
    Listing,
    OutputFile,
    ParsedPost,
    Part,
    Prose,
    RenderedPost,
)
from builder.render.highlight import code_block
from builder.render.markdown import Converter
from builder.render.outputs import BlockRenderer
from builder.render.pictures import FileTimes, PictureFinder, file_times
from builder.render.tokens import Insert

_LOADED = re.compile(
    r"<!--.*?-->|<script\b[^>]*>.*?</script\s*>|<link\b[^>]*>", re.DOTALL | re.IGNORECASE
)
_SOURCE = re.compile(r"""\b(?:src|href)\s*=\s*["']?((?:https?:)?//[^"'\s>]+)""", re.IGNORECASE)
_PARAGRAPH = re.compile(r"<p\b[^>]*>(.*?)</p>", re.DOTALL)
_EMPTY_PARAGRAPH = re.compile(r"<p>\s*+</p>\n?")
_SPOKEN = re.compile(r'<span class="math-spoken">.*?</span>|<svg.*?</svg>', re.DOTALL)
_TEX = re.compile(
    r'<span class="math-tex"[^>]*>(?P<mark>\${1,2})(?P<tex>.*?)(?P=mark)</span>', re.DOTALL
)
_EXCERPT_LENGTH = 240


@dataclass(frozen=True, slots=True)
class Rendering:
    """A rendered post, and what it was made from beside the post itself."""

    post: RenderedPost
    problems: tuple[Problem, ...]
    looked_at: Mapping[Path, FileTimes]

    def holds(self) -> bool:
        """Whether the pictures are still what they were."""
        return all(file_times(path) == was for path, was in self.looked_at.items())


class Renderer:
    """Renders posts, one after the other."""

    def __init__(self, site: Site, engine: Engine, formulas: FormulaCache) -> None:
        self._site = site
        self._engine = engine
        self._formulas = formulas
        self._converter = Converter()

    def render(self, executed: ExecutedPost) -> Rendering:
        """Render one post; what is wrong in it is told and shown in its place."""
        parsed = executed.parsed
        problems: list[Problem] = []
        figures: list[OutputFile] = []
        blocks = BlockRenderer(
            parsed.address,
            self._site.config.base_path,
            figures.append,
        )
        typeset = self._typeset(parsed, problems)
        pictures = PictureFinder(self._site, parsed.source, parsed.address, problems)
        values = _Values(executed, self._converter)
        inserts = list(_inserts(executed, typeset, blocks, self._converter, values))
        try:
            article = self._converter.convert(
                inserts,
                lambda page: pictures.rewrite(_without_loaded(page, parsed, problems)),
            )
        except RecursionError:
            self._converter = Converter()  # the old one stopped half-way
            message = "lists or quotes are nested too deeply"
            problems.append(Problem(message=message, location=Location(parsed.source.path)))
            article = f'<p class="problem">{message}</p>'
        glyphs = {
            name: outline
            for formula in typeset
            if isinstance(formula, Typeset)
            for name, outline in formula.glyphs
        }
        front = replace(
            parsed.front,
            title=values.fill(parsed.front.title),
            description=parsed.front.description and values.fill(parsed.front.description),
        )
        post = RenderedPost(
            path=parsed.source.path,
            front=front,
            address=parsed.address,
            article=article,
            glyphs=glyphs,
            excerpt=front.description or _excerpt(article),
            files=tuple(dict.fromkeys((*figures, *pictures.files.values()))),
        )
        return Rendering(post, tuple(problems), pictures.looked_at)

    def _typeset(
        self, parsed: ParsedPost, problems: list[Problem]
    ) -> tuple[Typeset | TexError, ...]:
        formulas = list(_formulas(parsed.parts))
        typeset = typeset_formulas(
            [Tex(tex=f.tex, is_display=f.is_display) for f in formulas],
            engine=self._engine,
            macros=self._site.config.macros,
            cache=self._formulas,
        )
        for formula, result in zip(formulas, typeset, strict=True):
            if isinstance(result, TexError):
                where = _place(formula, result.offset, parsed)
                problems.append(Problem(message=f"TeX: {result.message}", location=where))
        return typeset


def _formulas(parts: Iterable[Part]) -> Iterator[Formula]:
    """All formulas in order, those of captions where their block stands."""
    for part in parts:
        match part:
            case Formula():
                yield part
            case CodeBlock():
                for caption in (part.caption, *part.subcaptions):
                    yield from _formulas(caption)


def _caption(
    caption: Caption,
    formulas: Iterator[Typeset | TexError],
    converter: Converter,
    values: "_Values",
) -> str:
    """HTML of a caption, which takes its formulas from those of the post."""
    parts: list[tuple[Part, Insert | None]] = []
    for part in caption:
        match part:
            case Formula():
                parts.append((part, _formula(part, next(formulas))))
            case InlineValue():
                parts.append((part, values.insert(part)))
            case _:
                parts.append((part, None))
    page = converter.convert(parts, lambda page: page).strip() if parts else ""
    return page.removeprefix("<p>").removesuffix("</p>")


class _Values:
    """What the steps of a post gave, by the parts that ask for it."""

    def __init__(self, executed: ExecutedPost, converter: Converter) -> None:
        self._converter = converter
        self._results: dict[int, BlockResult] = {}
        self._values: dict[InlineValue, Display] = {}
        for step, result in zip(executed.parsed.steps, executed.results, strict=False):
            if isinstance(step, CodeBlock):
                self._results[id(step)] = result
            else:
                shown = (o for o in result.outputs if isinstance(o, Display))
                self._values |= zip(step.values, shown, strict=False)

    def result(self, block: CodeBlock) -> BlockResult | None:
        """What a block gave; None if it never ran."""
        return self._results.get(id(block))

    def insert(self, value: InlineValue) -> Insert:
        """What stands in the text for a value; its source, where it has none."""
        display = self._values.get(value)
        if display is None:
            source = html.escape(f"{{python}} {value.expression}", quote=False)
            shown = f'<code class="problem">{source}</code>'
            return Insert(f"<p>{shown}</p>", shown, value.expression)
        kind, content = next(iter(display.content.items()))
        text = content.decode()
        match kind:
            case "text/html":
                shown = text
            case "text/markdown":
                page = self._converter.convert([(Prose(text), None)], lambda page: page).strip()
                shown = page.removeprefix("<p>").removesuffix("</p>")
            case _:
                shown = html.escape(text, quote=False)
        return Insert(f"<p>{shown}</p>", shown, text)

    def fill(self, text: str) -> str:
        """A plain text with its values put in."""
        by_expression = {value.expression: value for value in self._values}

        def value(match: re.Match[str]) -> str:
            found = by_expression.get(match[1].strip())
            return self.insert(found).text if found else match[0]

        return INLINE_VALUE.sub(value, text)


def _place(formula: Formula, offset: int, parsed: ParsedPost) -> Location:
    """The line and column in the post of an offset into a formula."""
    above = formula.tex[:offset]
    line, column = above.count("\n"), len(above.rpartition("\n")[2])
    first = formula.column if line == 0 else 1
    return Location(parsed.source.path, formula.line + line, first + column)


def _inserts(
    executed: ExecutedPost,
    typeset: tuple[Typeset | TexError, ...],
    blocks: BlockRenderer,
    converter: Converter,
    values: "_Values",
) -> Iterator[tuple[Part, Insert | None]]:
    """Each part of the post with what is put in its place."""
    formulas = iter(typeset)
    for part in executed.parsed.parts:
        match part:
            case Formula():
                yield part, _formula(part, next(formulas))
            case InlineValue():
                yield part, values.insert(part)
            case CodeBlock():
                caption = _caption(part.caption, formulas, converter, values)
                subcaptions = tuple(
                    _caption(c, formulas, converter, values) for c in part.subcaptions
                )
                alts = tuple(map(values.fill, part.options.fig_alt))
                cell = blocks.render(part, values.result(part), caption, subcaptions, alts)
                yield part, Insert(cell, cell, "")
            case Listing():
                listing = code_block(part.code, part.language)
                yield part, Insert(listing, listing, "")
            case _:
                yield part, None


def _formula(formula: Formula, result: Typeset | TexError) -> Insert:
    """A formula's picture, its MathML for screen readers, and its TeX to be copied."""
    text = formula.tex.strip()
    if isinstance(result, TexError):
        shown = f'<code class="problem">{html.escape(formula.source, quote=False)}</code>'
        return Insert(f"<p>{shown}</p>", shown, text)
    if not result.svg:  # it only defines macros
        return Insert("", "", "")
    delimiter = "$$" if formula.is_display else "$"
    tex = html.escape(f"{delimiter}{text}{delimiter}", quote=False)
    picture = result.svg
    if result.tag_svg:
        picture = f'<span class="math-numbered">{result.svg}{result.tag_svg}</span>'
    content = (
        f'{picture}<span class="math-spoken">{result.mathml}</span>'
        f'<span class="math-tex" aria-hidden="true">{tex}</span>'
    )
    if not formula.is_display:
        return Insert(
            f'<p><span class="math">{content}</span></p>',
            f'<span class="math">{content}</span>',
            text,
        )
    ids = f' id="{html.escape(result.labels[0].anchor)}"' if result.labels else ""
    attributes = f'class="math math-display"{ids} tabindex="0" role="group" aria-label="Formula"'
    return Insert(
        f"<div {attributes}>{content}</div>", f"<span {attributes}>{content}</span>", text
    )


def _without_loaded(article: str, parsed: ParsedPost, problems: list[Problem]) -> str:
    """Drop scripts and style sheets of other hosts; a loader of MathJax is not missed."""

    def judge(match: re.Match[str]) -> str:
        element = match[0]
        source = _SOURCE.search(element)
        if element.startswith("<!--") or not (source or "mathjax" in element.lower()):
            return element
        if "mathjax" not in element.lower() and source:
            problems.append(
                warning(
                    f"{source[1]!r} is left out: pages load nothing from other hosts",
                    _line_of(source[1], parsed),
                    "save it into assets/ and refer to it there",
                )
            )
        return ""

    return _EMPTY_PARAGRAPH.sub("", _LOADED.sub(judge, article))


def _line_of(text: str, parsed: ParsedPost) -> Location:
    source = parsed.source
    offset = source.text.find(text)
    line = source.text.count("\n", 0, offset) + 1 if offset >= 0 else None
    return Location(source.path, line)


def _excerpt(article: str) -> str:
    """The text of the first paragraph that has any, cut at a word."""
    text = next(filter(None, map(_plain_text, _PARAGRAPH.finditer(article))), "")
    if len(text) <= _EXCERPT_LENGTH:
        return text
    return f"{text[:_EXCERPT_LENGTH].rpartition(' ')[0]} …"


def _plain_text(paragraph: re.Match[str]) -> str:
    """The text of a paragraph, its formulas as TeX without delimiters."""
    bare = _SPOKEN.sub("", paragraph[1])
    bare = _TEX.sub(lambda match: match["tex"], bare)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", bare)).split())
