"""Give every post the same random numbers in every run."""

import random
import sys
from typing import Any

SEED = 0


class Seeds:
    """Seeds `random` and NumPy's generators, also the ones a post makes without a seed."""

    def __init__(self) -> None:
        numpy_random: Any = sys.modules["numpy.random"]
        self._numpy = numpy_random
        self._sequence: Any = None
        make = numpy_random.default_rng

        def default_rng(seed: object = None) -> object:
            return make(self._sequence.spawn(1)[0] if seed is None else seed)

        default_rng.__doc__ = make.__doc__
        numpy_random.default_rng = default_rng

    def set(self, seed: int = SEED) -> None:
        """Start all generators anew."""
        random.seed(seed)
        self._numpy.seed(seed)
        # Generators made without a seed must differ from each other, but not from run to run.
        self._sequence = self._numpy.SeedSequence(seed)
