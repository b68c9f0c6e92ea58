"""Headings that have an id of the author's, with the words that references to them show."""

import html
import re

from builder.model import Formula, InlineValue, ParsedPost, Part, Prose, Values
from builder.render.markdown import Converter
from builder.render.tokens import Insert, Tokens

_START = r"^(?: {0,3}>)* {0,3}"
_ID = r"\{:?[^{}\n]*#(?P<name>[\w-]+)[^{}\n]*\}"
_MARKED = re.compile(
    rf"{_START}#{{1,6}}[ \t]+(?P<words>.*?)(?:\n[ >]*)?{_ID}[ \t]*#*[ \t]*$", re.MULTILINE
)
_UNDERLINED = re.compile(
    rf"{_START}(?P<words>[^\s>#{{][^\n{{]*){_ID}[ \t]*\n[ >]*(?:=+|-+)[ \t]*$", re.MULTILINE
)
_TAG = re.compile("<[^>]*>")


def headings_of(parsed: ParsedPost, values: Values, converter: Converter) -> dict[str, str]:
    """The words of headings, as plain text, by their ids; only those of `sec-…` are asked for.

    Args:
        parsed: the post.
        values: those that stand in headings.
        converter: takes the markup out of words.
    """
    tokens = Tokens()
    text = "".join(_text(part, values, tokens) for part in parsed.parts)
    found = [match for form in (_MARKED, _UNDERLINED) for match in form.finditer(text)]

    def plain(words: str) -> str:
        page = converter.convert([(Prose(f"# {words}"), None)], str)
        return tokens.to_text(html.unescape(_TAG.sub("", page)).strip())

    return {
        match["name"]: plain(match["words"]) if match["name"].startswith("sec-") else ""
        for match in found
    }


def _text(part: Part, values: Values, tokens: Tokens) -> str:
    match part:
        case Prose(text):
            return tokens.escape(text)
        case Formula(tex=tex):
            return tokens.add(Insert("", "", tex.strip()))
        case InlineValue():
            return tokens.add(Insert("", "", values.say(part)))
        case _:
            return "\n"
