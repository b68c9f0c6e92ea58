"""What the blocks of a site may depend on, as it is now."""

import os
from pathlib import Path

from builder.cache.dependencies import Surroundings
from builder.config import PROJECT, Site
from builder.execute.environment import post_environment


def surroundings_of(site: Site, *, is_sandboxed: bool = False) -> Surroundings:
    """Files, folders, variables and packages, as blocks of the site find them."""
    return surroundings_in(site.content_root, PROJECT, is_sandboxed=is_sandboxed)


def surroundings_in(site: Path, project: Path, *, is_sandboxed: bool) -> Surroundings:
    """The same, wherever the site lies, and what its posts import `builder` from."""
    roots = {"site": site, "project": project}
    variables = post_environment(os.environ, is_sandboxed=is_sandboxed)
    return Surroundings(roots, variables, is_sandboxed=is_sandboxed)
