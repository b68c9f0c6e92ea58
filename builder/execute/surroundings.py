"""What the blocks of a site may depend on, as it is now."""

import os

from builder.cache.dependencies import Surroundings
from builder.config import PROJECT, Site
from builder.execute.environment import post_environment


def surroundings_of(site: Site, *, is_sandboxed: bool = False) -> Surroundings:
    """Files, folders, variables and packages, as blocks of the site find them."""
    roots = {"site": site.content_root, "project": PROJECT}
    variables = post_environment(os.environ, is_sandboxed=is_sandboxed)
    return Surroundings(roots, variables, is_sandboxed=is_sandboxed)
