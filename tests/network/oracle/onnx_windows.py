"""ONNX's operators that slide a window, as convolutions and poolings of this library."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from builder import network as nn
from tests.network.oracle.onnx_cases import Case, Expectation, NotOfferedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How a window slides, along one axis or two."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]

    before: tuple[int, ...]
    """The padding above and to the left."""

    after: tuple[int, ...]
    """The padding below and to the right."""

    @property
    def reach(self) -> tuple[int, ...]:
        """How many pixels lie between a window's ends, these included."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilations, strict=True))


def convolution(case: Case) -> Sequence[Expectation]:
    """Return the layer for a "Conv"."""
    W = case.given(1)
    window = _window_over_images(case, W.shape[2:])
    kind = nn.Conv2D if case.x.ndim == 4 else nn.Conv1D
    layer = kind(
        len(W),
        window.kernel,
        stride=window.strides,
        padding=_padding(window, [reach - 1 for reach in window.reach]),
        dilation=window.dilations,
        groups=case.attributes.get("group", 1),
        bias=case.optional(2) is not None,
    )
    return [_with_weights(case, layer)]


def transposed_convolution(case: Case) -> Sequence[Expectation]:
    """Return the layer for a "ConvTranspose"."""
    W = case.given(1)
    window = _window(case, W.shape[2:])
    if len(window.kernel) == 1:
        raise NotOfferedError("a transposed convolution of sequences")
    if any(case.attributes.get("output_padding", ())) or "output_shape" in case.attributes:
        raise NotOfferedError("more output than the kernels reach")
    # What is cut off for the output to be `stride` times as large as the input.
    totals = [max(0, reach - s) for reach, s in zip(window.reach, window.strides, strict=True)]
    groups = case.attributes.get("group", 1)
    layer = nn.ConvTranspose2D(
        W.shape[1] * groups,
        window.kernel,
        stride=window.strides,
        padding=_padding(_with_automatic_padding(case, window, totals), totals),
        dilation=window.dilations,
        groups=groups,
        bias=case.optional(2) is not None,
    )
    return [_with_weights(case, layer)]


def pooling(
    kind: type[nn.MaxPool2D] | type[nn.AvgPool2D],
) -> Callable[[Case], Sequence[Expectation]]:
    """Return the translation of a "MaxPool" or an "AveragePool"."""

    def translation(case: Case) -> Sequence[Expectation]:
        window = _window_over_images(case, case.attributes["kernel_shape"])
        if len(window.kernel) == 1:
            raise NotOfferedError("pooling of sequences")
        if set(window.dilations) != {1}:
            raise NotOfferedError("pooling with dilation")
        padding = {*window.before, *window.after}
        if max(len(each) for each in (set(window.kernel), set(window.strides), padding)) > 1:
            raise NotOfferedError("pooling that differs from side to side")
        size, stride, pad = window.kernel[0], window.strides[0], window.before[0]
        if pad > size // 2:
            raise NotOfferedError("padding of more than half the window")
        if kind is nn.AvgPool2D and pad and not case.attributes.get("count_include_pad", 0):
            raise NotOfferedError("a mean that leaves the padding out")
        layer = kind(size, stride, pad)
        _, *positions = layer.output_shape(case.x.shape[1:])
        if case.attributes.get("ceil_mode", 0) and positions != list(case.y.shape[2:]):
            raise NotOfferedError("a last window that reaches beyond the image")
        return [Expectation(layer=layer, x=case.x, y=case.y)]

    return translation


def _window(case: Case, kernel: Sequence[int]) -> Window:
    rank = len(kernel)
    if rank > 2:
        raise NotOfferedError("three dimensions")
    pads = tuple(case.attributes.get("pads", [0] * 2 * rank))
    return Window(
        kernel=tuple(kernel),
        strides=tuple(case.attributes.get("strides", [1] * rank)),
        dilations=tuple(case.attributes.get("dilations", [1] * rank)),
        before=pads[:rank],
        after=pads[rank:],
    )


def _window_over_images(case: Case, kernel: Sequence[int]) -> Window:
    """Return a window whose automatic padding makes ⌈size / stride⌉ positions."""
    window = _window(case, kernel)
    sizes = zip(case.x.shape[2:], window.strides, window.reach, strict=True)
    totals = [max(0, (-(-size // s) - 1) * s + reach - size) for size, s, reach in sizes]
    return _with_automatic_padding(case, window, totals)


def _with_automatic_padding(case: Case, window: Window, totals: Sequence[int]) -> Window:
    less = tuple(total // 2 for total in totals)
    more = tuple(total - total // 2 for total in totals)
    sides = {b"SAME_UPPER": (less, more), b"SAME_LOWER": (more, less)}
    given = window.before, window.after
    before, after = sides.get(case.attributes.get("auto_pad", b"NOTSET"), given)
    return replace(window, before=before, after=after)


def _padding(window: Window, totals: Sequence[int]) -> tuple[int, ...] | Literal["same"]:
    """Return a convolution's padding, whose "same" is so much in all."""
    if window.before == window.after:
        return window.before
    if window.before == tuple(total // 2 for total in totals) and window.after == tuple(
        total - total // 2 for total in totals
    ):
        return "same"
    raise NotOfferedError("padding that differs from side to side")


def _with_weights(case: Case, layer: nn.Layer) -> Expectation:
    W, b = case.given(1), case.optional(2)
    arrays = {"W": W} if b is None else {"W": W, "b": b}
    return Expectation(layer=layer, x=case.x, y=case.y, arrays=arrays)
