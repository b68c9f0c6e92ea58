"""Layers for vectors, sequences and images, and their ways back, against PyTorch's."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest

from builder import network as nn
from builder.network.arrays import Array
from tests.network.oracle.agreement import ROUNDING_OF_FLOAT32
from tests.network.oracle.twins import Draw, Twin, assert_twins_agree, torch

pytestmark = [
    pytest.mark.oracle,
    # PyTorch's remark on its own speed, where an even kernel keeps the size.
    pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning"),
]

F = torch.nn.functional


def sliding(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    return lambda x, W, b=None: function(x, W, b, **options)


def drawn_windows(count: int) -> Iterator[Twin]:
    """Draw convolutions with every option there is, each with an image that fits."""
    rng = np.random.default_rng(11)

    def pair(low: int, high: int) -> tuple[int, int]:
        return int(rng.integers(low, high)), int(rng.integers(low, high))

    for _ in range(count):
        kernel, stride, dilation, padding = pair(1, 5), pair(1, 4), pair(1, 4), pair(0, 3)
        groups, per_group, filters = (int(each) for each in rng.integers(1, 4, 3))
        least = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
        size = [each + int(rng.integers(0, 6)) for each in least]
        shape = (int(rng.integers(1, 4)), groups * per_group, *size)
        options: dict[str, Any] = {
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "groups": groups,
        }
        bias = bool(rng.integers(2))
        layer = nn.Conv2D(groups * filters, kernel, bias=bias, **options)
        yield Twin(layer, sliding(F.conv2d, **options), shape)
        line: dict[str, Any] = {
            name: each if isinstance(each, int) else each[1] for name, each in options.items()
        }
        yield Twin(
            nn.Conv1D(groups * filters, kernel[1], bias=bias, **line),
            sliding(F.conv1d, **line),
            (*shape[:2], shape[3]),
        )
        # What is cut off must leave something.
        options["padding"] = tuple(min(p, k // 2) for p, k in zip(padding, least, strict=True))
        yield Twin(
            nn.ConvTranspose2D(groups * filters, kernel, bias=bias, **options),
            sliding(F.conv_transpose2d, **options),
            shape,
        )


def normalizing(
    function: Callable[..., Any], *arguments: Any, **options: Any
) -> Callable[..., Any]:
    return lambda x, gamma, beta: function(x, *arguments, weight=gamma, bias=beta, **options)


def batch_norm(training: bool, momentum: float = 0.1, eps: float = 1e-5) -> Callable[..., Any]:
    def reference(x: Any, gamma: Any, beta: Any, running_mean: Any, running_var: Any) -> Any:
        return F.batch_norm(
            x, running_mean, running_var, gamma, beta, training, momentum=momentum, eps=eps
        )

    return reference


def grid_points(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Draw numbers of which many are equal and half are 0, as images after a ReLU."""
    return np.maximum(np.round(rng.standard_normal(shape)), 0)


def all_equal(_rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return np.zeros(shape)


def far_from_zero(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return 1000 + rng.standard_normal(shape)


DENSE = [
    Twin(nn.Dense(4), lambda x, W, b: F.linear(x, W.T, b), (5, 3)),
    Twin(nn.Dense(1), lambda x, W, b: F.linear(x, W.T, b), (1, 1)),
    Twin(nn.Dense(4), lambda x, W, b: F.linear(x, W.T, b), (2, 5, 3)),
    Twin(nn.Dense(3), lambda x, W, b: F.linear(x, W.T, b), (2, 3, 4, 5)),
    Twin(nn.Dense(4, bias=False), lambda x, W: F.linear(x, W.T), (5, 3)),
    Twin(nn.Dense(4, bias=False), lambda x, W: F.linear(x, W.T), (2, 5, 3)),
    Twin(nn.Dense(64), lambda x, W, b: F.linear(x, W.T, b), (32, 300)),
]

ACTIVATIONS: dict[nn.Layer, Callable[[Any], Any]] = {
    nn.Tanh(): torch.tanh,
    nn.Sigmoid(): torch.sigmoid,
    nn.ReLU(): F.relu,
    nn.LeakyReLU(): F.leaky_relu,
    nn.LeakyReLU(0.2): lambda x: F.leaky_relu(x, 0.2),
    nn.LeakyReLU(0.0): lambda x: F.leaky_relu(x, 0.0),
    nn.ELU(): F.elu,
    nn.ELU(0.3): lambda x: F.elu(x, 0.3),
    nn.ELU(2.5): lambda x: F.elu(x, 2.5),
    nn.GELU(): lambda x: F.gelu(x, approximate="tanh"),
    nn.SiLU(): F.silu,
    # F.softplus takes x itself above a threshold, by default 20, where that is 2e-9 off.
    nn.Softplus(): lambda x: torch.logaddexp(x, torch.zeros_like(x)),
    nn.Softmax(): lambda x: F.softmax(x, dim=-1),
}

ELEMENTWISE = [
    Twin(layer, reference, shape)
    for layer, reference in ACTIVATIONS.items()
    for shape in [(6, 7), (2, 3, 4, 5)]
]

CONVOLUTIONS = [
    Twin(nn.Conv1D(4, 3), sliding(F.conv1d), (2, 3, 9)),
    Twin(nn.Conv1D(4, 5, padding=2), sliding(F.conv1d, padding=2), (2, 3, 1)),
    Twin(nn.Conv1D(4, 3, padding="same"), sliding(F.conv1d, padding="same"), (2, 3, 9)),
    Twin(nn.Conv1D(4, 4, padding="same"), sliding(F.conv1d, padding="same"), (2, 3, 9)),
    Twin(
        nn.Conv1D(4, 2, padding="same", dilation=3),
        sliding(F.conv1d, padding="same", dilation=3),
        (2, 3, 9),
    ),
    Twin(nn.Conv2D(4, 3), sliding(F.conv2d), (2, 3, 6, 5)),
    Twin(nn.Conv2D(4, 3, padding="same"), sliding(F.conv2d, padding="same"), (2, 3, 6, 5)),
    Twin(nn.Conv2D(4, (2, 5), padding="same"), sliding(F.conv2d, padding="same"), (2, 3, 6, 5)),
    Twin(
        nn.Conv2D(4, (4, 3), padding="same", dilation=(1, 2), groups=2),
        sliding(F.conv2d, padding="same", dilation=(1, 2), groups=2),
        (2, 6, 7, 5),
    ),
    Twin(
        nn.Conv2D(8, 3, groups=4, padding=1), sliding(F.conv2d, groups=4, padding=1), (2, 4, 5, 5)
    ),
    # Batches that are worked on in several blocks: of images large and small, and the last
    # block shorter than the others.
    Twin(nn.Conv2D(3, 5, stride=2), sliding(F.conv2d, stride=2), (5, 16, 41, 40)),
    Twin(nn.Conv2D(4, 5), sliding(F.conv2d), (40, 6, 10, 10)),
    Twin(
        nn.Conv2D(4, 5, stride=2, groups=2), sliding(F.conv2d, stride=2, groups=2), (70, 6, 14, 13)
    ),
    Twin(nn.Conv2D(4, 3), sliding(F.conv2d), (50, 3, 14, 14)),
    Twin(nn.Conv2D(4, 3), sliding(F.conv2d), (50, 3, 14, 15)),
    Twin(nn.Conv1D(4, 3), sliding(F.conv1d), (300, 6, 30)),
    Twin(nn.ConvTranspose2D(4, 5, stride=2), sliding(F.conv_transpose2d, stride=2), (70, 6, 5, 6)),
    Twin(nn.ConvTranspose2D(4, 3), sliding(F.conv_transpose2d), (2, 3, 4, 5)),
    Twin(
        nn.ConvTranspose2D(4, 4, stride=2, padding=1),
        sliding(F.conv_transpose2d, stride=2, padding=1),
        (2, 3, 4, 5),
    ),
    Twin(
        nn.ConvTranspose2D(2, 3, stride=2, padding="same"),
        lambda x, W, b: F.conv_transpose2d(x, W, b, stride=2)[:, :, :-1, :-1],
        (2, 3, 4, 5),
    ),
    Twin(
        nn.ConvTranspose2D(2, 5, stride=4),
        sliding(F.conv_transpose2d, stride=4),
        (5, 16, 21, 20),
    ),
    *drawn_windows(24),
]

IMAGES: list[tuple[tuple[int, ...], Draw]] = [
    ((2, 3, 8, 8), np.random.Generator.standard_normal),
    ((2, 3, 7, 10), grid_points),
    ((1, 1, 5, 6), all_equal),
]

POOLINGS = [
    Twin(layer, reference, shape, draw)
    for size, stride, padding in [
        (2, 2, 0), (3, 2, 0), (3, 1, 1), (3, 2, 1), (2, 3, 0), (4, 3, 2), (1, 2, 0), (5, 5, 2)
    ]
    for layer, reference in [
        (
            nn.MaxPool2D(size, stride, padding),
            partial(F.max_pool2d, kernel_size=size, stride=stride, padding=padding),
        ),
        (
            nn.AvgPool2D(size, stride, padding),
            partial(F.avg_pool2d, kernel_size=size, stride=stride, padding=padding),
        ),
    ]
    for shape, draw in IMAGES
]  # fmt: skip

SHAPINGS = [
    Twin(nn.GlobalAvgPool2D(), lambda x: F.adaptive_avg_pool2d(x, 1).flatten(1), (2, 3, 4, 5)),
    Twin(nn.GlobalAvgPool2D(), lambda x: F.adaptive_avg_pool2d(x, 1).flatten(1), (2, 3, 1, 1)),
    Twin(nn.Upsample(), lambda x: F.interpolate(x, scale_factor=2), (2, 3, 4, 5)),
    Twin(nn.Upsample(3), lambda x: F.interpolate(x, scale_factor=3), (2, 3, 4, 5)),
    Twin(nn.Upsample(1), lambda x: F.interpolate(x, scale_factor=1), (2, 3, 4, 5)),
    Twin(nn.Flatten(), lambda x: x.flatten(1), (2, 3, 4, 5)),
    Twin(nn.Flatten(), lambda x: x.flatten(1), (2, 3)),
    Twin(nn.Reshape(4, -1), lambda x: x.reshape(2, 4, 15), (2, 3, 4, 5)),
]

NORMALIZATIONS = [
    Twin(nn.LayerNorm(), normalizing(F.layer_norm, (7,)), (4, 7)),
    Twin(nn.LayerNorm(), normalizing(F.layer_norm, (7,)), (2, 5, 7)),
    Twin(nn.LayerNorm(epsilon=0.1), normalizing(F.layer_norm, (7,), eps=0.1), (2, 3, 5, 7)),
    Twin(nn.LayerNorm(epsilon=0.1), normalizing(F.layer_norm, (1,), eps=0.1), (4, 1)),
    Twin(nn.RMSNorm(), lambda x, gamma: F.rms_norm(x, (7,), gamma, 1e-5), (4, 7)),
    Twin(nn.RMSNorm(epsilon=0.1), lambda x, gamma: F.rms_norm(x, (7,), gamma, 0.1), (2, 5, 7)),
    Twin(nn.GroupNorm(1), normalizing(F.group_norm, 1), (2, 6, 4, 5)),
    Twin(nn.GroupNorm(3), normalizing(F.group_norm, 3), (2, 6, 4, 5)),
    Twin(nn.GroupNorm(6), normalizing(F.instance_norm), (2, 6, 4, 5)),
    Twin(nn.GroupNorm(2), normalizing(F.group_norm, 2), (3, 6, 5)),
    Twin(nn.GroupNorm(2), normalizing(F.group_norm, 2), (3, 6)),
    Twin(nn.GroupNorm(2, epsilon=0.1), normalizing(F.group_norm, 2, eps=0.1), (3, 6, 2, 2, 2)),
    *(
        Twin(
            nn.BatchNorm(momentum, epsilon),
            batch_norm(training, momentum, epsilon),
            shape,
            training=training,
        )
        for training in (True, False)
        for momentum, epsilon in [(0.1, 1e-5), (0.3, 0.01), (0.0, 1e-5), (1.0, 1e-5)]
        for shape in [(6, 3), (4, 3, 5), (4, 3, 5, 6)]
    ),
]


every_twin = pytest.mark.parametrize(
    "twin", [*DENSE, *ELEMENTWISE, *CONVOLUTIONS, *POOLINGS, *SHAPINGS, *NORMALIZATIONS], ids=repr
)


@every_twin
def test_a_layers_output_and_all_its_gradients_are_those_of_pytorch(twin: Twin) -> None:
    assert_twins_agree(twin)


@every_twin
def test_they_are_the_same_however_x_lies_in_memory(twin: Twin) -> None:
    assert_twins_agree(twin, order="F")


@every_twin
def test_in_float32_they_differ_by_its_rounding(twin: Twin) -> None:
    assert_twins_agree(twin, dtype=np.float32, bound=ROUNDING_OF_FLOAT32)


@pytest.mark.parametrize(("layer", "reference"), ACTIVATIONS.items(), ids=map(repr, ACTIVATIONS))
def test_activations_are_those_of_pytorch_however_large_their_input(
    layer: nn.Layer, reference: Callable[[Any], Any]
) -> None:
    tiny = [0.0, -0.0, 1e-300, -1e-300, 1e-9, -1e-9]
    x = np.array([[*tiny, 1.0, 20.0, 40.0, 100.0, 709.0, 710.0, 1e4, -1.0, -20.0, -40.0, -1e4]]).T
    x = np.concatenate([x, x[::-1]], axis=1)
    layer.build((2,), dtype=np.float64)
    their_x = torch.tensor(x, requires_grad=True)

    y, backward = layer.forward(x)
    their_y = reference(their_x)
    their_y.sum().backward()

    # Element by element. GELU's 1 + tanh u loses all but 1e-16 of 1, times x.
    np.testing.assert_allclose(y, their_y.detach(), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(backward(np.ones_like(y)), their_x.grad, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("x", [20.0, 30.0, 700.0, 1e4])
def test_softplus_agrees_with_pytorchs_own_to_what_its_threshold_leaves_out(x: float) -> None:
    layer = nn.Softplus()
    layer.build((1,), dtype=np.float64)

    y = layer([[x]])

    # It leaves out log(1 + e⁻ˣ) above 20, which is 2.1e-9 there and less beyond.
    np.testing.assert_allclose(y, F.softplus(torch.tensor([[x]])), rtol=0, atol=2.1e-9)


@pytest.mark.parametrize("layer", [nn.LayerNorm(), nn.GroupNorm(2)], ids=repr)
def test_a_mean_a_thousand_times_the_spread_costs_three_digits_alone(layer: nn.Layer) -> None:
    reference = {
        nn.LayerNorm: normalizing(F.layer_norm, (8,)),
        nn.GroupNorm: normalizing(F.group_norm, 2),
    }[type(layer)]

    # 1000 · 1e-16 of error in x − mean; its square would cost six digits.
    assert_twins_agree(Twin(layer, reference, (5, 8), draw=far_from_zero), bound=1e-12)


@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 5), (4, 3, 5, 6)])
@pytest.mark.parametrize("momentum", [0.1, 0.4])
def test_running_statistics_are_those_of_pytorch_after_every_batch(
    shape: tuple[int, ...], momentum: float
) -> None:
    rng = np.random.default_rng(3)
    layer = nn.BatchNorm(momentum)
    layer.build(shape[1:], dtype=np.float64)
    modules = [torch.nn.BatchNorm1d, torch.nn.BatchNorm1d, torch.nn.BatchNorm2d]
    theirs = modules[len(shape) - 2](3, momentum=momentum, dtype=torch.float64)

    for batch in range(8):
        x = batch + (1 + batch) * rng.standard_normal(shape)
        y = layer.forward(x, training=True)[0]

        # Sums in another order.
        np.testing.assert_allclose(y, theirs(torch.tensor(x)).detach(), rtol=0, atol=1e-13)
        np.testing.assert_allclose(layer.running_mean, theirs.running_mean, rtol=1e-13)
        np.testing.assert_allclose(layer.running_var, theirs.running_var, rtol=1e-13)

    theirs.eval()
    x = rng.standard_normal(shape)
    np.testing.assert_allclose(layer(x), theirs(torch.tensor(x)).detach(), rtol=0, atol=1e-13)
