"""What a post was made with: Python and packages, by the names that people know them by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PYTHON = "python"

_PROPER: Mapping[str, str] = {
    "python": "Python",
    "numpy": "NumPy",
    "matplotlib": "Matplotlib",
    "scipy": "SciPy",
    "sympy": "SymPy",
    "pillow": "Pillow",
    "torch": "PyTorch",
    "torchvision": "Torchvision",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "jax": "JAX",
    "flax": "Flax",
    "transformers": "Transformers",
    "networkx": "NetworkX",
    "polars": "Polars",
    "pyarrow": "PyArrow",
    "plotly": "Plotly",
    "altair": "Altair",
    "bokeh": "Bokeh",
    "xgboost": "XGBoost",
    "lightgbm": "LightGBM",
    "catboost": "CatBoost",
    "opencv_python": "OpenCV",
    "opencv_python_headless": "OpenCV",
    "nltk": "NLTK",
    "spacy": "spaCy",
    "pyyaml": "PyYAML",
    "beautifulsoup4": "Beautiful Soup",
    "numba": "Numba",
    "cython": "Cython",
    "dask": "Dask",
    "pymc": "PyMC",
}
"""Of packages whose name is written otherwise than that of their distribution."""


@dataclass(frozen=True, slots=True)
class Version:
    """Python or a package, as a post has used it."""

    name: str
    """Of the distribution, in small letters with `_`: `scikit_learn`."""

    number: str

    @property
    def title(self) -> str:
        """The name as people write it."""
        return _PROPER.get(self.name, self.distribution)

    @property
    def distribution(self) -> str:
        """The name that installs it."""
        return self.name.replace("_", "-")

    def __str__(self) -> str:
        """`NumPy 2.3.5`."""
        return f"{self.title} {self.number}"

    @property
    def short(self) -> "Version":
        """Of Python without the last number, which tells readers nothing."""
        is_python = self.name == PYTHON
        return Version(self.name, ".".join(self.number.split(".")[:2])) if is_python else self


def tell_versions(versions: Iterable[Version]) -> str:
    """`Python 3.12, NumPy 2.3.5`."""
    return ", ".join(map(str, versions))
