"""Read the YAML between the `---` lines at the head of a post, as Jekyll does."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from builder.config import SiteConfig
from builder.errors import Location, PostError, Problem, did_you_mean
from builder.kinds import Schema, read_macros, read_math
from builder.model import Dollar, FrontMatter, Source
from builder.parse.options import as_entries, options_schema
from builder.parse.yaml_mapping import Entry, read_mapping, shown
from builder.settings import KNOWN_PLACEHOLDERS, NO_ADDRESS, NO_CLIMBING, PLACEHOLDERS
from builder.slugs import LONGEST_PART, has_long_part

T = TypeVar("T")

KEYS = (
    *("after", "aliases", "categories", "category", "date", "description", "draft", "excerpt"),
    *("execute", "last_modified_at", "layout", "liquid", "macros", "math", "permalink"),
    *("published", "redirect_from", "series", "slug", "tag", "tags", "title", "updated"),
)
"""What a post may say of itself; other keys are its author's own variables."""

_FENCE = re.compile(r"---[ \t]*+\n(.*?)^(?:---|\.\.\.)[ \t]*+(?:\n|\Z)", re.DOTALL | re.MULTILINE)

_TEXT: Schema = {"type": ["string", "number", "boolean", "null"]}
_WORDS: Schema = {
    "oneOf": [_TEXT, {"type": "array", "items": {"not": {"type": "object"}}}],
}
_DAY: Schema = {
    "type": ["string", "null"],
    "pattern": r"^\s*\d{4}(?=([-/]))(\1\d{1,2}){2}([T\s].*)?$",
}
_SLUGS: Schema = {
    "oneOf": [
        _TEXT,
        {"type": "array", "items": {"type": ["string", "number", "boolean"], "minLength": 1}},
    ]
}
_WITHIN = rf"^(?!.*(://|[?#\\]|//))(?!/*\.\.?(/|$)){NO_CLIMBING}"
_ALIAS: Schema = {"type": "string", "minLength": 1, "pattern": rf"{_WITHIN}(?!/$)[^:]*$"}
_ALIASES: Schema = {"oneOf": [{"type": "null"}, _ALIAS, {"type": "array", "items": _ALIAS}]}
_FLAG: Schema = {"type": ["boolean", "null"]}


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the front matter: what may stand there, and what it means."""

    schema: Schema
    meaning: str


FRONT_MATTER: Mapping[str, Key] = {
    "title": Key(_TEXT, "the title, which may hold formulas and values"),
    "date": Key(_DAY, "the day, where the file name does not say it or says another one"),
    "layout": Key(_TEXT, "the template, post unless said"),
    "tags": Key(_WORDS, "a list, or words in a line"),
    "tag": Key(_WORDS, "a single tag, as it is"),
    "categories": Key(_WORDS, "a list, or words in a line"),
    "category": Key(_WORDS, "a single category, as it is"),
    "description": Key(_TEXT, "for lists, feed and search engines"),
    "excerpt": Key(_TEXT, "the description, as Jekyll calls it"),
    "permalink": Key(
        {"type": ["string", "null"], "pattern": f"{_WITHIN}{KNOWN_PLACEHOLDERS}"},
        "the address, with :year, :month, :day, :title, :categories",
    ),
    "slug": Key(_TEXT, "what stands in the address in place of the file's name"),
    "aliases": Key(_ALIASES, "addresses where the post once was; they lead to it"),
    "redirect_from": Key(_ALIASES, "aliases, as Jekyll calls them"),
    "draft": Key(_FLAG, "true holds the post back"),
    "published": Key(_FLAG, "false holds the post back"),
    "series": Key(_TEXT, "the series that the post belongs to"),
    "after": Key(_SLUGS, "slugs of the posts that it builds on"),
    "updated": Key(_DAY, "the day of the last change that a reader should know of"),
    "last_modified_at": Key(_DAY, "updated, as Jekyll's themes call it"),
    "math": Key(
        {"oneOf": [_FLAG, read_math.schema]}, "whether $x$ is a formula, and by whose rules"
    ),
    "macros": Key(
        {"oneOf": [{"type": "null"}, read_macros.schema]}, "TeX macros, beside the site's"
    ),
    "liquid": Key(_FLAG, "whether Liquid runs in the post before anything else"),
    "execute": Key(options_schema(), "options for all blocks of the post"),
}
"""What is read; all other keys are the author's own, for `{{ page.KEY }}`."""


@dataclass(frozen=True, slots=True)
class Head:
    """The front matter's text and where the body begins."""

    text: str
    body_start: int
    """Offset in the post."""


def split_front_matter(source: Source) -> Head:
    """Find the front matter of a post.

    Raises:
        PostError: there is none, or it is not closed.
    """
    match = _FENCE.match(source.text)
    if match:
        return Head(match[1].removesuffix("\n"), match.end())
    is_open = source.text.startswith("---")
    raise PostError(
        Problem(
            code="missing-front-matter",
            message="front matter is not closed" if is_open else "no front matter",
            location=Location(source.path, 1),
            hint="did you forget the second line of '---'?"
            if is_open
            else "begin the post with a line '---', lines such as 'title: …', and a line '---'",
        )
    )


def front_entries(head: Head, source: Source) -> tuple[Entry, ...]:
    """All that the front matter says, as it is written.

    Raises:
        PostError: it is no mapping in YAML.
    """
    return read_mapping(head.text, Location(source.path, 2, 1), "front matter")


def read_front_matter(
    head: Head, source: Source, config: SiteConfig, layouts: Collection[str]
) -> FrontMatter:
    """Turn front matter into types; `layouts` are the ones the site's templates offer.

    Raises:
        PostError: broken YAML, a value of the wrong kind, an unknown layout, or no date.
    """
    told = {e.key: e for e in front_entries(head, source)}
    entries = {key: entry for key, entry in told.items() if key in FRONT_MATTER}
    day = _date(entries.get("date"), source, config)
    title = _text(entries.get("title")) or _title_from(source.slug)
    about = next((e for e in map(entries.get, ("description", "excerpt")) if _text(e)), None)
    places = entries if about is None else {**entries, "description": about}
    return FrontMatter(
        title=title,
        date=day,
        layout=_layout(entries.get("layout"), layouts, config),
        description=_text(about),
        tags=_words(entries, "tags", "tag"),
        categories=_words(entries, "categories", "category"),
        is_draft=_flag(entries.get("draft"), False) or not _flag(entries.get("published"), True),
        permalink=_permalink(entries.get("permalink")),
        variables=_scalars(told) | {"title": title, "date": day.isoformat()},
        macros={**config.macros, **_setting(entries.get("macros"), read_macros, {})},
        dollar=_math(entries.get("math"), config),
        aliases=_aliases(entries),
        has_liquid=_flag(entries.get("liquid"), config.liquid) and not config.untrusted,
        series=_text(entries.get("series")),
        after=_slugs(entries.get("after")),
        updated=_updated(entries, day, source, config),
        lines={key: entry.location.line or 1 for key, entry in places.items()},
    )


def execute_defaults(head: Head, source: Source) -> tuple[Entry, ...]:
    """Options that `execute:` gives to all blocks of the post.

    Raises:
        PostError: it is no mapping.
    """
    entries = front_entries(head, source)
    return tuple(
        replace(option, location=replace(e.location, line=e.lines.get(option.key, e.location.line)))
        for e in entries
        if e.key == "execute"
        for option in as_entries(e.value, e.location)
    )


def _math(entry: Entry | None, config: SiteConfig) -> Dollar | None:
    # Themes of Jekyll ask for MathJax by `math: true`; it is there in any case.
    if entry is not None and isinstance(entry.value, bool):
        return config.math
    return _setting(entry, read_math, config.math)


def _setting(entry: Entry | None, read: Callable[[object], T], default: T) -> T:
    """What a post may say as a site does, by the site's own reader."""
    if entry is None or entry.value is None:
        return default
    try:
        return read(entry.value)
    except ValueError as error:
        message = f"{entry.key}: {shown(entry.value)}: {error}"
        raise PostError(
            Problem(code="wrong-value", message=message, location=entry.location)
        ) from None


def _wrong(entry: Entry, expected: str) -> PostError:
    message = f"{entry.key}: {shown(entry.value)} is not {expected}"
    return PostError(Problem(code="wrong-value", message=message, location=entry.location))


def _text(entry: Entry | None) -> str | None:
    if entry is None or entry.value is None:
        return None
    if isinstance(entry.written, str):
        return " ".join(entry.written.split()) or None
    raise _wrong(entry, "a line of text")


def _address(entry: Entry) -> str | None:
    """An address within the site; its parts may not climb out of it."""
    path = _text(entry)
    if path is None:
        return None
    path = unquote(path)
    path = path if path.startswith("/") or "://" in path else f"/{path}"
    if "://" in path or NO_ADDRESS.search(path) or re.search(r"//|/\.\.?(/|$)", path):
        raise _wrong(entry, "an address within the site, such as '/about/'")
    if has_long_part(path):
        raise _wrong(entry, f"an address whose parts have {LONGEST_PART} bytes at most")
    return path


def _permalink(entry: Entry | None) -> str | None:
    """The address asked for, with its placeholders."""
    path = _address(entry) if entry else None
    if entry is None or path is None:
        return None
    for name in re.findall(r":(\w+)", path):
        if name not in PLACEHOLDERS:
            known = ", ".join(f":{each}" for each in PLACEHOLDERS)
            raise PostError(
                Problem(
                    code="wrong-value",
                    message=f"permalink: unknown placeholder ':{name}'",
                    location=entry.location,
                    hint=did_you_mean(name, PLACEHOLDERS) or f"known are {known}",
                )
            )
    return path


def _aliases(entries: Mapping[str, Entry]) -> dict[str, int]:
    """Old addresses, as Hugo's `aliases` or Jekyll's `redirect_from`: one, or a list."""
    found: dict[str, int] = {}
    for key in ("aliases", "redirect_from"):
        entry = entries.get(key)
        if entry is None or entry.value is None:
            continue
        if entry.written is None:
            raise _wrong(entry, "a list of addresses, such as [/old/]")
        told = (entry.written,) if isinstance(entry.written, str) else entry.written
        for each in told:
            one = replace(entry, value=each, written=each)
            address = _address(one)
            if address is None or ":" in address or address == "/":
                raise _wrong(one, "an address where the post once was, such as '/old/'")
            is_whole = address.endswith(("/", ".html", ".htm"))
            found.setdefault(address if is_whole else f"{address}/", entry.location.line or 1)
    return found


def _slugs(entry: Entry | None) -> tuple[str, ...]:
    """Other posts: one slug, or a list of them."""
    if entry is None or entry.value is None:
        return ()
    told = (entry.written,) if isinstance(entry.written, str) else entry.written
    if told is None or not all(told):
        raise _wrong(entry, "a list of slugs, such as [momentum]")
    return tuple(dict.fromkeys(slug.strip().removesuffix(".md") for slug in told))


def _flag(entry: Entry | None, default: bool) -> bool:
    if entry is None or entry.value is None:
        return default
    if not isinstance(entry.value, bool):
        raise _wrong(entry, "true or false")
    return entry.value


def _words(entries: Mapping[str, Entry], plural: str, singular: str) -> tuple[str, ...]:
    """A list, or one string: of words for the plural key, as it is for the singular."""
    for key, split in _SPLITTERS[plural, singular].items():
        entry = entries.get(key)
        if entry is None or entry.value is None:
            continue
        written = _flat(entry.value) if entry.written is None else entry.written
        if written is None:
            raise _wrong(entry, "a list of words")
        words = split(written) if isinstance(written, str) else written
        return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
    return ()


def _flat(value: object) -> tuple[str, ...] | None:
    """The words of lists in a list, which Jekyll makes one of."""
    if not isinstance(value, list):
        return None
    inner = [_flat(v) if isinstance(v, list | dict) else (str(v),) for v in value if v is not None]
    if any(words is None for words in inner):
        return None
    return tuple(word for words in inner for word in words or ())


_SPLITTERS: Mapping[tuple[str, str], Mapping[str, Callable[[str], list[str]]]] = {
    (plural, singular): {plural: str.split, singular: lambda text: [text]}
    for plural, singular in (("tags", "tag"), ("categories", "category"))
}


def _layout(entry: Entry | None, layouts: Collection[str], config: SiteConfig) -> str:
    layout = _text(entry) or "post"
    layout = config.layouts.get(layout, layout)
    if entry is not None and layout not in layouts:
        raise PostError(
            Problem(
                code="unknown-layout",
                message=f"unknown layout {layout!r}",
                location=entry.location,
                hint=did_you_mean(layout, layouts) or f"there are {', '.join(sorted(layouts))}",
            )
        )
    return layout


def _updated(
    entries: Mapping[str, Entry], day: date, source: Source, config: SiteConfig
) -> date | None:
    """The day of the last change; `last_modified_at` is what Jekyll's themes call it."""
    keys = ("updated", "last_modified_at")
    entry = next((e for e in map(entries.get, keys) if e and e.value is not None), None)
    changed = _date(entry, source, config) if entry else day
    if entry is not None and changed < day:
        written = replace(entry, value=changed.isoformat())
        raise _wrong(written, f"{day} or later, when the post was published")
    return changed if changed > day else None


def _date(entry: Entry | None, source: Source, config: SiteConfig) -> date:
    value = entry.value if entry else None
    if entry is None or value is None:
        return _date_from_name(source)
    if isinstance(value, str):
        value = re.sub(r"(?<=[-/T\s])(\d)(?=[-/:T\s]|$)", r"0\1", value.strip())
        value = re.sub(r"^(\d{4})/(\d\d)/(\d\d)", r"\1-\2-\3", value)
        try:
            value = datetime.fromisoformat(re.sub(r"\s+(?:UTC|(?=[-+Z]))", "", value))
        except ValueError:
            raise _wrong(entry, "a date such as 2026-11-23") from None
    if isinstance(value, datetime):
        return _local_date(entry, value, config)
    if isinstance(value, date):
        return value
    raise _wrong(entry, "a date such as 2026-11-23")


def _local_date(entry: Entry, value: datetime, config: SiteConfig) -> date:
    """The day in the site's time zone; a time without a zone is in it already."""
    if value.tzinfo is None:
        return value.date()
    try:
        return value.astimezone(ZoneInfo(config.time_zone)).date()
    except OverflowError:  # the first or the last day that there is
        raise _wrong(entry, "a date such as 2026-11-23") from None


def _date_from_name(source: Source) -> date:
    if source.named_date:
        return source.named_date
    raise PostError(
        Problem(
            code="missing-date",
            message="no date",
            location=Location(source.path, 1),
            hint="name the file YYYY-MM-DD-slug.md, or say 'date: YYYY-MM-DD' in its front matter",
        )
    )


def _title_from(slug: str) -> str:
    words = slug.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _scalars(entries: Mapping[str, Entry]) -> dict[str, str]:
    """What `{{ page.KEY }}` gives; Liquid writes booleans in small letters."""
    return {
        key: str(e.value).lower() if isinstance(e.value, bool) else e.written
        for key, e in entries.items()
        if isinstance(e.written, str) and e.value is not None
    }
