"""How the property tests search: the same cases in every run.

EXAMPLES says how many each tries; where it is set, they are others in every run.
"""

import os

from hypothesis import HealthCheck, settings

EXAMPLES = os.environ.get("EXAMPLES")

SEARCH = settings(
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    max_examples=int(EXAMPLES or 150),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

FEWER = settings(SEARCH, max_examples=int(EXAMPLES or 60))
"""Where each case is a whole post."""
