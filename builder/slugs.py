"""Words of any script as parts of names and addresses."""

import itertools
import unicodedata
from urllib.parse import quote

IN_SLUG = r"[^\s!-,/:-@\[-^`{-~]"
"""A character of a post's slug in a pattern, which has no name for marks: no space, no punctuation
of ASCII but `.`, `-` and `_`."""

LONGEST_PART = 240
"""Bytes of a part of an address: with what stands behind it, a file's name may have some 255."""

_LONGEST_SLUG = 120
"""Bytes of a slug that is made of a title."""


def has_long_part(address: str) -> bool:
    """Whether a part of an address is no name for a file."""
    return any(len(part.encode()) > LONGEST_PART for part in address.split("/"))


def quoted(address: str) -> str:
    """An address as it is written in a link, which HTML must escape."""
    return quote(address, safe="/+~!$&'()*,;=:@")


def slug_of_title(title: str) -> str:
    """As many words of a title as a file's name has room for; none if there is no letter."""
    slug = hyphenated(unicodedata.normalize("NFC", title).casefold(), "_").strip("-_")
    if len(slug.encode()) > _LONGEST_SLUG:
        cut = slug.encode()[: _LONGEST_SLUG + 1].decode(errors="ignore")
        slug = cut.rpartition("-")[0] or cut[:-1]
    return slug if any(map(str.isalnum, slug)) else ""


def hyphenated(text: str, kept: str = "") -> str:
    """Put a hyphen for each run of what is no letter, no digit and none of `kept`."""
    runs = itertools.groupby(text, lambda c: is_of_word(c) or c in kept)
    return "".join("".join(run) if is_kept else "-" for is_kept, run in runs)


def is_of_word(character: str) -> bool:
    """Whether it is a letter, a digit, or a mark: in many scripts, vowels are marks."""
    if character.isalnum():
        return True
    # Those that only choose how a character before them looks are none of a word.
    return unicodedata.category(character) in ("Mn", "Mc") and not _is_selector(character)


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f"
