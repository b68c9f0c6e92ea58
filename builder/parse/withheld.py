"""A post by somebody who is not trusted: all of it is shown, and nothing runs."""

from dataclasses import replace

from builder.model import Caption, CodeBlock, InlineValue, ParsedPost, Part, Prose

_NOT_RUN = Prose("Not run. ")


def withheld(post: ParsedPost) -> ParsedPost:
    """The post with its blocks shown and marked as not run, and its values as they are written."""
    return replace(
        post,
        parts=tuple(map(_shown, post.parts)),
        title=_as_written(post.title),
        front_values=(),
    )


def _shown(part: Part) -> Part:
    match part:
        case InlineValue():
            return _written(part)
        case CodeBlock():
            return replace(
                part,
                options=replace(part.options, eval=False, echo=True, include=True),
                caption=_as_written(part.caption),
                subcaptions=tuple(map(_as_written, part.subcaptions)),
                table_caption=_as_written(part.table_caption),
                listing_caption=(_NOT_RUN, *_as_written(part.listing_caption)),
                alt_values=(),
            )
        case _:
            return part


def _as_written(caption: Caption) -> Caption:
    return tuple(_written(part) if isinstance(part, InlineValue) else part for part in caption)


def _written(value: InlineValue) -> Prose:
    return Prose(f"`{{python}} {value.expression}`")
