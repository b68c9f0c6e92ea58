"""Stage 4: turn an executed post into the HTML of its article."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from builder.config import Site
from builder.errors import Location, Problem, warning
from builder.mathjax.engine import Engine
from builder.mathjax.typeset import Formula as Tex
from builder.mathjax.typeset import FormulaCache, TexError, Typeset, typeset_formulas
from builder.model import (
    BlockResult,
    Caption,
    CodeBlock,
    ExecutedPost,
    Formula,
    Listing,
    OutputFile,
    ParsedPost,
    Part,
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
        inserts = list(_inserts(executed, typeset, blocks, self._converter))
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
        post = RenderedPost(
            path=parsed.source.path,
            front=parsed.front,
            address=parsed.address,
            article=article,
            glyphs=glyphs,
            excerpt=parsed.front.description or _excerpt(article),
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


def _caption(caption: Caption, formulas: Iterator[Typeset | TexError], converter: Converter) -> str:
    """HTML of a caption, which takes its formulas from those of the post."""
    parts: list[tuple[Part, Insert | None]] = [
        (part, _formula(part, next(formulas)) if isinstance(part, Formula) else None)
        for part in caption
    ]
    page = converter.convert(parts, lambda page: page).strip() if parts else ""
    return page.removeprefix("<p>").removesuffix("</p>")


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
) -> Iterator[tuple[Part, Insert | None]]:
    """Each part of the post with what is put in its place."""
    formulas = iter(typeset)
    results: Iterator[BlockResult] = iter(executed.results)
    for part in executed.parsed.parts:
        match part:
            case Formula():
                yield part, _formula(part, next(formulas))
            case CodeBlock():
                result = next(results, None) if part.options.eval else None
                caption = _caption(part.caption, formulas, converter)
                subcaptions = tuple(_caption(c, formulas, converter) for c in part.subcaptions)
                cell = blocks.render(part, result, caption, subcaptions)
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
