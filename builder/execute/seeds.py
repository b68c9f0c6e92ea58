"""Give every post the same random numbers in every run."""

import random
import sys
from typing import Any

SEED = 0


def set_seeds() -> None:
    """Seed `random` and NumPy's generators, also the ones a post makes without a seed."""
    random.seed(SEED)
    numpy_random: Any = sys.modules["numpy.random"]
    numpy_random.seed(SEED)
    make = numpy_random.default_rng
    # Generators made without a seed must differ from each other, but not from run to run.
    sequence = numpy_random.SeedSequence(SEED)

    def default_rng(seed: object = None) -> object:
        return make(sequence.spawn(1)[0] if seed is None else seed)

    default_rng.__doc__ = make.__doc__
    numpy_random.default_rng = default_rng
