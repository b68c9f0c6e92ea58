"""What the `#| key: value` lines of a code block say, validated."""

from dataclasses import dataclass
from itertools import product
from typing import Literal

Scalar = int | float | str | bool
Setting = tuple[tuple[str, Scalar], ...]
"""A value for each name of a sweep."""


def tell_scalar(value: Scalar) -> str:
    """A value as YAML writes it."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def tell_setting(setting: Setting) -> str:
    """`lr = 0.1, layers = 2`."""
    return ", ".join(f"{name} = {tell_scalar(value)}" for name, value in setting)


ANY_ERROR = "Exception"
"""What `#| error: true` expects: every error is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """How like the accepted result a new one of the same code must be."""

    kind: Literal["close", "exact", "anything"] = "close"
    relative: float = 1e-6
    """Of two numbers that are close, the most that they differ by, as a part of the larger."""

    absolute: float = 0.0
    """They may differ by so much in any case."""


CLOSE = Expectation()
"""What holds where nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockOptions:
    """The `#| key: value` lines of a code block, validated."""

    label: str | None = None
    echo: bool = True
    eval: bool = True
    output: bool = True
    include: bool = True
    timeout_s: float | None = None
    memory_mb: int | None = None
    processes: int | None = None
    output_limit: int | None = None
    depends: tuple[str, ...] = ()
    """Files that the block uses in ways that cannot be seen, relative to the post's folder."""

    is_kept: bool = True
    """False for a block that runs in every build."""

    seed: int | None = None
    """Seeds every generator before the block runs."""

    expected_error: str | None = None
    """The exception that the block must raise; `ANY_ERROR` for whichever."""

    fig_width_in: float | None = None
    fig_height_in: float | None = None
    fig_format: Literal["svg", "png"] | None = None
    """None where the size of the drawing decides."""

    fig_dpi: int | None = None
    """Dots an inch of figures that are made of dots."""

    sweep: tuple[tuple[str, tuple[Scalar, ...]], ...] = ()
    """Names with the values that each takes in turn, the one that is gone on with first."""

    warning: bool = True
    """Whether standard error is shown."""

    has_stdout: bool = True
    output_fold: bool = False
    """Whether what it gives is folded away."""

    code_fold: Literal["no", "closed", "open"] = "no"
    code_summary: str = "Code"
    filename: str | None = None
    classes: tuple[str, ...] = ()
    fig_cap: str | None = None
    tbl_cap: str | None = None
    lst_cap: str | None = None
    fig_subcap: tuple[str, ...] = ()
    layout_ncol: int = 1
    fig_alt: tuple[str, ...] = ()
    emphasize_lines: tuple[int, ...] = ()
    """Lines of the code, counted below the options."""

    expect: Expectation = CLOSE
    """What a recheck takes as the same result."""

    running_time: bool = False
    """Whether readers are told how long the block ran."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Every combination of the values of a sweep; none without one."""
        names = [name for name, _ in self.sweep]
        combined = product(*(values for _, values in self.sweep)) if names else ()
        return tuple(tuple(zip(names, values, strict=True)) for values in combined)
