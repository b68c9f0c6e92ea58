"""A build from outside: opens what it needs, and loads the stages only when they are needed."""

import time
from dataclasses import replace

from builder.config import BuildOptions, Site
from builder.discover import read_sources
from builder.errors import Problem
from builder.report import BuildReport
from builder.services import Notify, Services, only_build, open_services
from builder.write import check_output

_RUNS = "{python}"


def build(site: Site, options: BuildOptions, notify: Notify) -> BuildReport:
    """Build a site with services of its own, while no other build of it runs.

    Raises:
        SiteError: the site as a whole cannot be built.
    """
    with only_build(site, notify), open_services(site, options.jobs) as services:
        return build_with(services, site, options, notify)


def build_with(
    services: Services, site: Site, options: BuildOptions, notify: Notify
) -> BuildReport:
    """Build a site with services that are open already.

    Raises:
        SiteError: the site as a whole cannot be built.
    """
    started = time.perf_counter()
    check_output(options.output.resolve())
    problems: list[Problem] = []
    sources = read_sources(site.content_root, site.posts, problems)
    if (options.is_fresh or services.store.is_empty) and any(_RUNS in s.text for s in sources):
        services.pool.warm()  # it takes longer than loading the stages, and goes on meanwhile
    from builder.pipeline import build_site  # noqa: PLC0415  # Markdown, Jinja and their kin

    report = build_site(site, sources, problems, options, services, notify)
    return replace(report, seconds=time.perf_counter() - started)
