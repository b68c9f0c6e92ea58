"""Texts to be learned letter by letter, and the way from letters to numbers and back."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from builder.network.arrays import Array
from builder.network.data.arguments import require_at_least
from builder.network.errors import ShapeError


def tiny_text() -> str:
    """Return a story of 2,406 characters that repeats itself, written for this library."""
    return Path(__file__).with_name("harbour.txt").read_text(encoding="utf-8")


def long_text() -> str:
    """Return the reference that Python's `help()` shows, about 465,000 characters.

    It belongs to the standard library: another version of Python has another text.

    Source: `pydoc_data.topics`, joined in the order of the topics' names.
    """
    from pydoc_data.topics import topics  # noqa: PLC0415 - half a megabyte, for this alone

    return "".join(topics[name] for name in sorted(topics))


class Characters:
    """A vocabulary: the characters of a text, numbered from 0 in the order of Unicode.

    Args:
        text: Has each character at least once.

    Raises:
        ValueError: The text is empty.
    """

    def __init__(self, text: str) -> None:
        if not text:
            raise ValueError("a vocabulary needs a text of at least one character")
        self.symbols = "".join(sorted(set(text)))
        self._token_of = {symbol: token for token, symbol in enumerate(self.symbols)}

    @property
    def size(self) -> int:
        """How many different characters there are."""
        return len(self.symbols)

    def encode(self, text: str) -> Array:
        """Return the numbers of the characters, integers (N,).

        Raises:
            ValueError: A character is not in the vocabulary.
        """
        try:
            return np.array([self._token_of[symbol] for symbol in text], np.intp)
        except KeyError as error:
            (symbol,) = error.args
            raise ValueError(
                f"{symbol!r}, character {text.index(symbol)} of the text, is not in the vocabulary"
            ) from None

    def decode(self, tokens: npt.ArrayLike) -> str:
        """Return the characters of integers (N,), or of a single one.

        Raises:
            ValueError: A number is not in the vocabulary.
        """
        tokens = np.ravel(tokens)
        for token in tokens:
            if not 0 <= token < self.size:
                raise ValueError(f"token {token} is not in the vocabulary of {self.size}")
        return "".join(self.symbols[token] for token in tokens)


def windows(tokens: npt.ArrayLike, length: int, step: int = 1) -> tuple[Array, Array]:
    """Cut a long text into windows; the target of each token is the token after it.

    Args:
        tokens: (M,), integers; the values of a series will do as well.
        length: T, how many tokens a window has.
        step: How much later the next window starts; step=length leaves no overlap.

    Returns:
        Inputs (N, T) and targets (N, T), with targets[:, t] = inputs[:, t + 1]. They are views
        of `tokens`, so that they take no memory, and cannot be written to.

    Raises:
        ShapeError: `tokens` does not have one axis.
        ValueError: `length` or `step` is less than 1, or there are too few tokens.
    """
    tokens = np.asarray(tokens)
    if tokens.ndim != 1:
        raise ShapeError("windows", f"got tokens of shape {tokens.shape}, expected (M,)")
    require_at_least(1, length=length, step=step)
    if len(tokens) <= length:
        raise ValueError(
            f"a window of {length} and its target need {length + 1} tokens, got {len(tokens)}"
        )
    both = np.lib.stride_tricks.sliding_window_view(tokens, length + 1)[::step]
    return both[:, :-1], both[:, 1:]
