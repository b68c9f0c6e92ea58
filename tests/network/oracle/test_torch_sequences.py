"""Layers that look at whole sequences, and their ways back, against PyTorch's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from builder import network as nn
from builder.network.arrays import Array
from builder.network.layers.recurrent import Recurrent
from tests.network.oracle.agreement import ROUNDING_OF_FLOAT32, assert_agreement
from tests.network.oracle.twins import Twin, assert_twins_agree, built_at_random, torch

pytestmark = pytest.mark.oracle

F = torch.nn.functional
call = torch.func.functional_call


def embedding(x: Any, W: Any) -> Any:
    return F.embedding(x, W)


def words(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Draw from five words, so that most appear several times."""
    return rng.integers(0, 5, shape)


def recurrent(kind: str, inputs: int, units: int, *, return_sequences: bool) -> Callable[..., Any]:
    module = getattr(torch.nn, kind)(inputs, units, batch_first=True, dtype=torch.float64)

    def reference(x: Any, W: Any, U: Any, b: Any, c: Any = None) -> Any:
        y = call(module, _direction(W, U, b, c), x)[0]
        return y if return_sequences else y[:, -1]

    return reference


def bidirectional(
    kind: str, inputs: int, units: int, *, return_sequences: bool
) -> Callable[..., Any]:
    module = getattr(torch.nn, kind)(
        inputs, units, batch_first=True, bidirectional=True, dtype=torch.float64
    )

    def reference(x: Any, **p: Any) -> Any:
        forwards = _direction(p["W_0"], p["U_0"], p["b_0"], p.get("c_0"))
        backwards = _direction(p["W_1"], p["U_1"], p["b_1"], p.get("c_1"))
        backwards = {f"{name}_reverse": each for name, each in backwards.items()}
        y, last = call(module, forwards | backwards, x)
        h = last[0] if kind == "LSTM" else last
        return y if return_sequences else torch.cat([h[0], h[1]], dim=1)

    return reference


def stacked_lstm(x: Any, **p: Any) -> Any:
    module = torch.nn.LSTM(2, 3, num_layers=2, bidirectional=True, batch_first=True).double()
    parameters = {}
    for layer in (0, 1):
        for way, ending in enumerate(["", "_reverse"]):
            W, U, b = (p[f"{name}_{layer}_{way}"] for name in "WUb")
            for name, each in _direction(W, U, b, None).items():
                parameters[name.replace("l0", f"l{layer}") + ending] = each
    return call(module, parameters, x)[0]


def _direction(W: Any, U: Any, b: Any, c: Any) -> dict[str, Any]:
    """Return our parameters under PyTorch's names; it has two biases, of which c is a part."""
    none = torch.zeros_like(b)
    second = none if c is None else torch.cat([none[: -len(c)], c])
    return {
        "weight_ih_l0": W.T, "weight_hh_l0": U.T, "bias_ih_l0": b, "bias_hh_l0": second
    }  # fmt: skip


def as_it_is(layer: Recurrent) -> nn.Layer:
    return layer


def attention(D: int, heads: int, *, causal: bool, weights: bool = False) -> Callable[..., Any]:
    module = torch.nn.MultiheadAttention(D, heads, batch_first=True, dtype=torch.float64)

    def reference(x: Any, W: Any, b: Any, Wo: Any, bo: Any) -> Any:
        parameters = {
            "in_proj_weight": W.T, "in_proj_bias": b, "out_proj.weight": Wo.T, "out_proj.bias": bo
        }  # fmt: skip
        options = {"need_weights": weights, "average_attn_weights": False}
        y, A = call(module, parameters, (x, x, x), options | {"attn_mask": mask(x, causal=causal)})
        return A if weights else y

    return reference


def transformer_block(D: int, heads: int, hidden: int, *, causal: bool) -> Callable[..., Any]:
    module = torch.nn.TransformerEncoderLayer(
        D,
        heads,
        hidden,
        dropout=0,
        activation=lambda x: F.gelu(x, approximate="tanh"),
        batch_first=True,
        norm_first=True,
        dtype=torch.float64,
    )

    def reference(x: Any, **p: Any) -> Any:
        parameters = {
            "norm1.weight": p["gamma_0_0"],
            "norm1.bias": p["beta_0_0"],
            "self_attn.in_proj_weight": p["W_0_1"].T,
            "self_attn.in_proj_bias": p["b_0_1"],
            "self_attn.out_proj.weight": p["Wo_0_1"].T,
            "self_attn.out_proj.bias": p["bo_0_1"],
            "norm2.weight": p["gamma_1_0"],
            "norm2.bias": p["beta_1_0"],
            "linear1.weight": p["W_1_1"].T,
            "linear1.bias": p["b_1_1"],
            "linear2.weight": p["W_1_3"].T,
            "linear2.bias": p["b_1_3"],
        }
        return call(module, parameters, (x,), {"src_mask": mask(x, causal=causal)})

    return reference


def mask(x: Any, *, causal: bool) -> Any:
    """Return what hides, for every word, those after it; None hides nothing."""
    T = x.shape[1]
    return torch.ones(T, T, dtype=torch.bool).triu(1) if causal else None


EMBEDDINGS = [
    Twin(nn.Embedding(5, 3), embedding, (4,), words),
    Twin(nn.Embedding(5, 3), embedding, (4, 6), words),
    Twin(nn.Embedding(7, 1), embedding, (2, 3, 4), words),
    Twin(nn.PositionalEncoding(9), lambda x, P: x + P[:6], (2, 6, 4)),
    Twin(
        nn.Sequential(nn.Embedding(5, 4), nn.LSTM(3), nn.Dense(5)),
        lambda x, W_0, W_1, U_1, b_1, W_2, b_2: F.linear(
            recurrent("LSTM", 4, 3, return_sequences=True)(F.embedding(x, W_0), W_1, U_1, b_1),
            W_2.T,
            b_2,
        ),
        (3, 6),
        words,
    ),
]

RECURRENT = [
    Twin(wrap(layer), reference(kind, shape[2], 4, return_sequences=return_sequences), shape)
    for return_sequences in (True, False)
    for shape in [(3, 5, 2), (1, 1, 3), (2, 30, 3)]
    for kind, layer in [
        ("RNN", nn.RNN(4, return_sequences=return_sequences)),
        ("LSTM", nn.LSTM(4, return_sequences=return_sequences)),
        ("GRU", nn.GRU(4, return_sequences=return_sequences)),
    ]
    for wrap, reference in [
        (as_it_is, recurrent),
        (nn.Bidirectional, bidirectional),
    ]
] + [
    Twin(
        nn.Sequential(nn.Bidirectional(nn.LSTM(3)), nn.Bidirectional(nn.LSTM(3))),
        stacked_lstm,
        (3, 5, 2),
    )
]

ATTENTION = [
    Twin(
        nn.MultiHeadAttention(heads, causal=causal),
        attention(shape[2], heads, causal=causal),
        shape,
    )
    for causal in (False, True)
    for heads, shape in [(1, (2, 5, 3)), (2, (3, 6, 8)), (8, (1, 4, 8)), (2, (2, 1, 4))]
]

TRANSFORMERS = [
    Twin(
        nn.TransformerBlock(heads, causal=causal, hidden=hidden),
        transformer_block(shape[2], heads, hidden or 4 * shape[2], causal=causal),
        shape,
    )
    for causal in (False, True)
    for heads, hidden, shape in [(1, 5, (2, 5, 3)), (2, None, (3, 6, 8)), (4, 16, (1, 4, 8))]
]


every_twin = pytest.mark.parametrize(
    "twin", [*EMBEDDINGS, *RECURRENT, *ATTENTION, *TRANSFORMERS], ids=repr
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


@pytest.mark.parametrize("causal", [False, True])
def test_attention_looks_where_pytorchs_looks(causal: bool) -> None:
    rng = np.random.default_rng(2)
    x = rng.standard_normal((3, 6, 8))
    layer = built_at_random(nn.MultiHeadAttention(2, causal=causal), x, rng)
    assert isinstance(layer, nn.MultiHeadAttention)
    parameters = {name: torch.tensor(array) for name, array in layer.named_arrays()}

    A = layer.attention(x)

    theirs = attention(8, 2, causal=causal, weights=True)(torch.tensor(x), **parameters)
    assert_agreement(A, theirs, "A")
