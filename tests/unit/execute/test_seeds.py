"""Random numbers are the same in every run, and differ within one."""

from tests.unit.execute.conftest import Show

CODE = (
    "import random\nimport numpy as np\nfrom numpy.random import default_rng\n"
    "print(random.random(), np.random.rand(), np.random.default_rng().random(),\n"
    "      default_rng().random(), default_rng(None).random(), default_rng(5).random(),\n"
    "      np.random.randn(), random.choice('abcdefghijklmnopqrstuvwxyz'))"
)


def _numbers(shown: list[tuple[object, ...]]) -> list[str]:
    return [part for (output,) in shown for part in getattr(output, "text", "").split()]


def test_two_runs_draw_the_same_numbers(show: Show) -> None:
    assert show(CODE, CODE) == show(CODE, CODE)


def test_generators_without_a_seed_differ_from_each_other(show: Show) -> None:
    numbers = _numbers([*show(CODE, CODE)])

    of_generators = [*numbers[2:5], *numbers[10:13]]
    assert len(set(of_generators)) == 6


def test_a_generator_with_a_seed_is_numpys_own(show: Show) -> None:
    numbers = _numbers([*show(CODE, CODE)])

    assert numbers[5] == numbers[13] == "0.8050029237453802"
