"""Run posts without publishing anything: those that are named, or one machine's share of all."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from builder.cache.clean import clean
from builder.cache.results import ResultCache
from builder.config import BuildOptions, Site
from builder.errors import Problem
from builder.execute.stage import Executor
from builder.listening import Listener
from builder.model import ParsedPost
from builder.report import BuildReport, in_order
from builder.services import only_build, open_services
from builder.session import posts_that_run, surroundings_of

_A_POST_S = 1.0
"""What a post takes where none has ever run."""


@dataclass(frozen=True, slots=True)
class Share:
    """One of several machines that run the posts of a site together."""

    number: int
    """From 1."""

    of: int


ALL = Share(1, 1)


def run(
    site: Site, options: BuildOptions, names: Sequence[str], share: Share, listener: Listener
) -> BuildReport:
    """Run what must run of posts, and keep what it gives for the next build.

    Args:
        site: what the posts are of.
        options: how to run them; nothing is written to the output folder.
        names: of posts; all that a build publishes where there are none.
        share: which of these are this machine's.
        listener: told what happens.

    Raises:
        SettingsError: no post has one of the names.
        SiteError: the folder for results, or a cluster, cannot be used.
    """
    started = time.perf_counter()
    problems: list[Problem] = []
    posts = posts_that_run(site, names, options, problems)
    with (
        only_build(site, listener),
        open_services(
            site, options.jobs, is_forking=options.is_forking, cluster=options.cluster
        ) as services,
    ):
        now = surroundings_of(site)
        results = ResultCache(services.store, now, site.config.output_limit)
        mine = share_of(posts, results, share)
        executor = Executor(site, services.pool, results, now, listener)
        done = list(executor.execute(mine, is_fresh=options.is_fresh, is_frozen=False))
        if any(execution.has_run for execution in done):
            clean(services.store, site.config.cache_size * 1_000_000, float("inf"))
    problems += (problem for execution in done for problem in execution.problems)
    return BuildReport(
        output=options.output,
        posts=len(mine),
        executed=sum(execution.has_run for execution in done),
        held_back=(),
        is_published=False,
        problems=in_order(problems),
        seconds=time.perf_counter() - started,
    )


def share_of(
    posts: Sequence[ParsedPost], results: ResultCache, share: Share
) -> Sequence[ParsedPost]:
    """The posts that one machine runs, so that all take about as long.

    Each post goes, the longest first, to the machine that has the least to do so far. So each
    machine finds the same shares by itself, where all begin with the same results.
    """
    known = [results.history(str(post.source.path)) for post in posts]
    seconds = [history.seconds for history in known if history]
    usual = fmean(seconds) if seconds else _A_POST_S
    costs = [history.seconds if history else usual for history in known]
    for place, post in enumerate(posts):
        if results.find(str(post.source.path), post.steps).reason is None:
            costs[place] = 0.0
    loads, mine = [0.0] * share.of, []
    for place in sorted(range(len(posts)), key=lambda n: (-costs[n], str(posts[n].source.path))):
        machine = loads.index(min(loads))
        loads[machine] += costs[place]
        if machine == share.number - 1:
            mine.append(place)
    return [posts[place] for place in sorted(mine)]
