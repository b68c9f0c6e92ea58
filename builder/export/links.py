"""Where the links and references of a post lead from its Markdown, which lies beside its page."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from builder.export.markdown import escape, is_raw
from builder.model import (
    REFERENCE,
    Caption,
    CodeBlock,
    ParsedPost,
    Part,
    PostTarget,
    Prose,
    Reference,
    Target,
    references_in,
)
from builder.slugs import IN_SLUG

_LINK = re.compile(
    r"(?P<code>(?<!`)(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<before>\]\(<?|^[ >]*\[(?!\^)[^\]\n]+\]:[ \t]*<?"
    r"|<(?:a|img|source|video|audio)\b[^<>]*?\s(?:href|src)=[\"'])"
    r"(?P<to>[^\s()<>\"':#]+)(?P<rest>#[^\s()<>\"']*)?"
    rf"|\[\[\s*(?P<slug>{IN_SLUG}+)(?:#(?:{IN_SLUG}|:)+)?\s*(?:\|(?P<words>[^\[\]]*))?\]\]"
    r"|(?P<attributes>^[ \t>]*\{:[^}\n]*\}[ \t]*(?:\n|\Z))"
    rf"|{REFERENCE}",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class TextLinks:
    """Completes the links of one post.

    Args:
        parsed: the post.
        targets: all posts by their paths; links to their files lead to their texts.
        references: what can be referred to within the post, by names.
        base_path: below which the site is served.
    """

    parsed: ParsedPost
    targets: Mapping[str, PostTarget]
    references: Mapping[str, Target]
    base_path: str

    def completed(self) -> ParsedPost:
        """The post, its captions with their numbers, and without attribute lists."""
        return replace(self.parsed, parts=tuple(map(self._part, self.parsed.parts)))

    @cached_property
    def _by_slug(self) -> Mapping[str, PostTarget]:
        return {target.slug: target for target in self.targets.values()}

    def _part(self, part: Part) -> Part:
        match part:
            case Prose(text):
                return part if is_raw(text) else Prose(self._text(text))
            case CodeBlock():
                return replace(
                    part,
                    caption=self._caption(part.caption, part, "fig"),
                    subcaptions=tuple(map(self._caption, part.subcaptions)),
                    table_caption=self._caption(part.table_caption, part, "tbl"),
                    listing_caption=self._caption(part.listing_caption, part, "lst"),
                )
            case _:
                return part

    def _caption(self, caption: Caption, block: CodeBlock | None = None, kind: str = "") -> Caption:
        """A caption behind its number, if its block has one; the number alone stands, too."""
        target = self.references.get(block.options.label or "") if block else None
        number = target.words if target and target.kind == kind else ""
        words = tuple(
            Prose(self._text(part.text)) if isinstance(part, Prose) else part for part in caption
        )
        if not number:
            return words
        return (Prose(f"{number}: "), *words) if words else (Prose(number),)

    def _text(self, text: str) -> str:
        return _LINK.sub(self._resolved, text)

    def _resolved(self, match: re.Match[str]) -> str:
        if match["code"]:
            return match[0]
        if match["attributes"]:
            return ""
        if match["to"]:
            return self._destination(match)
        if match["slug"]:
            target = self._by_slug.get(match["slug"])
            words = (match["words"] or (escape(target.title) if target else "")).strip()
            return f"[{words}]({self._address(target)})" if target else match[0]
        return ", ".join(map(self._reference, references_in(match)))

    def _destination(self, match: re.Match[str]) -> str:
        base, to = self.base_path, match["to"]
        if to.startswith("/"):
            is_whole = to.startswith((f"{base}/", "//")) or to == base
            return match[0] if is_whole else f"{match['before']}{base}{to}{match['rest'] or ''}"
        path = posixpath.normpath(posixpath.join(self.parsed.source.folder, unquote(to)))
        target = self.targets.get(path)
        return f"{match['before']}{self._address(target)}" if target else match[0]

    def _reference(self, reference: Reference) -> str:
        target = self.references.get(reference.name)
        if target is None:
            return reference.written
        page = quote(f"{self.base_path}{self.parsed.address}")
        return f"[{escape(reference.told(target))}]({page}#{quote(target.anchor, safe=':')})"

    def _address(self, target: PostTarget) -> str:
        return quote(f"{self.base_path}/{text_path(target.address)}")


def text_path(address: str) -> PurePosixPath:
    """Where the Markdown of a post lies: `index.md`, or its page's name with `.md`."""
    page = PurePosixPath(f"{address}index" if address.endswith("/") else address)
    return PurePosixPath(str(page.with_suffix(".md")).lstrip("/"))
