"""A build from outside: sees whether anything must be done, and loads the stages only then."""

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from builder.cache.clean import clean
from builder.cache.dependencies import Surroundings
from builder.cache.manifest import Inputs, Outcome, find_manifest, keep_manifest, look_at
from builder.cache.store import Store
from builder.config import CACHE, PROJECT, Site
from builder.discover import read_sources
from builder.errors import Location, PostError, Problem, SettingsError, did_you_mean, note
from builder.execute.surroundings import surroundings_of
from builder.listening import Listener
from builder.model import ParsedPost, Source
from builder.options import BuildOptions
from builder.report import BuildReport, from_json, to_json
from builder.write import prepare_output

if TYPE_CHECKING:  # loading these takes longer than a build with nothing to do
    from builder.pipeline import Built, Exported
    from builder.services import Services

_RUNS = "{python}"


def build(site: Site, options: BuildOptions, listener: Listener) -> BuildReport:
    """Build a site with services of its own, while no other build of it runs.

    Args:
        site: what to build.
        options: how.
        listener: told what happens.

    Raises:
        SiteError: the site as a whole cannot be built.
    """
    started = time.perf_counter()
    if site.posts != site.root / "posts":
        listener.announce(f"{site.root} has no folder 'posts': the project's own posts are built")
    with listener.stage("compare"):
        report = unchanged(site, options)
    report = report or _build(site, options, listener)
    return replace(report, seconds=time.perf_counter() - started)


def rebuild(services: "Services", site: Site, options: BuildOptions, listener: Listener) -> "Built":
    """Build a site with services that are open already, while no other build of it runs.

    Raises:
        SiteError: the site as a whole cannot be built.
        InterruptedBuildError: the services' interrupt was set while blocks ran.
    """
    from builder.services import only_build  # noqa: PLC0415  # as below

    started = time.perf_counter()
    with only_build(site, listener):
        built = _build_and_remember(services, site, options, listener)
    report = replace(built.report, seconds=time.perf_counter() - started)
    return replace(built, report=report)


def paths_used(site: Site, built: "Built") -> list[Path]:
    """The files and folders that the blocks of a build are known to use, those that failed, too."""
    now = surroundings_of(site)
    on_disk = (name for name in built.dependencies if name.startswith(("file:", "folder:")))
    return [*(Path(now.path(name)) for name in on_disk), *map(Path, built.used_in_vain)]


def build_with(
    services: "Services", site: Site, options: BuildOptions, listener: Listener
) -> "Built":
    """Build a site with services that are open already.

    Raises:
        SiteError: the site as a whole cannot be built.
    """
    prepare_output(options.output.resolve())
    problems: list[Problem] = []
    with listener.stage("read"):
        sources = read_sources(site.content_root, site.posts, problems)
    may_all_run = (options.is_fresh or services.store.is_empty) and not options.is_frozen
    if may_all_run and not site.config.untrusted and any(_RUNS in s.text for s in sources):
        services.pool.warm()  # it takes longer than loading the stages, and goes on meanwhile
    with listener.stage("load"):
        from builder.pipeline import build_site  # noqa: PLC0415  # Markdown, Jinja and their kin

    return build_site(site, sources, problems, options, services, listener)


def unchanged(site: Site, options: BuildOptions) -> BuildReport | None:
    """What the last build told, where another one would give just the same."""
    if options.is_fresh:
        return None
    now = surroundings_of(site, is_sandboxed=options.is_sandboxed)
    told = find_manifest(Store(site.root / CACHE), _inputs(site, options, now), now)
    return from_json(told, options.output) if told is not None else None


def _build(site: Site, options: BuildOptions, listener: Listener) -> BuildReport:
    with listener.stage("load"):
        from builder.services import only_build, open_services  # noqa: PLC0415  # as below

    with only_build(site, listener):
        with listener.stage("compare"):
            # A build that this one has waited for may have done it all.
            report = unchanged(site, options)
        if report is not None:
            return report
        with (
            listener.stage("processes"),  # what is left of it: their start and their end
            open_services(site, options.running) as services,
        ):
            return _build_and_remember(services, site, options, listener).report


def _build_and_remember(
    services: "Services", site: Site, options: BuildOptions, listener: Listener
) -> "Built":
    """Build, and know in the next build what this one was made from."""
    with listener.stage("compare"):
        now = surroundings_of(site, is_sandboxed=options.is_sandboxed)
        inputs = _inputs(site, options, now)
        before = look_at(inputs)
    built = build_with(services, site, options, listener)
    if built.report.is_published:
        listener.published()
    if built.report.errors == 0 and built.is_repeatable:
        until = built.due - timedelta(days=1) if built.due else date.max
        outcome = Outcome(
            dependencies=built.dependencies,
            keys=built.keys,
            valid_until=until.isoformat(),
            report=to_json(built.report),
        )
        with listener.stage("keep"):
            keep_manifest(services.store, inputs, before, now, outcome)
    if built.report.executed:
        with listener.stage("clean"):
            clean(services.store, site.config.cache_size * 1_000_000, float("inf"))
    return built


def explain(site: Site, options: BuildOptions, name: str) -> tuple[str, ...]:
    """Say for each block of the posts that `name` names whether it would run, and why.

    Raises:
        SettingsError: no post has this name.
        PostError: the post cannot be parsed.
    """
    from builder.pipeline import explain_post  # noqa: PLC0415  # as above
    from builder.reading import Reader  # noqa: PLC0415  # as above

    sources = read_sources(site.content_root, site.posts, [])
    wanted = named(sources, name)
    now = surroundings_of(site)
    reader, store = Reader(site, sources, options), Store(site.root / CACHE)
    return tuple(line for source in wanted for line in explain_post(source, reader, store, now))


def export(
    site: Site, options: BuildOptions, name: str, form: str, listener: Listener
) -> "tuple[Source, Exported]":
    """A post in the form `ipynb` or `py`, run as far as its results are not known.

    Raises:
        SettingsError: no post has this name, or several have it.
        PostError: the post cannot be parsed.
    """
    from builder.pipeline import export_post  # noqa: PLC0415  # as above
    from builder.reading import Reader  # noqa: PLC0415  # as above
    from builder.services import only_build, open_services  # noqa: PLC0415  # as above

    sources = read_sources(site.content_root, site.posts, [])
    source, *others = named(sources, name)
    if others:
        paths = ", ".join(str(each.path) for each in (source, *others))
        raise SettingsError(f"several posts are called {name!r}: name one of {paths}")
    opened = open_services(site, options.running)
    with only_build(site, listener), opened as services:
        reader = Reader(site, sources, options)
        return source, export_post(source, reader, form, services, listener)


def posts_that_run(
    site: Site, names: Sequence[str], options: BuildOptions, problems: list[Problem]
) -> list[ParsedPost]:
    """The posts that are named, or all that a build publishes, where something runs in them.

    Args:
        site: what they are of.
        names: as `named` understands them.
        options: say which posts a build publishes.
        problems: those of posts that cannot be read are added.

    Raises:
        SettingsError: no post has one of the names.
    """
    from builder.reading import Reader, is_shown  # noqa: PLC0415  # as above

    sources = read_sources(site.content_root, site.posts, problems)
    reader = Reader(site, sources, options)
    chosen = {str(s.path): s for name in names for s in named(sources, name)}
    posts = []
    for source in chosen.values() if names else sources:
        try:
            post = reader.parse(source, [])
        except PostError as error:
            problems.append(error.problem)
            continue
        if post.steps and (names or is_shown(post.front, options)):
            posts.append(post)
        elif names:
            problems.append(note("nothing-runs", "nothing in it runs", Location(source.path)))
    return posts


def named(sources: Sequence[Source], name: str) -> list[Source]:
    """The posts that `name` names: by path, file, slug or folder.

    Raises:
        SettingsError: there is none.
    """
    wanted = [
        s
        for s in sources
        if name in (str(s.path), s.path.name, s.path.stem, s.slug, s.path.parent.name)
    ]
    if not wanted:
        near = did_you_mean(name, {s.slug for s in sources})
        raise SettingsError(f"no post is called {name!r}{f' ({near})' if near else ''}")
    return wanted


def _inputs(site: Site, options: BuildOptions, now: Surroundings) -> Inputs:
    """All that a build is made from, this program among it."""
    names = ("templates", "assets", "_includes", "_data", "pyproject.toml")
    own = (site.root / name for name in names)
    project = (PROJECT / name for name in ("templates", "assets", "builder", "pyproject.toml"))
    folders: tuple[Path, ...] = (site.posts, site.assets, *own, *project)
    flags = replace(
        options,
        output=Path(),
        today=date.min,
        jobs=None,
        is_forking=True,
        is_fresh=False,
        cluster=None,
        is_sandboxed=False,  # where it makes a difference, it is among the dependencies
    )
    return Inputs(
        options=f"{flags!r} {site.config!r} {site.posts} {sys.version} {now.installed}",
        folders=tuple(dict.fromkeys(folders)),
        output=options.output,
        today=options.today.isoformat(),
    )
