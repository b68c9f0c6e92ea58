"""What the steps of a post gave, found by the parts that ask for it."""

import re

from builder.model import (
    INLINE_VALUE,
    BlockResult,
    CodeBlock,
    Display,
    ExecutedPost,
    InlineValue,
    Trial,
    ValueGroup,
)


class Values:
    """Results of one post by its blocks, and displays by its inline values."""

    def __init__(self, executed: ExecutedPost) -> None:
        self._results: dict[int, BlockResult] = {}
        self._displays: dict[InlineValue, Display] = {}
        self._by_expression: dict[str, Display] = {}
        for step, result in zip(executed.parsed.steps, executed.results, strict=False):
            match step:
                case CodeBlock():
                    self._results[id(step)] = result
                case Trial(block, _, False):
                    self._results[id(block)] = result
                case ValueGroup(group):
                    shown = (o for o in result.outputs if isinstance(o, Display))
                    found = dict(zip(group, shown, strict=False))
                    self._displays |= found
                    self._by_expression |= {v.expression: d for v, d in found.items()}
                case _:
                    pass

    def result(self, block: CodeBlock) -> BlockResult | None:
        """What a block gave when the post went on from it; None if it never ran."""
        return self._results.get(id(block))

    def display(self, value: InlineValue) -> Display | None:
        """What stands in the text for a value; None if it was never evaluated."""
        return self._displays.get(value)

    def fill(self, text: str) -> str:
        """A plain text with its values put in."""

        def shown(match: re.Match[str]) -> str:
            display = self._by_expression.get(match[1].strip())
            return next(iter(display.content.values())).decode() if display else match[0]

        return INLINE_VALUE.sub(shown, text)
