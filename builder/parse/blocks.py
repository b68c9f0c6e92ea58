"""Turn a fenced block into what is run or shown: its code, options, captions and marks."""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace

from builder.errors import Location, PostError, Problem, did_you_mean, note
from builder.model import (
    BlockOptions,
    Caption,
    CodeBlock,
    Dollar,
    Formula,
    InlineValue,
    LineMarks,
    Listing,
    Prose,
    Source,
)
from builder.parse.fences import Fence
from builder.parse.formulas import Code, FoundFormula, find_formulas
from builder.parse.line_numbers import read_lines
from builder.parse.magics import Magic, take_magics
from builder.parse.marks import take_marks, take_notes
from builder.parse.options import make_options, read_header, read_options, split_options
from builder.parse.values import WrittenValue, faults_in, read_value
from builder.parse.yaml_mapping import Entry, write_line

_EXECUTABLE = re.compile(r"\{([A-Za-z][\w+-]*)\s*(.*)\}")
_ATTRIBUTE = re.compile(
    r"""(?P<key>[\w-]+)=(?:"(?P<text>[^"]*)"|'(?P<quoted>[^']*)'|(?P<bare>\[[^\]]*\]|[^\s,}]+))"""
)
_NUMBERED = re.compile(r"(?<![\w-])\.?(?:linenos|numberLines|lineNumbers|linenums)\b(?!=\"?false)")
"""As Jekyll and Hugo, Pandoc and R, and MkDocs say it."""

_BARE_LINES = re.compile(r"\{(\d[\d\s,-]*)\}")


def values_in(text: str, line: int) -> tuple[InlineValue, ...]:
    """The values in a plain text that stands in a line."""
    read = (read_value(code) for code in re.findall(r"(?<!`)`[^`]+`(?!`)", text))
    return tuple(
        InlineValue(value.expression, line, None)
        for value in read
        if isinstance(value, WrittenValue)
    )


@dataclass(frozen=True, slots=True)
class BlockReader:
    """Reads the blocks of one post."""

    source: Source
    defaults: tuple[Entry, ...]
    """Options for all blocks of the post."""

    problems: list[Problem]

    dollar: Dollar | None = None
    """By whose rules `$…$` is a formula in a caption."""

    def read(self, fence: Fence, opening: int) -> Listing | CodeBlock:
        """Read a block whose fence opens on line `opening` of the post.

        Raises:
            PostError: it is not closed, in another language, or its options are wrong.
        """
        where = Location(self.source.path, opening)
        if not fence.is_closed:
            hint = "close the block with as many backticks as it begins with"
            raise PostError(
                Problem(code="unclosed-fence", message="unclosed fence", location=where, hint=hint)
            )
        match = _EXECUTABLE.fullmatch(fence.info)
        if not match:
            return self._listing(fence, where)
        if match[1] != "python":
            hint = did_you_mean(match[1], ["python"]) or f"show it with ```{match[1]}"
            message = f"blocks in {match[1]!r} cannot run here, only {{python}} can"
            raise PostError(
                Problem(code="unknown-language", message=message, location=where, hint=hint)
            )
        return self._code_block(fence, match[2], where)

    def _listing(self, fence: Fence, where: Location) -> Listing:
        """A block that is shown, with what its info string says of it."""
        told = {
            m["key"]: m["text"] or m["quoted"] or m["bare"] or ""
            for m in _ATTRIBUTE.finditer(fence.info)
        }
        bare = _BARE_LINES.search(fence.info)
        lines = bare[1] if bare else told.get("emphasize-lines") or told.get("hl_lines")
        code, notes = take_notes(fence.code)
        try:
            emphasized = read_lines(re.sub(r"[\[\]\"']", "", lines).strip()) if lines else ()
        except ValueError as error:
            message = f"emphasize-lines: {lines!r} is not {error}"
            raise PostError(Problem(code="wrong-value", message=message, location=where)) from None
        self._check_lines(emphasized, code, where)
        return Listing(
            code=code,
            language=fence.language,
            container=fence.container,
            line=(where.line or 1) + 1,
            filename=told.get("filename") or told.get("title"),
            marks=LineMarks(
                emphasized=frozenset(emphasized),
                notes=notes,
                is_numbered=_NUMBERED.search(fence.info) is not None,
            ),
        )

    def _code_block(self, fence: Fence, header: str, where: Location) -> CodeBlock:
        opening, path = where.line or 1, self.source.path
        head, written = split_options(fence.code)
        entries = read_options(head, path, opening + 1)
        told = read_header(header, where)
        options = make_options((*self.defaults, *told, *entries))
        line = opening + 1 + fence.code.count("\n") - written.count("\n")
        bare, magics = take_magics(written)
        self._tell_magics(magics, line)
        code, marks = take_marks(bare)
        places = {entry.key: entry.location for entry in entries}
        self._check_lines(options.emphasize_lines, code, places.get("emphasize-lines", where))
        captions = _Captions(options, places, self.dollar, where)
        self.problems.extend(captions.problems())
        return CodeBlock(
            code=code,
            line=line,
            options=options,
            container=fence.container,
            source="\n".join((*_as_lines(told, places), fence.code)),
            marks=replace(
                marks,
                hidden=marks.hidden | {magic.line for magic in magics},
                emphasized=frozenset(options.emphasize_lines),
            ),
            caption=captions.of("fig-cap", options.fig_cap or ""),
            subcaptions=tuple(captions.of("fig-subcap", text) for text in options.fig_subcap),
            table_caption=captions.of("tbl-cap", options.tbl_cap or ""),
            listing_caption=captions.of("lst-cap", options.lst_cap or ""),
            alt_values=captions.values("fig-alt", options.fig_alt),
        )

    def _tell_magics(self, magics: tuple[Magic, ...], line: int) -> None:
        for magic in magics:
            where = Location(self.source.path, line + magic.line - 1, magic.column)
            if magic.is_ignored:
                message = f"{magic.text} is ignored"
                self.problems.append(note("ipython-magic", message, where, "it is not needed"))
            else:
                message = f"{magic.text!r} is IPython's and not Python's"
                self.problems.append(
                    Problem(code="ipython-magic", message=message, location=where, hint=magic.hint)
                )

    def _check_lines(self, lines: tuple[int, ...], code: str, where: Location) -> None:
        """Tell of lines that the code does not have."""
        count = code.count("\n") + 1
        if lines and max(lines) > count:
            message = f"emphasize-lines: there is no line {max(lines)}, the code has {count}"
            self.problems.append(Problem(code="wrong-value", message=message, location=where))


def _as_lines(header: Iterable[Entry], said: Container[str]) -> Iterator[str]:
    """What a header says as option lines, but for what these say themselves."""
    values = {entry.key: entry.value for entry in header if entry.key not in said}
    for key, value in values.items():
        yield f"#| {write_line(key, value)}"


@dataclass(frozen=True, slots=True)
class _Captions:
    """The captions of one block; places in them are known to the line."""

    options: BlockOptions
    places: dict[str, Location]
    """Of the options, by their keys."""

    dollar: Dollar | None

    where: Location
    """Of the block."""

    def values(self, key: str, texts: tuple[str, ...]) -> tuple[InlineValue, ...]:
        """The values in plain texts."""
        line = self._line(key)
        return tuple(value for text in texts for value in values_in(text, line))

    def of(self, key: str, text: str) -> Caption:
        """The parts of a caption."""
        return caption_of(text, self._line(key), self.dollar)

    def problems(self) -> Iterator[Problem]:
        """What is wrong with the values in them."""
        told = {
            "fig-cap": (self.options.fig_cap or "",),
            "fig-subcap": self.options.fig_subcap,
            "fig-alt": self.options.fig_alt,
            "tbl-cap": (self.options.tbl_cap or "",),
            "lst-cap": (self.options.lst_cap or "",),
        }
        for key, texts in told.items():
            where = Location(self.where.path, self._line(key))
            yield from (fault.problem(where) for text in texts for fault in faults_in(text))

    def _line(self, key: str) -> int:
        return self.places.get(key, self.where).line or 1


def caption_of(text: str, line: int, dollar: Dollar | None) -> Caption:
    """The parts of a caption or a title that stands in a line."""
    parts: list[Prose | Formula | InlineValue] = []
    at = 0
    for found in find_formulas(text, dollar):
        match found:
            case Code(start, end):
                value = read_value(text[start:end])
                if isinstance(value, WrittenValue):
                    parts += Prose(text[at:start]), InlineValue(value.expression, line, None)
                    at = end
            case FoundFormula(start=start, end=end, tex=tex):
                formula = Formula(
                    tex=tex,
                    is_display=False,
                    is_alone=False,
                    source=text[start:end],
                    line=line,
                    column=1,
                )
                parts += Prose(text[at:start]), formula
                at = end
    return (*parts, Prose(text[at:])) if text else ()
