"""The tape against central differences, the layers, and numbers worked out elsewhere."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder import network as nn
from builder.network.arrays import Array
from builder.network.tensor import Tensor
from tests.properties.profile import SEARCH

# Differences err by about 1e-10 here; a wrong formula errs by 1e-3 and more.
RIGHT = 1e-8
STEP = 1e-5

RNG = np.random.default_rng(11)


def normal(*shape: int) -> Array:
    return np.asarray(RNG.standard_normal(shape))


def positive(*shape: int) -> Array:
    return np.asarray(RNG.uniform(0.5, 2, shape))


def gradient_of(tensor: Tensor) -> Array:
    assert isinstance(tensor.gradient, np.ndarray)
    return tensor.gradient


def worst_error(f: Callable[..., Tensor], *arrays: Array) -> float:
    """Return the largest |gradient − difference| of Σ r f(arrays), with random numbers r."""
    tensors = [Tensor(array) for array in arrays]
    y = f(*tensors)
    r = np.random.default_rng(1).standard_normal(y.shape)
    y.backward(r)
    errors = [0.0]
    for tensor in tensors:
        gradient, x = gradient_of(tensor), tensor.value
        assert gradient.shape == x.shape
        for at in np.ndindex(x.shape):
            kept = x[at]
            x[at] = kept + STEP
            above = np.vdot(r, f(*tensors).value)
            x[at] = kept - STEP
            below = np.vdot(r, f(*tensors).value)
            x[at] = kept
            errors.append(abs(gradient[at] - (above - below) / (2 * STEP)))
    # Unlike max, which passes over what is not a number.
    return float(np.max(errors))


BROADCAST = [
    ((2, 3), (2, 3)),
    ((2, 3), (3,)),
    ((3,), (2, 3)),
    ((2, 1), (1, 3)),
    ((), (2, 3)),
    ((2, 3), (1, 1)),
    ((4, 1, 3), (2, 1)),
    ((), ()),
    ((1,), ()),
    ((0, 3), (1, 3)),
    ((2, 0), ()),
]


@pytest.mark.parametrize(("a", "b"), BROADCAST)
@pytest.mark.parametrize(
    "f",
    [
        pytest.param(lambda a, b: a + b, id="+"),
        pytest.param(lambda a, b: a - b, id="-"),
        pytest.param(lambda a, b: a * b, id="*"),
        pytest.param(lambda a, b: a / b, id="÷"),
    ],
)
def test_gradients_of_broadcast_operands_are_those_of_differences(
    f: Callable[[Tensor, Tensor], Tensor], a: tuple[int, ...], b: tuple[int, ...]
) -> None:
    assert worst_error(f, normal(*a), positive(*b)) < RIGHT


MATRICES = [
    ((2, 3), (3, 4)),
    ((1, 3), (3, 1)),
    ((3,), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3,)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (4, 3, 2)),
    ((3,), (5, 3, 4)),
    ((5, 2, 3), (3,)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
]


@pytest.mark.parametrize(("a", "b"), MATRICES)
def test_gradients_of_products_of_matrices_and_vectors_are_those_of_differences(
    a: tuple[int, ...], b: tuple[int, ...]
) -> None:
    A, B = normal(*a), normal(*b)

    np.testing.assert_array_equal((Tensor(A) @ Tensor(B)).value.shape, (A @ B).shape)
    assert worst_error(lambda a, b: a @ b, A, B) < RIGHT


UNARY: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Array], Array]]] = {
    "neg": (lambda x: -x, lambda x: -x),
    "exp": (Tensor.exp, np.exp),
    "log": (Tensor.log, np.log),
    "tanh": (Tensor.tanh, np.tanh),
    "sigmoid": (Tensor.sigmoid, lambda x: 1 / (1 + np.exp(-x))),
    "relu": (lambda x: (x - 1).relu(), lambda x: np.maximum(x - 1, 0)),
    "square": (lambda x: x**2, lambda x: x**2),
    "root": (lambda x: x**0.5, np.sqrt),
    "reciprocal": (lambda x: x**-1, lambda x: 1 / x),
    "one": (lambda x: x**0, np.ones_like),
    "T": (lambda x: x.T, np.transpose),
    "sum": (Tensor.sum, np.sum),
    "used twice": (lambda x: x * x + x, lambda x: x * x + x),
}


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 3), (0,), (0, 3)])
@pytest.mark.parametrize(("f", "of_numpy"), UNARY.values(), ids=UNARY)
def test_functions_are_those_of_numpy_and_gradients_those_of_differences(
    f: Callable[[Tensor], Tensor], of_numpy: Callable[[Array], Array], shape: tuple[int, ...]
) -> None:
    x = positive(*shape)

    # The sigmoid is computed by another formula, and rounds otherwise.
    np.testing.assert_allclose(f(Tensor(x)).value, of_numpy(x), rtol=1e-15, strict=True)
    assert worst_error(f, x) < RIGHT


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(
    ("shape", "axis"),
    [
        ((2, 4, 3), None),
        ((2, 4, 3), 0),
        ((2, 4, 3), -1),
        ((2, 4, 3), (0, 2)),
        ((2, 4, 3), (-1, 1)),
        ((2, 1, 3), 1),
        ((2, 1, 3), 0),
        ((2, 3), ()),
        ((3,), 0),
        ((), None),
        ((0, 3), 1),
        ((0, 3), (1,)),
    ],
)
@pytest.mark.parametrize("name", ["sum", "mean", "max"])
def test_reductions_are_those_of_numpy_and_gradients_those_of_differences(
    name: str, shape: tuple[int, ...], axis: int | tuple[int, ...] | None, keepdims: bool
) -> None:
    x = normal(*shape)

    y = getattr(Tensor(x), name)(axis, keepdims=keepdims)

    expected = getattr(x, name)(axis=axis, keepdims=keepdims)
    np.testing.assert_array_equal(y.value, expected, strict=y.value.ndim > 0)
    assert worst_error(lambda x: getattr(x, name)(axis, keepdims), x) < RIGHT


def test_a_sum_of_nothing_is_zero() -> None:
    x = Tensor(np.zeros((0, 3)))

    y = x.sum(axis=0)
    y.backward([1, 2, 3])

    assert y.value.tolist() == [0, 0, 0]
    assert gradient_of(x).shape == (0, 3)


INDICES: list[Any] = [
    1,
    -1,
    (1, 2),
    (2, 3, 1),
    slice(None, None, 2),
    slice(None, None, -1),
    (slice(1, 3), 0),
    ...,
    (..., -1),
    None,
    (slice(None), None),
    [0, 2, 2],
    np.array([[0, 0], [0, 1]]),
    ([0, 1, 1, 1], [3, 2, 2, 0]),
    (slice(None), [1, 1]),
    ([0, 0, 1], slice(None), [1, 1, 0]),
    (np.arange(3), np.array([0, 3, 3])),
    np.array([True, False, True]),
    [],
    slice(2, 2),
]


@pytest.mark.parametrize("index", INDICES, ids=repr)
def test_an_index_is_numpys_and_gradients_are_those_of_differences(index: Any) -> None:
    x = normal(3, 4, 2)

    np.testing.assert_array_equal(Tensor(x)[index].value, x[index])
    assert worst_error(lambda x: x[index], x) < RIGHT


def test_gradients_of_an_index_given_twice_add_up() -> None:
    x = Tensor([1.0, 2.0, 3.0])

    x[[0, 2, 2, 2]].backward([1, 10, 20, 30])

    assert gradient_of(x).tolist() == [1, 0, 60]


@pytest.mark.parametrize("shape", [(4, 6), (24,), (-1, 2), (2, 3, 2, 2)])
def test_another_shape_is_numpys_and_gradients_are_those_of_differences(
    shape: tuple[int, ...],
) -> None:
    x = normal(2, 3, 4)

    np.testing.assert_array_equal(Tensor(x).reshape(*shape).value, x.reshape(shape))
    assert worst_error(lambda x: x.reshape(*shape), x) < RIGHT


@pytest.mark.parametrize("axes", [(), (0, 1, 2), (1, 2, 0), (2, 0, 1), (0, -1, 1), (-2, -1, 0)])
def test_a_transpose_is_numpys_and_gradients_are_those_of_differences(
    axes: tuple[int, ...],
) -> None:
    x = normal(2, 3, 4)

    np.testing.assert_array_equal(Tensor(x).transpose(*axes).value, x.transpose(*axes))
    assert worst_error(lambda x: x.transpose(*axes), x) < RIGHT


def test_a_number_takes_another_shape_and_none() -> None:
    x = Tensor(3.0)

    y = x.reshape(1, 1).reshape()
    y.backward()

    assert y.shape == ()
    assert gradient_of(x) == 1


ARRAY = np.array([[1.0, 2.0], [4.0, 8.0]])


@pytest.mark.parametrize("other", [2, 0.5, np.float64(3), np.int64(2), ARRAY, ARRAY[0].tolist()])
@pytest.mark.parametrize(
    "f",
    [
        pytest.param(lambda a, b: a + b, id="+"),
        pytest.param(lambda a, b: a - b, id="-"),
        pytest.param(lambda a, b: a * b, id="*"),
        pytest.param(lambda a, b: a / b, id="÷"),
    ],
)
def test_numbers_and_arrays_stand_on_either_side(f: Callable[[Any, Any], Any], other: Any) -> None:
    x = positive(2, 2)

    right, left = f(Tensor(x), other), f(other, Tensor(x))

    np.testing.assert_array_equal(right.value, f(x, np.asarray(other)))
    np.testing.assert_array_equal(left.value, f(np.asarray(other), x))
    assert worst_error(lambda x: f(x, other), x) < RIGHT
    assert worst_error(lambda x: f(other, x), x) < RIGHT


def test_a_matrix_that_is_no_tensor_stands_on_either_side() -> None:
    x = normal(2, 2)

    right, left = Tensor(x) @ ARRAY, ARRAY @ Tensor(x)

    np.testing.assert_array_equal(right.value, x @ ARRAY)
    np.testing.assert_array_equal(left.value, ARRAY @ x)
    assert worst_error(lambda x: x @ ARRAY, x) < RIGHT
    assert worst_error(lambda x: ARRAY @ x, x) < RIGHT


OPERATIONS: dict[str, Callable[[Any], Tensor]] = {
    **{name: f for name, (f, _) in UNARY.items()},
    "mean": lambda x: x.mean(0),
    "max": lambda x: x.max(0),
    "number": lambda x: 2 - 0.5 * x / 3,
    "NumPy's number": lambda x: np.float64(2) * x ** np.float64(2),
    "array": lambda x: x * np.ones(2) + np.arange(2),
    "matrix": lambda x: ARRAY @ x,
    "index": lambda x: x[[0, 0]],
    "reshape": lambda x: x.reshape(4),
}


@pytest.mark.parametrize("f", OPERATIONS.values(), ids=OPERATIONS)
def test_float32_stays_float32(f: Callable[[Tensor], Tensor]) -> None:
    x = Tensor(np.array([[1, 2], [3, 4]], np.float32))

    y = f(x)
    y.backward(np.ones(y.shape))

    assert y.dtype == gradient_of(y).dtype == gradient_of(x).dtype == np.float32


def test_each_parent_gets_its_gradient_in_its_own_dtype() -> None:
    a, b = Tensor(np.float32(2)), Tensor(3.0)

    y = a * b
    y.backward()

    assert y.dtype == gradient_of(b).dtype == np.float64
    assert gradient_of(a).dtype == np.float32
    assert gradient_of(a) == 3
    assert gradient_of(b) == 2


@pytest.mark.parametrize("value", [3, [1, 2], True, np.arange(3, dtype=np.uint8)])
def test_whole_numbers_become_float64(value: Any) -> None:
    x = Tensor(value)

    assert x.dtype == np.float64
    assert x.value.tolist() == np.asarray(value).tolist()


def test_a_tensor_keeps_its_own_copy() -> None:
    array = np.ones(2)
    x = Tensor(array)

    x.value += 1

    assert array.tolist() == [1, 1]
    assert x.value.tolist() == [2, 2]


def test_a_tensor_has_no_gradient_before_the_way_back() -> None:
    assert Tensor(1.0).gradient is None


def test_a_tensor_used_by_several_gets_the_sum() -> None:
    x = Tensor(3.0)
    a = x * 2
    y = a * x + a

    y.backward()

    # y = 2x² + 2x, and with a kept apart y = a (x + 1).
    assert gradient_of(x) == 4 * 3 + 2
    assert gradient_of(a) == 3 + 1


def test_diamonds_in_a_row_are_walked_once_each() -> None:
    x = Tensor(1.0)
    y = x
    for _ in range(200):
        y = y * 0.5 + y * 0.5

    y.backward()

    # There are 2²⁰⁰ paths from y to x.
    assert len(y.tape()) == 1 + 200 * 5
    assert gradient_of(x) == 1


def test_gradients_of_several_ways_back_add_up_without_counting_twice() -> None:
    x = Tensor(3.0)
    a = x * x
    y = a * 2

    y.backward()
    y.backward()

    assert gradient_of(y) == 2
    assert gradient_of(a) == 2 * 2
    assert gradient_of(x) == 2 * 2 * 6


def test_two_losses_of_one_computation_add_up() -> None:
    x = Tensor([1.0, 2.0])
    hidden = x * x

    hidden.sum().backward()
    (hidden * 3).sum().backward()

    assert gradient_of(hidden).tolist() == [1 + 3] * 2
    assert gradient_of(x).tolist() == [8, 16]


def test_a_cleared_gradient_starts_anew_and_others_stay() -> None:
    x = Tensor(3.0)
    y = x * x
    y.backward()

    x.clear()

    assert x.gradient is None
    y.backward()
    assert gradient_of(x) == 6
    assert gradient_of(y) == 2


def test_no_two_gradients_share_memory() -> None:
    seed = np.ones((2, 2))
    x = Tensor(np.zeros((2, 2)))
    y = x + Tensor(np.zeros((2, 2)))
    z = y.reshape(4).reshape(2, 2)

    z.backward(seed)
    for tensor in z.tape():
        gradient_of(tensor)[...] *= 7

    assert all((gradient_of(tensor) == 7).all() for tensor in z.tape())
    assert (seed == 1).all()


def test_a_gradient_is_sent_back_as_it_is_given() -> None:
    x = Tensor([1.0, 2.0, 3.0])

    (x * 2).backward([1, 0, -1])

    assert gradient_of(x).tolist() == [2, 0, -2]


def test_a_computation_may_be_far_longer_than_a_recursion() -> None:
    x = Tensor(1.0)
    y = x
    for _ in range(10_000):
        y = y + 1

    y.backward()

    assert y.value == 10_001
    assert gradient_of(x) == 1
    assert len(y.tape()) == 1 + 2 * 10_000


def test_the_tape_lists_parents_first_in_the_order_of_the_formula() -> None:
    a, b = Tensor(2.0), Tensor(3.0)

    y = (a * b + a.exp()).tanh() ** 2

    assert [each.operation for each in y.tape()] == ["", "", "*", "exp", "+", "tanh", "** 2"]
    assert y.tape()[:3] == [a, b, y.tape()[2]]
    assert y.tape()[2].parents == (a, b)
    assert a.parents == ()


def test_equal_maxima_share_the_gradient_evenly() -> None:
    x = Tensor([[1.0, 5.0, 5.0], [2.0, 2.0, 2.0]])

    x.max(axis=1).backward([6, 6])

    assert gradient_of(x).tolist() == [[0, 3, 3], [2, 2, 2]]


def test_relu_has_slope_zero_at_zero() -> None:
    x = Tensor([-1.0, 0.0, 2.0])

    y = x.relu()
    y.backward([1, 1, 1])

    assert y.value.tolist() == [0, 0, 2]
    assert gradient_of(x).tolist() == [0, 0, 1]


def test_powers_have_their_slopes_at_zero() -> None:
    x = Tensor([0.0, 0.0, 0.0])

    (x**0 + 3 * x**1 + x**2).sum().backward()

    assert gradient_of(x).tolist() == [3, 3, 3]


def test_powers_of_negative_numbers_have_slopes() -> None:
    x = Tensor([-2.0])

    (x**3).backward([1])

    assert gradient_of(x).tolist() == [12]


def test_the_sigmoid_neither_overflows_nor_loses_small_values() -> None:
    x = Tensor([-1000.0, -40.0, 40.0, 1000.0])

    y = x.sigmoid()
    y.backward(np.ones(4))

    # e⁻⁴⁰ / (1 + e⁻⁴⁰) is e⁻⁴⁰ to 4e-18; one rounding each.
    np.testing.assert_allclose(y.value, [0, np.exp(-40), 1, 1], rtol=1e-15)
    np.testing.assert_allclose(gradient_of(x), [0, np.exp(-40), 0, 0], rtol=1e-15)


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (Tensor(3), "Tensor(3.)"),
        (Tensor([[1, 2], [3, 4]]), "Tensor([[1., 2.],\n        [3., 4.]])"),
        (Tensor(np.array([0.1, 2], np.float32)), "Tensor([0.1, 2. ], dtype=float32)"),
        (Tensor([1, 2]) * 3, "Tensor([3., 6.], operation='*')"),
        (Tensor(np.float32(4)) ** 0.5, "Tensor(2., dtype=float32, operation='** 0.5')"),
    ],
)
def test_a_tensor_reads_as_its_value_and_operation(tensor: Tensor, text: str) -> None:
    assert repr(tensor) == text


X = Tensor(np.ones((2, 3)))


@pytest.mark.parametrize(
    ("fail", "message"),
    [
        (lambda: X + np.ones(2), "+: shapes (2, 3) and (2,) do not fit"),
        (lambda: X - Tensor(np.ones((3, 2))), "-: shapes (2, 3) and (3, 2) do not fit"),
        (lambda: X * np.ones((2, 2)), "*: shapes (2, 3) and (2, 2) do not fit"),
        (lambda: np.ones(2) / X, "/: shapes (2,) and (2, 3) do not fit"),
        (lambda: X @ X, "@: shapes (2, 3) and (2, 3) do not fit"),
        (lambda: np.ones(3) @ X, "@: shapes (3,) and (2, 3) do not fit"),
        (lambda: X @ 3, "@: shapes (2, 3) and () do not fit"),
        (lambda: X.reshape(4, 2), "reshape: shapes (2, 3) and (4, 2) do not fit"),
        (
            X.backward,
            "backward: y has shape (2, 3), but dL/dy has () "
            "(did you mean .sum().backward(), or backward(dL/dy)?)",
        ),
        (
            lambda: X.backward(np.ones(3)),
            "backward: y has shape (2, 3), but dL/dy has (3,)",
        ),
        (
            lambda: Tensor(np.ones((2, 1))).backward(np.ones(2)),
            "backward: y has shape (2, 1), but dL/dy has (2,)",
        ),
    ],
)
def test_shapes_that_do_not_fit_are_told_with_the_operation(
    fail: Callable[[], object], message: str
) -> None:
    with pytest.raises(nn.ShapeError) as caught:
        fail()

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("fail", "message"),
    [
        (lambda: Tensor("3"), "a Tensor holds real numbers, got '3'"),
        (lambda: Tensor(1j), "a Tensor holds real numbers, got 1j"),
        (lambda: X + None, "a Tensor holds real numbers, got None"),  # type: ignore[operator]
        (lambda: Tensor(1).backward(None), "a Tensor holds real numbers, got None"),  # type: ignore[arg-type]
        (
            lambda: np.concatenate([X, X]),
            "NumPy takes no Tensor (did you mean .value, or a method such as .exp()?)",
        ),
        (
            lambda: nn.Tanh()(X),  # type: ignore[arg-type]
            "NumPy takes no Tensor (did you mean .value, or a method such as .exp()?)",
        ),
        (
            lambda: np.exp(X),  # type: ignore[call-overload]
            "operand 'Tensor' does not support ufuncs (__array_ufunc__=None)",
        ),
        (
            lambda: X**X,  # type: ignore[operator]
            "a power is a number, not a Tensor",
        ),
    ],
)
def test_what_a_tape_cannot_record_is_refused(fail: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError) as caught:
        fail()

    assert str(caught.value) == message


def test_a_misspelt_attribute_is_refused() -> None:
    with pytest.raises(AttributeError):
        Tensor(1.0).grad = None  # type: ignore[attr-defined]


def sin(x: Tensor) -> Tensor:
    """Compute sin x, an operation as a post would add it."""
    return Tensor(np.sin(x.value), "sin", (x, lambda dy: dy * np.cos(x.value)))


def test_an_operation_of_a_post_agrees_with_the_example_of_the_survey() -> None:
    """Baydin et al. 2018, table 3: y = ln x₁ + x₁ x₂ − sin x₂ at (2, 5)."""
    x1, x2 = Tensor(2.0), Tensor(5.0)

    y = x1.log() + x1 * x2 - sin(x2)
    y.backward()

    # As many digits as are printed there.
    assert y.value == pytest.approx(11.652, abs=5e-4)
    assert gradient_of(x1) == pytest.approx(5.5, abs=1e-15)
    assert gradient_of(x2) == pytest.approx(1.716, abs=5e-4)


@pytest.mark.parametrize("shape", [(), (3,), (1, 3)])
def test_a_way_back_in_a_shape_that_the_parent_was_not_broadcast_to_is_refused(
    shape: tuple[int, ...],
) -> None:
    x = Tensor(np.ones((3, 2)))
    y = Tensor(x.value.T, "flip", (x, lambda dy: np.ones(shape)))

    with pytest.raises(nn.ShapeError) as caught:
        y.backward(np.ones((2, 3)))

    assert str(caught.value) == f"way back of flip: shapes (3, 2) and {shape} do not fit"
    assert x.gradient is y.gradient is None


def log_softmax(logits: Tensor) -> Tensor:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - shifted.exp().sum(axis=-1, keepdims=True).log()


def cross_entropy(logits: Tensor, labels: Array) -> Tensor:
    return -log_softmax(logits)[np.arange(len(labels)), labels].mean()


def test_the_gradient_of_a_cross_entropy_is_softmax_minus_one_hot() -> None:
    logits, labels = Tensor(normal(5, 3)), np.array([0, 2, 1, 1, 0])

    cross_entropy(logits, labels).backward()

    softmax = np.exp(logits.value) / np.exp(logits.value).sum(axis=1, keepdims=True)
    # A dozen roundings of numbers below 1.
    np.testing.assert_allclose(gradient_of(logits), (softmax - np.eye(3)[labels]) / 5, atol=1e-15)


def test_the_tape_and_the_layers_agree_on_a_network() -> None:
    first, last = nn.Dense(4), nn.Dense(3)
    model = nn.Sequential(first, nn.Tanh(), last, dtype=np.float64, rng=0)
    x, labels = normal(8, 2), np.array([0, 1, 2, 2, 1, 0, 0, 1])
    model.build((2,))
    first.b[:], last.b[:] = normal(4), normal(3)
    logits, backward = model.forward(x)

    X, W1, b1, W2, b2 = map(Tensor, (x, first.W, first.b, last.W, last.b))
    by_tape = (X @ W1 + b1).tanh() @ W2 + b2
    cross_entropy(by_tape, labels).backward()
    dx = backward(gradient_of(by_tape))

    # The same sums of 8 terms, rounded in another order.
    np.testing.assert_allclose(by_tape.value, logits, rtol=0, atol=1e-12)
    for tensor, gradient in [
        (X, dx),
        (W1, first.dW),
        (b1, first.db),
        (W2, last.dW),
        (b2, last.db),
    ]:
        np.testing.assert_allclose(gradient_of(tensor), gradient, rtol=0, atol=1e-12)
        assert np.abs(gradient).max() > 1e-3


def test_one_step_agrees_with_a_worked_example() -> None:
    """Matt Mazur, "A step by step backpropagation example", 2015, as in test_training.py."""
    x, target = Tensor([[0.05, 0.10]]), Tensor([[0.01, 0.99]])
    W1, W2 = Tensor([[0.15, 0.25], [0.20, 0.30]]), Tensor([[0.40, 0.50], [0.45, 0.55]])

    def error() -> Tensor:
        output = ((x @ W1 + 0.35).sigmoid() @ W2 + 0.60).sigmoid()
        return 0.5 * ((target - output) ** 2).sum()

    before = error()
    before.backward()
    for W in (W1, W2):
        W.value -= 0.5 * gradient_of(W)
        W.clear()
    after = error()

    # As many digits as are known.
    assert before.value == pytest.approx(0.298371109, abs=1e-9)
    assert W2.value[:, 0] == pytest.approx([0.35891648, 0.408666186], abs=1e-9)
    assert W1.value[0, 0] == pytest.approx(0.149780716, abs=1e-9)
    assert after.value == pytest.approx(0.29102777369, abs=1e-11)


# They map [-1, 1] to itself, so that no expression grows, and differences stay exact.
STEPS: list[Callable[[Tensor, Tensor], Tensor]] = [
    lambda a, b: (a + b) / 2,
    lambda a, b: 0.5 * (a - b),
    lambda a, b: a * b,
    lambda a, b: a / (1.5 - b**2 / 2),
    lambda a, b: (a @ b.T) / 6 if a.shape == b.shape == (3, 3) else a * b,
    lambda a, b: (a.sigmoid() + b.tanh()) / 2,
    lambda a, b: (a.exp() - 1) / 2 - b * 0.1,
    lambda a, b: ((2 + a).log() + b) / 3,
    lambda a, b: a.mean(-1, keepdims=True) + b * 0 if a.shape else -b,
    lambda a, b: a[..., [0, 0, -1]] * 0.5 if a.shape else a.reshape(1),
    lambda a, b: a.sum() / 6 - b / 6,
]


@SEARCH
@given(
    st.lists(
        st.tuples(st.sampled_from(STEPS), st.integers(0, 9), st.integers(0, 9)),
        min_size=1,
        max_size=6,
    ),
    st.integers(0, 2**32 - 1),
)
def test_gradients_of_any_expression_are_those_of_differences(
    program: list[tuple[Callable[[Tensor, Tensor], Tensor], int, int]], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    arrays = [np.asarray(rng.uniform(-0.9, 0.9, shape)) for shape in [(3, 3), (3,), (3, 1), ()]]

    def expression(*leaves: Tensor) -> Tensor:
        values = list(leaves)
        for step, i, j in program:
            values.append(step(values[i % len(values)], values[j % len(values)]))
        return sum(values[1:], values[0] * 1)

    # Six squarings make a 64th power, whose third derivative lets differences err by 6e-8
    # at worst in 6,000 trials; a wrong formula errs by 1e-3 and more.
    assert worst_error(expression, *arrays) < 1e-6


def test_a_number_formats_like_one_and_is_one() -> None:
    loss = (Tensor([1.0, 2.0]) ** 2).sum()

    assert f"{loss:.3f}" == "5.000"
    assert float(loss) == 5
    assert f"{loss}" == repr(loss)


def test_axes_may_be_a_tuple() -> None:
    x = Tensor(np.ones((2, 3)))

    assert x.transpose((1, 0)).shape == x.reshape((3, 2)).shape == (3, 2)
