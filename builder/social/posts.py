"""The social card of each post: what stands on it, and where it lies."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath

from builder.cache.store import Store
from builder.config import SiteConfig
from builder.dates import in_words
from builder.model import LateFile, PostPage
from builder.social.cards import CardJob, Drawers, card_png, draw_cards

_MEDIA_TYPES = {".svg": "image/svg+xml", ".jpg": "image/jpeg"}


def social_cards(
    posts: Sequence[PostPage], config: SiteConfig, store: Store, processes: int, drawers: Drawers
) -> Mapping[PurePosixPath, LateFile]:
    """The card of each post by the path of its file; those that are not known are drawn now.

    Raises:
        SiteError: one cannot be drawn.
    """
    jobs = {post.card.path: _job(post, config) for post in posts}
    draw_cards(list(jobs.values()), store, processes, drawers)
    return {
        post.card.path: LateFile(
            _path(post.card.address, jobs[post.card.path].key),
            jobs[post.card.path].key,
            partial(card_png, jobs[post.card.path], store, drawers),
        )
        for post in posts
    }


def _job(post: PostPage, config: SiteConfig) -> CardJob:
    card = post.card
    keys = dict(card.files)
    plot = card.plot.light if card.plot and card.plot.light in keys else None
    return CardJob(
        site_title=config.title,
        title=card.front.title,
        day=in_words(card.front.date),
        series=card.front.series,
        figure=(_media_type(plot), keys[plot]) if plot else None,
        load_figure=partial(_content, post, plot) if plot else bytes,
    )


def _path(address: str, key: str) -> PurePosixPath:
    folder = address.rpartition("/")[0].lstrip("/")
    return PurePosixPath(folder) / f"card-{key[:16]}.png"


def _content(post: PostPage, path: PurePosixPath) -> bytes:
    return next(file.content for file in post.load().files if file.path == path)


def _media_type(path: PurePosixPath) -> str:
    return _MEDIA_TYPES.get(path.suffix, f"image/{path.suffix.removeprefix('.')}")
