import pytest

from builder.errors import PostError
from builder.model import BlockOptions
from builder.parse.options import read_options, split_options
from tests.unit.parse.posts import PATH, problem_of


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("label: fig-1", BlockOptions(label="fig-1")),
        ("echo: false", BlockOptions(echo=False)),
        ("eval: false", BlockOptions(eval=False)),
        ("output: false", BlockOptions(output=False)),
        ("include: false", BlockOptions(include=False)),
        ("timeout: 90", BlockOptions(timeout_s=90.0)),
        ("timeout: 0.5", BlockOptions(timeout_s=0.5)),
        ("memory: 512", BlockOptions(memory_mb=512)),
        ("processes: 0", BlockOptions(processes=0)),
        ("processes: 3", BlockOptions(processes=3)),
        ("output-limit: 100", BlockOptions(output_limit=100)),
        ("depends: a.csv", BlockOptions(depends=("a.csv",))),
        ("depends: [a.csv, b.csv]", BlockOptions(depends=("a.csv", "b.csv"))),
        ("cache: false", BlockOptions(is_kept=False)),
        ("fig-alt: A  line", BlockOptions(fig_alt=("A line",))),
        ("fig-alt: [One, Two]", BlockOptions(fig_alt=("One", "Two"))),
        ("fig-alt:\n  - One\n  - Two", BlockOptions(fig_alt=("One", "Two"))),
        ("", BlockOptions()),
        ("# a comment", BlockOptions()),
    ],
)
def test_every_option_is_read(line: str, options: BlockOptions) -> None:
    assert read_options(line, PATH, 5) == options


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("ehco: true", ":5: unknown block option 'ehco' (did you mean 'echo'?)"),
        (
            "echo: true\nzzz: 1",
            ":6: unknown block option 'zzz' "
            "(known are cache, depends, echo, eval, fig-alt, include, label, memory, output, "
            "output-limit, processes, timeout)",
        ),
        ("echo: 'no'", ":5: echo: 'no' is not true or false"),
        ("eval: 1", ":5: eval: 1 is not true or false"),
        ("output:", ":5: output: None is not true or false"),
        ("label: 5", ":5: label: 5 is not a text"),
        ("label: yes", ":5: label: true is not a text"),
        ("timeout: 0", ":5: timeout: 0 is not a number of seconds above 0"),
        ("timeout: .inf", ":5: timeout: inf is not a number of seconds above 0"),
        ("timeout: true", ":5: timeout: true is not a number of seconds above 0"),
        ("memory: 0", ":5: memory: 0 is not a whole number of at least 1"),
        ("memory: 1.5", ":5: memory: 1.5 is not a whole number of at least 1"),
        ("processes: false", ":5: processes: false is not a whole number of at least 1"),
        ("output-limit: -1", ":5: output-limit: -1 is not a whole number of at least 1"),
        ("cache: 0", ":5: cache: 0 is not true or false"),
        ("depends: {a: b}", ":5: depends: {'a': 'b'} is not a text or a list of texts"),
        ("timeout: 1 min", ":5: timeout: '1 min' is not a number of seconds above 0"),
        (
            "fig-alt: [a, 1]",
            ":5: fig-alt: ['a', 1] is not a text or a list of texts",
        ),
        ("echo: true\n\necho: false", ":7: 'echo' is said twice in the block options"),
        ("echo", ":5: block options must be lines of 'key: value'"),
        (
            "echo: true\nfig-alt: a: b",
            ":6:11: broken block options: mapping values are not allowed in this context "
            "(put a text that holds ': ' in quotes)",
        ),
    ],
)
def test_a_wrong_option_is_reported_at_its_own_line(head: str, message: str) -> None:
    with pytest.raises(PostError) as caught:
        read_options(head, PATH, 5)

    assert str(caught.value) == f"{PATH}{message}"


def test_option_lines_end_at_the_first_line_of_code() -> None:
    head, code = split_options("#| echo: false\n#|eval: true\n\nx = 1\n#| late: 1")

    assert head == "echo: false\neval: true"
    assert code == "\nx = 1\n#| late: 1"


def test_an_option_is_counted_from_the_lines_of_the_post() -> None:
    assert problem_of("text\n\n```{python}\n#| echo: true\n#| ecoh: false\nx\n```") == (
        "posts/2026-11-23-sgd.md:8: unknown block option 'ecoh' (did you mean 'echo'?)"
    )
