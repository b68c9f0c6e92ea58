"""How the property tests search: the same cases in every run."""

from hypothesis import HealthCheck, settings

SEARCH = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
