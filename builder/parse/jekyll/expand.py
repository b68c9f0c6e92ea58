"""Run the Liquid of a post, before it is split into parts."""

from dataclasses import replace

from liquid.exceptions import LiquidError

from builder.errors import Problem
from builder.model import Origin, Places, Source, Stretch
from builder.parse.jekyll.braces import Guard
from builder.parse.jekyll.language import Language
from builder.parse.jekyll.site import JekyllSite, Outline
from builder.parse.jekyll.trace import TooLongError, Trace


def has_liquid(text: str) -> bool:
    """Whether there is anything in a text for Liquid to do."""
    return "{{" in text or "{%" in text


def run_liquid(post: Outline, body_start: int, site: JekyllSite, problems: list[Problem]) -> Source:
    """The post as Liquid leaves it, which knows what it was made from.

    Args:
        post: the post itself.
        body_start: where its text begins, behind the front matter.
        site: what it may refer to.
        problems: takes what is wrong; that is left out, or stays as it is.

    Raises:
        PostError: a file of data cannot be read.
    """
    source = post.source
    places = Places(source)
    language = Language(site, lambda offset: places.at(body_start + offset), problems)
    guard = Guard(source.text[body_start:], post.front.dollar, language.names)
    trace = Trace(guard.text)
    known = {
        "site": site.variables,
        "page": {**post.page(site.config), **site.neighbours(post)},
        "jekyll": {"environment": "production"},
    }
    try:
        template = language.from_string(guard.text)
        context = template.context_class(template, globals=template.make_globals(known))
        template.render_with_context(context, trace)
    except LiquidError as error:
        language.error(error)
        return source
    except (TooLongError, RecursionError):
        where = places.at(body_start)
        message = "Liquid writes too much, or is nested too deeply"
        problems.append(Problem(code="liquid-error", message=message, location=where))
        return source
    head = source.text[:body_start]
    stretches = (
        Stretch(0, 0, is_verbatim=True),
        *(
            Stretch(body_start + s.start, body_start + s.written_at, s.is_verbatim)
            for s in trace.stretches()
        ),
    )
    text = guard.undo(trace.getvalue())
    return replace(source, text=head + text, origin=Origin(source.text, stretches))
