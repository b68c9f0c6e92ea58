"""ONNX's operators as layers of this library, or the reason why there is none."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from builder import network as nn
from tests.network.oracle.onnx_cases import Case, Expectation, NotOfferedError
from tests.network.oracle.onnx_recurrence import recurrence
from tests.network.oracle.onnx_windows import convolution, pooling, transposed_convolution

Translation: TypeAlias = Callable[[Case], Sequence[Expectation]]
"""Returns a layer for each of a case's outputs that layers have; raises NotOfferedError."""


def plain(layer_of: Callable[[Case], nn.Layer]) -> Translation:
    """Return the translation of an operator without parameters."""
    return lambda case: [Expectation(layer=layer_of(case), x=case.x, y=case.y)]


def gelu(case: Case) -> nn.Layer:
    if case.attributes.get("approximate", b"none") != b"tanh":
        raise NotOfferedError("the exact GELU")
    return nn.GELU()


def swish(case: Case) -> nn.Layer:
    if case.attributes.get("alpha", 1.0) != 1:
        raise NotOfferedError("swish with a factor")
    return nn.SiLU()


def softmax(case: Case) -> nn.Layer:
    # Before version 13 all axes from this one on were one, by default from 1 on.
    axis = case.attributes.get("axis", -1 if case.version >= 13 else 1)
    if axis not in (-1, case.x.ndim - 1):
        raise NotOfferedError("softmax along another axis than the last")
    return nn.Softmax()


def flatten(case: Case) -> nn.Layer:
    if case.attributes.get("axis", 1) not in (1, 1 - case.x.ndim):
        raise NotOfferedError("flattening that changes the batch's axis")
    return nn.Flatten()


def mean_of_images(case: Case) -> Sequence[Expectation]:
    y = case.y.reshape(case.y.shape[:2])
    return [Expectation(layer=nn.GlobalAvgPool2D(), x=case.x, y=y)]


def product(case: Case) -> Sequence[Expectation]:
    A, B, C = case.x, case.given(1), case.optional(2)
    x = A.T if case.attributes.get("transA", 0) else A
    W = B.T if case.attributes.get("transB", 0) else B
    arrays = {"W": case.attributes.get("alpha", 1.0) * W}
    if C is not None:
        if C.ndim == 2 and len(C) > 1:
            raise NotOfferedError("a bias for every example")
        b = np.broadcast_to(C, (1, W.shape[1]))[0]
        arrays["b"] = case.attributes.get("beta", 1.0) * b
    layer = nn.Dense(W.shape[1], bias=C is not None)
    return [Expectation(layer=layer, x=x, y=case.y, arrays=arrays)]


def lookup(case: Case) -> Sequence[Expectation]:
    words = case.given(1)
    if case.attributes.get("axis", 0) != 0:
        raise NotOfferedError("a table whose words are not its first axis")
    if words.min() < 0:
        raise NotOfferedError("words counted from the end")
    W = case.x.reshape(len(case.x), -1)
    y = case.y.reshape(*words.shape, W.shape[1])
    return [Expectation(layer=nn.Embedding(*W.shape), x=words, y=y, arrays={"W": W})]


def batch_normalization(case: Case) -> Sequence[Expectation]:
    names = ("gamma", "beta", "running_mean", "running_var")
    arrays = {name: case.given(place) for place, name in enumerate(names, start=1)}
    momentum = case.attributes.get("momentum", 0.9)
    kept = {}
    if case.attributes.get("training_mode", 0):
        # ONNX remembers the biased variance of a batch; we, as PyTorch, the unbiased one.
        size = case.x.size / case.x.shape[1]
        before = momentum * arrays["running_var"]
        gained = (case.outputs[2] - before) * size / (size - 1)
        kept = {"running_mean": case.outputs[1], "running_var": before + gained}
    return [
        Expectation(
            layer=nn.BatchNorm(1 - momentum, case.attributes.get("epsilon", 1e-5)),
            x=case.x,
            y=case.y,
            arrays=arrays,
            kept=kept,
            training=bool(kept),
        )
    ]


def row_normalization(kind: type[nn.LayerNorm] | type[nn.RMSNorm]) -> Translation:
    def translation(case: Case) -> Sequence[Expectation]:
        # Over several axes, the last ones are made one; over all, there is one example.
        axis = case.attributes.get("axis", -1) % case.x.ndim
        shape = (*(case.x.shape[:axis] or (1,)), -1)
        names = ("gamma", "beta") if kind is nn.LayerNorm else ("gamma",)
        return [
            Expectation(
                layer=kind(case.attributes.get("epsilon", 1e-5)),
                x=case.x.reshape(shape),
                y=case.y.reshape(shape),
                arrays={name: case.given(n).ravel() for n, name in enumerate(names, start=1)},
            )
        ]

    return translation


def group_normalization(case: Case) -> Sequence[Expectation]:
    # Instance normalization has one channel in each group.
    groups = case.attributes.get("num_groups", case.x.shape[1])
    return [
        Expectation(
            layer=nn.GroupNorm(groups, case.attributes.get("epsilon", 1e-5)),
            x=case.x,
            y=case.y,
            arrays={"gamma": case.given(1), "beta": case.given(2)},
        )
    ]


TRANSLATIONS: Mapping[str, Translation] = {
    "AveragePool": pooling(nn.AvgPool2D),
    "BatchNormalization": batch_normalization,
    "Conv": convolution,
    "ConvTranspose": transposed_convolution,
    "Elu": plain(lambda case: nn.ELU(case.attributes.get("alpha", 1.0))),
    "Flatten": plain(flatten),
    "GRU": recurrence(nn.GRU),
    "Gather": lookup,
    "Gelu": plain(gelu),
    "Gemm": product,
    "GlobalAveragePool": mean_of_images,
    "GroupNormalization": group_normalization,
    "InstanceNormalization": group_normalization,
    "LSTM": recurrence(nn.LSTM),
    "LayerNormalization": row_normalization(nn.LayerNorm),
    "LeakyRelu": plain(lambda case: nn.LeakyReLU(case.attributes.get("alpha", 0.01))),
    "MaxPool": pooling(nn.MaxPool2D),
    "RMSNormalization": row_normalization(nn.RMSNorm),
    "RNN": recurrence(nn.RNN),
    "Relu": plain(lambda _case: nn.ReLU()),
    "Sigmoid": plain(lambda _case: nn.Sigmoid()),
    "Softmax": plain(softmax),
    "Softplus": plain(lambda _case: nn.Softplus()),
    "Swish": plain(swish),
    "Tanh": plain(lambda _case: nn.Tanh()),
}
"""By ONNX's name of the operator."""
