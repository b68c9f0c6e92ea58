"""Stage 2: split a post into front matter, prose, formulas and code blocks.

Reads text only: no file is opened, nothing is executed.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from builder.config import SETTINGS_FILE, SiteConfig
from builder.errors import Location, PostError, Problem, did_you_mean, warning
from builder.model import (
    CLOSE,
    Dollar,
    Formula,
    FrontMatter,
    InlineValue,
    ParsedPost,
    Part,
    Places,
    Prose,
    Source,
)
from builder.parse.blocks import BlockReader, caption_of, values_in
from builder.parse.divs import find_unclosed
from builder.parse.fences import Fence, Raw, find_fences
from builder.parse.formulas import (
    Code,
    Doubt,
    FoundFormula,
    find_formulas,
    without_quote_marks,
)
from builder.parse.front_matter import (
    Head,
    execute_defaults,
    front_entries,
    read_front_matter,
    split_front_matter,
)
from builder.parse.jekyll.site import JekyllSite, Outline
from builder.parse.options import as_entries, make_options
from builder.parse.values import ValueFault, faults_in, read_value, unclosed_in
from builder.parse.variables import UnknownLiquid, fill_in, variables
from builder.parse.withheld import withheld
from builder.parse.yaml_mapping import Entry
from builder.slugs import LONGEST_PART, has_long_part, hyphenated

# Something must stand before it that is no quote mark; said so that no line is read twice.
_STRAY_BLOCK = re.compile(
    r"^(?:[^\S\n]|>)*[^`\s>][^`\n]*(`{3,}\{python\b[^}\n]*\})[ \t]*$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Parsing:
    """What parsing a post gave."""

    post: ParsedPost | None
    """None where the front matter could not be read."""

    problems: tuple[Problem, ...]


def runs_liquid(source: Source, config: SiteConfig) -> bool:
    """Whether Liquid may have something to do in a post; only such posts pay for it."""
    is_asked_for = (config.liquid or "liquid:" in source.text) and not config.untrusted
    return is_asked_for and ("{{" in source.text or "{%" in source.text)


def outline_of(source: Source, config: SiteConfig, layouts: Collection[str]) -> Outline:
    """A post as far as its front matter tells.

    Raises:
        PostError: the front matter cannot be read.
    """
    head = split_front_matter(source)
    front = read_front_matter(head, source, config, layouts)
    entries = front_entries(head, source)
    return Outline(source, front, _address(front, source, config), entries)


def try_parse(
    source: Source,
    config: SiteConfig,
    layouts: Collection[str],
    jekyll: JekyllSite | None = None,
) -> Parsing:
    """Parse one post; what is wrong is told."""
    problems: list[Problem] = []
    try:
        post = parse_post(source, config, layouts, problems, jekyll)
    except PostError as error:
        return Parsing(None, (error.problem,))
    return Parsing(post, tuple(problems))


def parse_post(
    source: Source,
    config: SiteConfig,
    layouts: Collection[str],
    problems: list[Problem],
    jekyll: JekyllSite | None = None,
) -> ParsedPost:
    """Parse one post; what is wrong inside its body is added to `problems`.

    Args:
        source: the post.
        config: the site's settings.
        layouts: the ones that the site's templates offer.
        problems: takes what is wrong.
        jekyll: what Liquid may refer to, where it runs in this post.

    Raises:
        PostError: the front matter cannot be read.
    """
    head = split_front_matter(source)
    front = read_front_matter(head, source, config, layouts)
    address = _address(front, source, config)
    if jekyll is not None and front.has_liquid:
        from builder.parse.jekyll.expand import run_liquid  # noqa: PLC0415  # few posts need it

        entries = front_entries(head, source)
        outline = Outline(source, front, address, entries)
        source = run_liquid(outline, head.body_start, jekyll, problems)
    places = Places(source)
    try:
        defaults = (*_site_defaults(config), *execute_defaults(head, source))
        expect = make_options(defaults).expect
    except PostError as error:
        problems.append(error.problem)
        defaults, expect = (), CLOSE
    values = None if front.has_liquid else variables(config, front, address)
    blocks = BlockReader(source, defaults, problems, front.dollar)
    parts = tuple(_Body(source, places, values, blocks, front.dollar, problems).parts(head))
    title = caption_of(front.title, front.lines.get("title", 1), front.dollar)
    of_title = (part for part in title if isinstance(part, InlineValue))
    about = values_in(front.description or "", front.lines.get("description", 1))
    post = ParsedPost(
        source=source,
        front=front,
        address=address,
        parts=parts,
        title=title,
        front_values=(*of_title, *about),
        expect=expect,
    )
    if not config.untrusted:
        problems += _front_faults(source, front)
        return post
    problems[:] = (problem for problem in problems if problem.code != "broken-value")
    return withheld(post)


def _front_faults(source: Source, front: FrontMatter) -> Iterator[Problem]:
    """What is wrong with the values in the front matter."""
    for text, line in (
        (front.title, front.lines.get("title")),
        (front.description or "", front.lines.get("description")),
    ):
        yield from (fault.problem(Location(source.path, line)) for fault in faults_in(text))


def _address(front: FrontMatter, source: Source, config: SiteConfig) -> str:
    """The post's address.

    Raises:
        PostError: no file can have such a name.
    """
    address = make_address(front, source.slug, config)
    if has_long_part(address):
        message = f"the address has a part of more than {LONGEST_PART} bytes: {address!r}"
        where, hint = Location(source.path, 1), "say a shorter 'slug' or 'permalink'"
        raise PostError(Problem(code="wrong-value", message=message, location=where, hint=hint))
    return address


def make_address(front: FrontMatter, slug: str, config: SiteConfig) -> str:
    """Fill in a permalink as Jekyll does: `/:year/:month/:day/:title/`."""
    pattern = front.permalink or config.permalink
    # Jekyll keeps these characters, too.
    name = hyphenated(front.variables.get("slug") or slug, "_.~!$&'()+,;=@-").strip("-")
    if not name.strip("."):  # it would climb out of its folder
        name = slug.strip(".") or "post"
    known = {
        "categories": "/".join(_segment(c.lower()) for c in front.categories),
        "slugified_categories": "/".join(slugify(c) for c in front.categories),
        "year": f"{front.date.year:04}",
        "short_year": f"{front.date.year % 100:02}",
        "month": f"{front.date.month:02}",
        "i_month": str(front.date.month),
        "day": f"{front.date.day:02}",
        "i_day": str(front.date.day),
        "y_day": f"{front.date:%j}",
        "title": name or slug,
        "slug": name or slug,
    }
    address = re.sub(r":(\w+)", lambda m: known.get(m[1], m[0]), pattern)
    address = re.sub(r"/{2,}", "/", address)
    return address if address.endswith(("/", ".html")) else f"{address}/"


def _site_defaults(config: SiteConfig) -> tuple[Entry, ...]:
    """Options of the site for all its blocks; their place is its settings."""
    return as_entries(config.execute, Location(PurePosixPath(SETTINGS_FILE)))


def _segment(words: str) -> str:
    """Words as Jekyll puts categories into an address: with their spaces."""
    return hyphenated(words, "_ .~!$&'()+,;=@-").strip(" .-")


def slugify(words: str) -> str:
    """Words as part of an address."""
    return hyphenated(words.lower(), "_").strip("-")


def _labelled(tex: str, label: str) -> tuple[str, int]:
    """TeX of a numbered equation with a label, and by how much its first line has moved."""
    numbered = list(re.finditer(r"\\end\{(?:align|gather|equation|multline|eqnarray)\}", tex))
    if numbered:
        end = numbered[-1].start()
        return f"{tex[:end]}\\label{{{label}}}{tex[end:]}", 0
    start = "\\begin{equation}"
    return f"{start}{tex}\\label{{{label}}}\\end{{equation}}", len(start)


@dataclass(frozen=True, slots=True)
class _Body:
    """What the parts of one post are made with."""

    source: Source
    places: Places
    values: Mapping[str, str] | None
    """Of variables; None where Liquid has filled them in already."""

    blocks: BlockReader
    dollar: Dollar | None
    problems: list[Problem]

    def parts(self, head: Head) -> Iterator[Part]:
        body, offset = self.source.text[head.body_start :], head.body_start
        at = 0
        self._tell_unclosed(body, offset)
        for found in find_fences(body):
            yield from self._between(body[at : found.start], offset + at)
            at = found.end
            match found:
                case Raw(start, end):
                    yield Prose(body[start:end])
                case Fence(info="math", is_closed=True):
                    yield from self._math(found, body[found.start : found.end], offset)
                case Fence():
                    try:
                        yield self.blocks.read(
                            found, self.places.at(offset + found.start).line or 1
                        )
                    except PostError as error:
                        self.problems.append(error.problem)
        yield from self._between(body[at:], offset + at)

    def _tell_unclosed(self, body: str, offset: int) -> None:
        """A warning for each `:::` that opens and is not closed."""
        if ":::" not in body:
            return
        prose = list(body)
        for found in find_fences(body):
            prose[found.start : found.end] = " " * (found.end - found.start)
        for place in find_unclosed("".join(prose)):
            where = self.places.at(offset + place)
            hint = "close it with a line ':::'"
            self.problems.append(warning("unclosed-div", "unclosed ':::'", where, hint))

    def _math(self, fence: Fence, block: str, offset: int) -> Iterator[Part]:
        """A fenced block of TeX, as GitHub has it."""
        start, end = block.find("\n"), block.rfind("\n")
        if not fence.code.strip():
            where = self.places.at(offset + fence.start)
            self.problems.append(warning("empty-formula", "empty formula", where))
            return
        where = self.places.at(offset + fence.start + start)
        yield Formula(
            tex=without_quote_marks(block[start:end], fence.container.count(">")),
            is_display=True,
            is_alone=True,
            source=block,
            line=where.line or 1,
            column=where.column or 1,
        )

    def _between(self, text: str, offset: int) -> Iterator[Part]:
        """Prose with its variables filled in, and the formulas in it."""
        prose: list[str] = []
        at = 0
        self._tell_stray(text, offset)
        for found in find_formulas(text, self.dollar):
            match found:
                case Doubt(code, place, message, hint):
                    where = self.places.at(offset + place)
                    self.problems.append(warning(code, message, where, hint))
                case Code(start, end):
                    prose.append(self._filled(text[at:start], offset + at))
                    at = end
                    value = self._value(text[start:end], offset + start)
                    if value is None:
                        prose.append(text[start:end])
                        continue
                    yield Prose("".join(prose))
                    yield value
                    prose = []
                case FoundFormula():
                    prose.append(self._filled(text[at : found.start], offset + at))
                    yield Prose("".join(prose))
                    yield self._formula(found, text, offset)
                    prose, at = [], found.end
        prose.append(self._filled(text[at:], offset + at))
        yield Prose("".join(prose))

    def _tell_stray(self, text: str, offset: int) -> None:
        """A warning for each line that ends as a block begins."""
        for found in _STRAY_BLOCK.finditer(text):
            message = "a block begins in the middle of a line: it is text, and does not run"
            where, hint = self.places.at(offset + found.start(1)), "begin a line with ```{python}"
            self.problems.append(warning("stray-block", message, where, hint))

    def _value(self, code: str, offset: int) -> InlineValue | None:
        """The value that code in a line stands for, if it does."""
        read = read_value(code)
        if read is None:
            return None
        where = self.places.at(offset + read.offset)
        if isinstance(read, ValueFault):
            self.problems.append(read.problem(where))
            return None
        return InlineValue(read.expression, where.line or 1, where.column)

    def _formula(self, found: FoundFormula, text: str, offset: int) -> Formula:
        where = self.places.at(offset + found.tex_start)
        tex, shift = _labelled(found.tex, found.label) if found.label else (found.tex, 0)
        return Formula(
            tex=tex,
            is_display=found.is_display,
            is_alone=found.is_alone,
            source=text[found.start : found.end],
            line=where.line or 1,
            column=(where.column or 1) - shift,
        )

    def _filled(self, text: str, offset: int) -> str:
        values = self.values
        for fault in unclosed_in(text):
            self.problems.append(fault.problem(self.places.at(offset + fault.offset)))
        if values is None:
            return text

        def tell(unknown: UnknownLiquid) -> None:
            where = self.places.at(offset + unknown.offset)
            code = "liquid-not-run"
            message = f"Liquid is not run here: {unknown.text!r} is shown as it is"
            hint = "say 'liquid: true' in the front matter, or put it into code"
            if unknown.name is not None:
                code, message = "unknown-variable", f"unknown variable {unknown.name!r}"
                hint = did_you_mean(unknown.name, values) or ""
            self.problems.append(warning(code, message, where, hint or None))

        return fill_in(text, values, tell)
