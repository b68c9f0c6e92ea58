"""Stage 4: turn an executed post into the HTML of its article."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

from builder.cache.files import FileTimes
from builder.config import Site
from builder.errors import Location, Problem, note, warning
from builder.mathjax.engine import Engine
from builder.mathjax.typeset import Formula as Tex
from builder.mathjax.typeset import FormulaCache, TexError, Typeset, typeset_formulas
from builder.model import (
    CodeBlock,
    ExecutedPost,
    Formula,
    FrontMatter,
    Listing,
    OutputFile,
    ParsedPost,
    Part,
    Places,
    PostTarget,
    RenderedPost,
    Target,
    Values,
    plain,
)
from builder.render.figures import FigureRenderer
from builder.render.headings import headings_of
from builder.render.highlight import note_id
from builder.render.inserts import PHONE_EX, Inserts, formulas_of
from builder.render.links import LinkRewriter
from builder.render.markdown import Converter
from builder.render.patience import TooSlowError, limited, seconds_for
from builder.render.pictures import PictureFinder
from builder.render.reach import within_reach
from builder.render.references import References
from builder.render.results import ReadParts
from builder.render.summary import count_words, excerpt_of, first_plot
from builder.render.tokens import Insert
from builder.render.untrusted import Sieve

_LOADED = re.compile(
    r"<!--.*?-->|<script\b[^>]*>.*?</script\s*>"
    r"|<(?:link|iframe|video|audio|source|track|embed|object)\b[^>]*>",
    re.DOTALL | re.IGNORECASE,
)
_DROPPED = ("<script", "<link")
_SOURCE = re.compile(
    r"""\b(?:src|href|poster|data)\s*=\s*["']?((?:https?:)?//[^"'\s>]+)""", re.IGNORECASE
)
_EMPTY_PARAGRAPH = re.compile(r"<p>\s*+</p>\n?")


@dataclass(frozen=True, slots=True)
class Rendering:
    """A rendered post, and what it was made from beside the post itself."""

    post: RenderedPost
    problems: tuple[Problem, ...]
    looked_at: Mapping[Path, FileTimes]
    references: Mapping[str, Target]
    """What can be referred to within the post, by names."""


class Renderer:
    """Renders posts, one after the other.

    Args:
        site: whose posts they are.
        engine: sets formulas.
        formulas: those of earlier builds.
        targets: all posts, for links between them.
        read: splits values that are Markdown into parts.
    """

    def __init__(
        self,
        site: Site,
        engine: Engine,
        formulas: FormulaCache,
        targets: Sequence[PostTarget],
        read: ReadParts,
    ) -> None:
        self._site = site
        self._targets = {target.path: target for target in targets}
        self._read = read
        self._engine = engine
        self._formulas = formulas
        self._sieve = Sieve()
        self._converter = self._new_converter()

    def render(self, executed: ExecutedPost) -> Rendering:
        """Render one post; what is wrong in it is told and shown in its place."""
        parsed = executed.parsed
        problems: list[Problem] = []
        figures: list[OutputFile] = []
        pictures = PictureFinder(self._site, parsed.source, parsed.address, problems)
        links = LinkRewriter(self._site, parsed.source, parsed.address, self._targets, problems)
        values = Values(executed)
        formulas = self._typeset(executed, values, problems)
        made = [made for _, made in formulas if isinstance(made, Typeset)]
        labels = (label for formula in made for label in formula.labels)
        references = References(parsed, self._headings(parsed, values), labels, problems)
        folder = parsed.address.rpartition("/")[0]

        def rewrite(page: str) -> str:
            page = pictures.rewrite(_without_loaded(page, parsed, problems))
            return within_reach(references.rewrite(links.rewrite(page)))

        inserts = Inserts(
            executed,
            values,
            formulas,
            references,
            rewrite,
            self._converter,
            self._read,
            FigureRenderer(folder, self._site.config.base_path, figures.append),
            problems,
        )
        title = inserts.title()
        try:
            parts = inserts.all()
            with limited(seconds_for(len(parsed.source.text))):
                article = self._converter.convert(parts, rewrite)
            problems += _missing_notes(parts, self._converter.notes, parsed)
        except (RecursionError, TooSlowError) as error:
            self._converter = self._new_converter()  # the old one stopped half-way
            problems.append(_impossible(error, parsed))
            article = f'<p class="problem">{problems[-1].message}</p>'
        problems += _left_out(self._sieve.take_left_out(), parsed)
        glyphs = {name: outline for formula in made for name, outline in formula.glyphs}
        front = _front(parsed, values)
        post = RenderedPost(
            path=parsed.source.path,
            front=front,
            address=parsed.address,
            title=title,
            article=article,
            glyphs=glyphs,
            excerpt=front.description or excerpt_of(article),
            words=count_words(article),
            plot=first_plot(article, self._site.config.base_path),
            versions=executed.versions,
            files=tuple(dict.fromkeys((*figures, *pictures.files.values(), *links.files.values()))),
        )
        looked_at = pictures.looked_at | links.looked_at
        return Rendering(post, tuple(problems), looked_at, references.targets)

    def _headings(self, parsed: ParsedPost, values: Values) -> dict[str, str]:
        try:
            with limited(seconds_for(len(parsed.source.text))):
                return headings_of(parsed, values, self._converter)
        except (RecursionError, TooSlowError):  # which is told of the whole article
            self._converter = self._new_converter()
            return {}

    def _new_converter(self) -> Converter:
        config = self._site.config
        quotes = config.language if config.smart_quotes else None
        return Converter(quotes, self._sieve.clean if config.untrusted else str)

    def _typeset(
        self, executed: ExecutedPost, values: Values, problems: list[Problem]
    ) -> list[tuple[Formula, Typeset | TexError]]:
        formulas = list(formulas_of(executed, values, self._read))
        typeset = typeset_formulas(
            [Tex(tex=f.tex, is_display=f.is_display) for f in formulas],
            engine=self._engine,
            macros=executed.parsed.front.macros,
            cache=self._formulas,
        )
        for formula, result in zip(formulas, typeset, strict=True):
            if isinstance(result, TexError):
                where = _place(formula, result.offset, executed.parsed)
                message = f"TeX: {result.message}"
                problems.append(
                    Problem(code="tex-error", message=message, location=where, hint=result.hint)
                )
            elif result.width_ex > PHONE_EX:
                problems.append(_wide(result, _place(formula, 0, executed.parsed)))
        return list(zip(formulas, typeset, strict=True))


def _front(parsed: ParsedPost, values: Values) -> FrontMatter:
    """What the post says of itself, with its values."""
    told = parsed.front.description
    return replace(
        parsed.front,
        title=plain(parsed.title, values.say),
        description=told and values.fill(told, parsed.front_values),
    )


def _left_out(told: Mapping[str, str], parsed: ParsedPost) -> Iterator[Problem]:
    """A warning for all that a post that is not trusted has said in vain."""
    places = Places(parsed.source)
    for what, words in told.items():
        message = f"{what} is left out, as the post is not trusted"
        yield warning("untrusted-html", message, places.line_of(words), "write it in Markdown")


def _impossible(error: Exception, parsed: ParsedPost) -> Problem:
    """Why Markdown gave up on a post, and the line that is most likely to blame."""
    lines = parsed.source.text.split("\n")
    is_deep = isinstance(error, RecursionError)

    def blame(number: int) -> int:
        line = lines[number]
        depth = len(line) - len(line.lstrip(" \t>-*+.)0123456789"))
        return depth if is_deep else sum(map(line.count, "[]<>*_&~`\\|"))

    line = Places(parsed.source).line_at(max(range(len(lines)), key=blame))
    where = Location(parsed.source.path, line)
    if is_deep:
        message = "lists or quotes are nested too deeply"
        return Problem(code="markdown-too-hard", message=message, location=where)
    return Problem(
        code="markdown-too-hard",
        message="takes far too long to render",
        location=where,
        hint="is there something that begins again and again, such as brackets or tags?",
    )


def _wide(formula: Typeset, where: Location) -> Problem:
    more = ceil(formula.width_ex - PHONE_EX)
    named = ", ".join(f"({label.tag}) {label.name!r}" for label in formula.labels)
    what = f"the formula {named}" if named else "a formula"
    message = f"{what} is {formula.width_ex:.0f} ex wide, {more} more than a phone shows"
    return note(
        "wide-formula", message, where, r"it scrolls there; break it, as with \\ in {aligned}"
    )


def _missing_notes(
    parts: Sequence[tuple[Part, Insert | None]], notes: Collection[str], parsed: ParsedPost
) -> Iterator[Problem]:
    """A warning for each line that refers to a note that does not stand below its block."""
    for part, insert in parts:
        if isinstance(part, CodeBlock | Listing) and insert and insert.notes_id is not None:
            for line, number in part.marks.notes:
                if note_id(insert.notes_id, number) not in notes:
                    yield warning(
                        "missing-note",
                        f"there is no note {number}",
                        Location(parsed.source.path, part.line + line - 1),
                        "write a numbered list right below the block",
                    )


def _place(formula: Formula, offset: int, parsed: ParsedPost) -> Location:
    """The line and column in the post of an offset into a formula."""
    above = formula.tex[:offset]
    line, column = above.count("\n"), len(above.rpartition("\n")[2])
    first = formula.column if line == 0 else 1
    # What was put before a formula, as for a label below it, stands nowhere in the post.
    return Location(parsed.source.path, formula.line + line, max(1, first + column))


def _without_loaded(article: str, parsed: ParsedPost, problems: list[Problem]) -> str:
    """Drop scripts and style sheets of other hosts; a loader of MathJax is not missed.

    What else is loaded from there stays, as the author has put it there to be seen, and is told.
    """
    places = Places(parsed.source)

    def judge(match: re.Match[str]) -> str:
        element = match[0]
        source = _SOURCE.search(element)
        if element.startswith("<!--") or not (source or "mathjax" in element.lower()):
            return element
        if source and not element.lower().startswith(_DROPPED):
            told = f"{source[1]!r} is loaded from another host"
            where = places.line_of(source[1])
            problems.append(warning("other-host", told, where, "link to it instead"))
            return element
        if "mathjax" not in element.lower() and source:
            problems.append(
                warning(
                    "other-host",
                    f"{source[1]!r} is left out: pages load nothing from other hosts",
                    places.line_of(source[1]),
                    "save it into assets/ and refer to it there",
                )
            )
        return ""

    return _EMPTY_PARAGRAPH.sub("", _LOADED.sub(judge, article))
