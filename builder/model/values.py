"""What the steps of a post gave, found by the parts that ask for it."""

import re
from collections.abc import Iterable, Sequence

from builder.model.pages import ExecutedPost
from builder.model.post import INLINE_VALUE, CodeBlock, InlineValue, Trial, ValueGroup
from builder.model.results import BlockResult, Display, Pending


class Values:
    """What the steps of a post gave, by the parts that ask for it."""

    def __init__(self, executed: ExecutedPost) -> None:
        self._results: dict[int, list[BlockResult]] = {}
        # By identity: blocks that Liquid has repeated hold values that are equal.
        self._values: dict[int, Display] = {}
        self._pending: set[int] = set()
        for step, result in zip(executed.parsed.steps, executed.results, strict=False):
            match step:
                case CodeBlock():
                    self._results[id(step)] = [result]
                case Trial(block, _, is_branch):
                    # The last to run is the first of the settings.
                    place = len(self._results.get(id(block), ())) if is_branch else 0
                    self._results.setdefault(id(block), []).insert(place, result)
                case ValueGroup(group):
                    shown = (o for o in result.outputs if isinstance(o, Display))
                    self._values |= zip(map(id, group), shown, strict=False)
                    if any(isinstance(o, Pending) for o in result.outputs):
                        self._pending |= set(map(id, group))

    def results(self, block: CodeBlock) -> Sequence[BlockResult]:
        """What a block gave, each time that it ran, in the order of its settings."""
        return self._results.get(id(block), ())

    def display(self, value: InlineValue) -> Display | None:
        """What stands in the text for a value; None if it was never evaluated."""
        return self._values.get(id(value))

    def is_pending(self, value: InlineValue) -> bool:
        """Whether a value will be known when blocks have run that run now."""
        return id(value) in self._pending

    def say(self, value: InlineValue) -> str:
        """A value as plain text; its source where it was never evaluated."""
        display = self.display(value)
        if display is None:
            return f"`{{python}} {value.expression}`"
        return next(iter(display.content.values())).decode()

    def fill(self, text: str, values: Iterable[InlineValue]) -> str:
        """A plain text with its values put in.

        Args:
            text: as the author wrote it.
            values: those that stand in it.
        """
        by_expression = {value.expression: value for value in values}

        def shown(match: re.Match[str]) -> str:
            value = by_expression.get(match[1].strip())
            return self.say(value) if value else match[0]

        return INLINE_VALUE.sub(shown, text)
