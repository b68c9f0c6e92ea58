"""Make a new post from the site's template for posts, `templates/_new-post.md`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from builder.config import PROJECT, Site
from builder.discover import find_posts
from builder.errors import SettingsError, did_you_mean
from builder.model import post_names
from builder.slugs import slug_of_title

_TEMPLATE = "templates/_new-post.md"
_FILLED_IN = re.compile(r"@(title|belongs|tags|date)@")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPost:
    """What is known of a post before it is written."""

    title: str
    day: date
    series: str | None = None
    after: Sequence[str] = ()
    """Slugs of the posts that it builds on."""

    tags: Sequence[str] = ()


def make_post(site: Site, post: NewPost) -> Path:
    """Write a new post into the site's `posts/`; its path.

    Raises:
        SettingsError: the title is no line of text, a post that it builds on is not known, or
            the file is there already.
    """
    title = " ".join(post.title.split())
    slug = slug_of_title(title)
    if not slug:
        raise SettingsError(f"title {post.title!r}: must have letters, for the post's address")
    known = {name for path in find_posts(site.posts) for name in post_names(path)}
    for name in post.after:
        if name not in known:
            near = did_you_mean(name, known)
            raise SettingsError(
                f"--after: no post is called {name!r}{f' ({near})' if near else ''}"
            )
    path = site.root / "posts" / f"{post.day}-{slug}.md"
    text = _FILLED_IN.sub(lambda match: _values(post, title)[match[1]], _template(site))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise SettingsError(f"{path} is there already (say another title or --date)") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}") from None
    return path


def _values(post: NewPost, title: str) -> Mapping[str, str]:
    belongs = f"series: {_scalar(post.series)}\n" if post.series else ""
    belongs += f"after: {_list(post.after)}\n" if post.after else ""
    return {
        "title": _scalar(title),
        "belongs": belongs,
        "tags": _list(post.tags),
        "date": post.day.isoformat(),
    }


def _scalar(text: str) -> str:
    """Text as YAML has it, in quotes where it would be something else without."""
    return _written({"k": " ".join(text.split())}).removeprefix("k: ")


def _list(values: Sequence[str]) -> str:
    return _written([" ".join(value.split()) for value in values], flow=True)


def _written(value: object, *, flow: bool = False) -> str:
    written: str = yaml.safe_dump(value, allow_unicode=True, width=10**6, default_flow_style=flow)
    return written.strip()


def _template(site: Site) -> str:
    for folder in (site.root, PROJECT):
        try:
            return (folder / _TEMPLATE).read_text(encoding="utf-8")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{folder / _TEMPLATE} cannot be read: {error}") from None
    raise SettingsError(f"{PROJECT / _TEMPLATE} is missing")
