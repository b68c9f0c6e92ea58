"""The filters that Jekyll adds to Liquid's own."""

import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, quote_plus

from liquid import RenderContext, TokenStream
from liquid.builtin.expressions import BooleanExpression, tokenize
from liquid.builtin.filters.misc import date as liquid_date
from liquid.filter import string_filter, with_context, with_environment
from liquid.stringify import to_liquid_string
from liquid.token import TOKEN_EXPRESSION, Token
from liquid.undefined import is_undefined

from builder.slugs import hyphenated

_SUFFIXES = {1: "st", 2: "nd", 3: "rd"}
_PADDED = {"e": "d", "l": "I", "k": "H"}


@with_environment
def _relative_url(value: object, *, environment: Any) -> str:
    return _below_base(value, environment)


@with_environment
def _absolute_url(value: object, *, environment: Any) -> str:
    path = _below_base(value, environment)
    return f"{environment.site.config.url}{path}" if path.startswith("/") else path


def _below_base(value: object, language: Any) -> str:
    path = to_liquid_string(value, autoescape=False)
    base: str = language.site.config.base_path
    if re.match(r"[a-z][a-z0-9+.-]*:|//", path):
        return path
    whole = path if path.startswith("/") else f"/{path}"
    is_whole = base and (whole == base or whole.startswith(f"{base}/"))
    return whole if is_whole else base + whole


@with_environment
def _date(value: object, form: object = None, *, environment: Any) -> str:
    return _formatted(value, form, environment)


def _formatted(value: object, form: object, language: Any) -> str:
    """Liquid's own, but that no clock is read, and that Ruby's forms without zeros are known."""
    if value in ("now", "today"):
        value = language.site.variables["time"]
    if not isinstance(value, date | str | int):
        return ""
    if form is None or is_undefined(form):
        return str(value)

    def bare(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        number = _liquid_date(value, f"%{_PADDED.get(match[1], match[1])}", language)
        return number.lstrip("0 ") or "0"

    return _liquid_date(
        value, re.sub(r"%(?:-(?=[a-zA-Z])|(?=e))([a-zA-Z])", bare, str(form)), language
    )


def _liquid_date(value: object, form: str, language: Any) -> str:
    return str(liquid_date(value, form, environment=language))


@with_environment
def _date_to_rfc822(value: object, *, environment: Any) -> str:
    zone = "%z" if isinstance(value, datetime) and value.tzinfo else "+0000"
    return _formatted(value, f"%a, %d %b %Y %H:%M:%S {zone}", environment)


@with_environment
def _date_to_xmlschema(value: object, *, environment: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return _formatted(value, "%Y-%m-%dT%H:%M:%S+00:00", environment)


@with_environment
def _date_to_string(value: object, *style: object, environment: Any) -> str:
    return _in_words(value, "%b", style, environment)


@with_environment
def _date_to_long_string(value: object, *style: object, environment: Any) -> str:
    return _in_words(value, "%B", style, environment)


def _in_words(value: object, month: str, style: Sequence[object], language: Any) -> str:
    """`23 Nov 2026`; by `"ordinal"` `23rd Nov 2026`, in the American way `Nov 23rd, 2026`."""
    told = _formatted(value, f"%d {month} %Y", language)
    if "ordinal" not in style or len(told.split()) != 3:
        return told
    day, name, year = told.split()
    number = int(day)
    suffix = "th" if 10 < number < 14 else _SUFFIXES.get(number % 10, "th")
    ordinal = f"{number}{suffix}"
    return f"{name} {ordinal}, {year}" if "US" in style else f"{ordinal} {name} {year}"


@string_filter
def _slugify(text: str, mode: object = "default") -> str:
    if mode == "none":
        return text
    if mode == "raw":
        return re.sub(r"\s+", "-", text).strip("-").lower()
    if mode == "latin":
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    if mode in ("ascii", "latin"):
        text = re.sub("[^A-Za-z0-9]+", "-", text)
    return hyphenated(text, "_.~!$&'()+,;=@" if mode == "pretty" else "").strip("-").lower()


def jsonify(value: object) -> str:
    """Any value as JSON, whose keys are text: in data, they may be dates."""
    told = None if is_undefined(value) else _with_known_keys(value)
    return json.dumps(told, default=str, ensure_ascii=False)


def _with_known_keys(value: object) -> object:
    """A value in which what JSON does not know as a key is text."""
    if isinstance(value, list | tuple):
        return [_with_known_keys(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key if key is None or isinstance(key, str | int | float) else str(key): _with_known_keys(v)
        for key, v in value.items()
    }


@string_filter
def _number_of_words(text: str, *_mode: object) -> int:
    return len(text.split())


def _sentence(words: object, connector: object = "and") -> str:
    texts = [to_liquid_string(word, autoescape=False) for word in _items(words)]
    if len(texts) < 3:
        return f" {connector} ".join(texts)
    return f"{', '.join(texts[:-1])}, {connector} {texts[-1]}"


def _group_by(items: object, key: object) -> list[dict[str, object]]:
    groups: dict[str, list[object]] = {}
    for item in _items(items):
        name = item.get(key, "") if isinstance(item, Mapping) else ""
        groups.setdefault(to_liquid_string(name, autoescape=False), []).append(item)
    return [
        {"name": name, "items": members, "size": len(members)} for name, members in groups.items()
    ]


@with_context
def _where_exp(items: object, name: object, condition: object, *, context: RenderContext) -> object:
    return [item for item, holds in _tried(items, name, condition, context) if holds]


@with_context
def _find_exp(items: object, name: object, condition: object, *, context: RenderContext) -> object:
    return next((item for item, holds in _tried(items, name, condition, context) if holds), None)


def _tried(
    items: object, name: object, condition: object, context: RenderContext
) -> Iterator[tuple[object, object]]:
    """Each item, with what an expression says of it."""
    token = Token(TOKEN_EXPRESSION, str(condition), 0, str(condition))
    expression = BooleanExpression.parse(context.env, TokenStream(tokenize(token.value, token)))
    for item in _items(items):
        with context.extend({str(name): item}):
            yield item, expression.evaluate(context)


def _where(items: object, key: object, wanted: object = None) -> list[object]:
    """Those whose value is `wanted`, or a list that holds it."""
    kept = []
    for item in _items(items):
        value = item.get(key) if isinstance(item, Mapping) else None
        is_there = value is not None if wanted is None else value == wanted
        if is_there or (isinstance(value, list) and wanted in value):
            kept.append(item)
    return kept


@with_environment
def _markdownify(text: object, *, environment: Any) -> str:
    return str(environment.site.to_html(to_liquid_string(text, autoescape=False)))


def _items(value: object) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values() if not is_undefined(value) else ()
    return value if isinstance(value, list | tuple | range) else ()


def _without_last(items: list[object], count: int) -> list[object]:
    return items[: max(len(items) - count, 0)]


def _xml_escape(text: str) -> str:
    return html.escape(text)


def _cgi_escape(text: str) -> str:
    return quote_plus(text)


def _to_integer(value: object) -> int:
    try:
        return int(float(str(value)))
    except (ValueError, OverflowError):
        return 0


FILTERS: dict[str, Callable[..., object]] = {
    "relative_url": _relative_url,
    "absolute_url": _absolute_url,
    "date": _date,
    "date_to_string": _date_to_string,
    "date_to_long_string": _date_to_long_string,
    "date_to_xmlschema": _date_to_xmlschema,
    "date_to_rfc822": _date_to_rfc822,
    "slugify": _slugify,
    "jsonify": jsonify,
    "inspect": jsonify,
    "markdownify": _markdownify,
    "number_of_words": _number_of_words,
    "array_to_sentence_string": _sentence,
    "group_by": _group_by,
    "where": _where,
    "where_exp": _where_exp,
    "find_exp": _find_exp,
    "to_integer": _to_integer,
    "xml_escape": string_filter(_xml_escape),
    "cgi_escape": string_filter(_cgi_escape),
    "uri_escape": string_filter(lambda text: quote(text, safe="%/:=&?~#+!$,;'@()*[]")),
    "normalize_whitespace": string_filter(lambda text: " ".join(text.split())),
    "smartify": string_filter(lambda text: text),
    "strip_index": string_filter(lambda text: text.removesuffix("index.html")),
    "push": lambda items, item: [*_items(items), item],
    "pop": lambda items, count=1: _without_last(list(_items(items)), int(count)),
    "shift": lambda items, count=1: list(_items(items))[int(count) :],
    "unshift": lambda items, item: [item, *_items(items)],
    # Of several, always the same one: a site is built twice with the same bytes.
    "sample": lambda items: next(iter(_items(items)), None),
}
