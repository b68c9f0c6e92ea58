"""Posts that have run, for the tests of what is made of them."""

from builder.model import BlockResult, ExecutedPost, Output
from tests.unit.parse.posts import parse


def executed(body: str, *results: tuple[Output, ...], front: str = "title: SGD") -> ExecutedPost:
    """The post, where its steps gave `results`, in order."""
    parsed, problems = parse(body, front)
    assert problems == []
    return ExecutedPost(parsed, tuple(BlockResult(outputs, 0.1) for outputs in results))
