import pytest

from builder.errors import Location, PostError
from builder.model import ANY_ERROR, BlockOptions, Expectation
from builder.parse.options import (
    BLOCK_OPTIONS,
    as_entries,
    make_options,
    read_header,
    read_options,
    split_options,
)
from tests.unit.parse.posts import PATH, parse, problem_of


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
        ("warning: false", BlockOptions(warning=False)),
        ("error: true", BlockOptions(expected_error=ANY_ERROR)),
        ("error: false", BlockOptions()),
        ("error: ValueError", BlockOptions(expected_error="ValueError")),
        ("seed: 7", BlockOptions(seed=7)),
        ("code-fold: true", BlockOptions(code_fold="closed")),
        ("code-fold: show", BlockOptions(code_fold="open")),
        ("code-summary: Why", BlockOptions(code_summary="Why")),
        ("filename: a.py", BlockOptions(filename="a.py")),
        ("classes: .wide big", BlockOptions(classes=("wide", "big"))),
        ("fig-cap: A *curve*", BlockOptions(fig_cap="A *curve*")),
        ("fig-subcap: [a, b]", BlockOptions(fig_subcap=("a", "b"))),
        ("fig-width: 5", BlockOptions(fig_width_in=5.0)),
        ("fig-height: 2.5", BlockOptions(fig_height_in=2.5)),
        ("layout-ncol: 2", BlockOptions(layout_ncol=2)),
        ("fig-format: svg", BlockOptions(fig_format="svg")),
        ("fig-format: png", BlockOptions(fig_format="png")),
        ("fig-format: retina", BlockOptions(fig_format="png")),
        ("fig-dpi: 300", BlockOptions(fig_dpi=300)),
        ("emphasize-lines: 2", BlockOptions(emphasize_lines=(2,))),
        ("emphasize-lines: 1, 4-6", BlockOptions(emphasize_lines=(1, 4, 5, 6))),
        ("emphasize-lines: [1, 4-5]", BlockOptions(emphasize_lines=(1, 4, 5))),
        ("running-time: true", BlockOptions(running_time=True)),
        ("expect: 0.01", BlockOptions(expect=Expectation(relative=0.01))),
        ("expect: 0", BlockOptions(expect=Expectation(relative=0))),
        ("expect: exact", BlockOptions(expect=Expectation(kind="exact"))),
        ("expect: anything", BlockOptions(expect=Expectation(kind="anything"))),
        (
            "expect: {relative: 1e-3, absolute: 1e-8}",
            BlockOptions(expect=Expectation(relative=1e-3, absolute=1e-8)),
        ),
        ("expect: {absolute: 1}", BlockOptions(expect=Expectation(absolute=1))),
        ("sweep: {lr: [1e-3, -2E2]}", BlockOptions(sweep=(("lr", (0.001, -200.0)),))),
        ("sweep: {lr: ['1e-3', e5]}", BlockOptions(sweep=(("lr", ("1e-3", "e5")),))),
        ("sweep: {lr: [0.1, 1]}", BlockOptions(sweep=(("lr", (0.1, 1)),))),
        (
            "sweep: {a: [x, true], b: [1, 2]}",
            BlockOptions(sweep=(("a", ("x", True)), ("b", (1, 2)))),
        ),
        ("tags: [remove-input, mine]", BlockOptions(echo=False)),
        ("tags: hide-output", BlockOptions(output_fold=True)),
        ("tags: hide-cell", BlockOptions(code_fold="closed", output_fold=True)),
        ("tags: remove-stdout", BlockOptions(has_stdout=False)),
        ("tags: raises-exception", BlockOptions(expected_error=ANY_ERROR)),
        ("tags: [hide-input, remove-stderr]", BlockOptions(code_fold="closed", warning=False)),
        ("", BlockOptions()),
        ("# a comment", BlockOptions()),
    ],
)
def test_every_option_is_read(line: str, options: BlockOptions) -> None:
    assert make_options(read_options(line, PATH, 5)) == options


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("ehco: true", ":5: unknown block option 'ehco' (did you mean 'echo'?)"),
        (
            "echo: true\nzzz: 1",
            f":6: unknown block option 'zzz' (known are {', '.join(sorted(BLOCK_OPTIONS))})",
        ),
        ("echo: 'no'", ":5: echo: 'no' is not true or false"),
        ("eval: 1", ":5: eval: 1 is not true or false"),
        ("output:", ":5: output: None is not true or false"),
        ("label: 5", ":5: label: 5 is not a text"),
        ("label: yes", ":5: label: true is not a text"),
        (
            "label: my  figure",
            ":5: label: 'my  figure' is not a name without spaces, such as 'my-figure'",
        ),
        *(
            (f"emphasize-lines: {lines}", f":5: emphasize-lines: '{lines}' is not {expected}")
            for lines, expected in (
                ("1-999999999", "a list of lines, such as '1, 4-6'"),
                ("1-99999, 1-99999", "a list of at most 100,000 lines"),
            )
        ),
        ("error: 5", ":5: error: 5 is not true, false or the name of an exception"),
        ("seed: -1", ":5: seed: -1 is not a whole number from 0 to 4294967295"),
        ("code-fold: shut", ":5: code-fold: 'shut' is not true, false or 'show'"),
        ("fig-width: 0", ":5: fig-width: 0 is not a number of inches from 0.5 to 40"),
        ("layout-ncol: 0", ":5: layout-ncol: 0 is not a whole number of at least 1"),
        ("fig-format: pdf", ":5: fig-format: 'pdf' is not 'svg' or 'png'"),
        ("fig-dpi: 9", ":5: fig-dpi: 9 is not a whole number of dots an inch from 36 to 600"),
        (
            "sweep: [1, 2]",
            ":5: sweep: [1, 2] is not one or two names with a list of values, "
            "such as {lr: [0.01, 0.1]}",
        ),
        (
            "sweep: {lr: [1]}",
            ":5: sweep: {'lr': [1]} is not possible: lr needs a list of 2 to 12 values",
        ),
        (
            "sweep: {2x: [1, 2]}",
            ":5: sweep: {'2x': [1, 2]} is not possible: "
            "'2x' is no name that Python can give a value",
        ),
        (
            "sweep: {x: [1, [2]]}",
            ":5: sweep: {'x': [1, [...]]} is not possible: "
            "a value of x must be a number, a text, true or false",
        ),
        (
            "sweep: {x: [1, 1]}",
            ":5: sweep: {'x': [1, 1]} is not possible: a value of x is said twice",
        ),
        ("timeout: 0", ":5: timeout: 0 is not a number of seconds above 0"),
        ("timeout: .inf", ":5: timeout: inf is not a number of seconds above 0"),
        ("timeout: true", ":5: timeout: true is not a number of seconds above 0"),
        ("memory: 0", ":5: memory: 0 is not a whole number of at least 1"),
        ("memory: 1.5", ":5: memory: 1.5 is not a whole number of at least 1"),
        ("processes: false", ":5: processes: false is not a whole number of at least 1"),
        ("output-limit: -1", ":5: output-limit: -1 is not a whole number of at least 1"),
        ("cache: 0", ":5: cache: 0 is not true or false"),
        ("depends: {a: b}", ":5: depends: {'a': 'b'} is not a text or a list of texts"),
        *(
            (
                f"expect: {value}",
                f":5: expect: {told} is not a number such as 0.01, "
                "{relative: 1e-3, absolute: 1e-8}, 'exact' or 'anything'",
            )
            for value, told in (
                ("-1", "-1"),
                ("true", "true"),
                ("about", "'about'"),
                (".inf", "inf"),
                ("{}", "{}"),
                ("{rel: 1}", "{'rel': 1}"),
                ("{relative: much}", "{'relative': 'much'}"),
                ("[0.1]", "[0.1]"),
            )
        ),
        ("timeout: 1 min", ":5: timeout: '1 min' is not a number of seconds above 0"),
        (
            "fig-alt: [a, 1]",
            ":5: fig-alt: ['a', 1] is not a text or a list of texts",
        ),
        ("echo: true\n\necho: false", ":7: 'echo' is said twice in the block options"),
        ("echo", ":5: block options must be lines of 'key: value'"),
        (
            "echo: true\nfig-alt: a: b",
            ":6: broken block options: mapping values are not allowed in this context "
            "(put a text that holds ': ' in quotes)",
        ),
    ],
)
def test_a_wrong_option_is_reported_at_its_own_line(head: str, message: str) -> None:
    with pytest.raises(PostError) as caught:
        make_options(read_options(head, PATH, 5))

    assert str(caught.value) == f"{PATH}{message}"


def test_option_lines_end_at_the_first_line_of_code() -> None:
    head, code = split_options("#| echo: false\n#|eval: true\n\nx = 1\n#| late: 1")

    assert head == "echo: false\neval: true"
    assert code == "\nx = 1\n#| late: 1"


def test_an_option_is_counted_from_the_lines_of_the_post() -> None:
    assert problem_of("text\n\n```{python}\n#| echo: true\n#| ecoh: false\nx\n```") == (
        "posts/2026-11-23-sgd.md:8: unknown block option 'ecoh' (did you mean 'echo'?)"
    )


@pytest.mark.parametrize(
    ("header", "options"),
    [
        ("", BlockOptions()),
        ("name", BlockOptions(label="name")),
        (", echo=FALSE", BlockOptions(echo=False)),
        (".big #name", BlockOptions(classes=("big",), label="name")),
        ("name, echo=FALSE, fig.width=5", BlockOptions(label="name", echo=False, fig_width_in=5.0)),
        ("fig.cap='A, b', error=T", BlockOptions(fig_cap="A, b", expected_error=ANY_ERROR)),
        ("echo=false eval=False", BlockOptions(echo=False, eval=False)),
        ("expect=1e-3", BlockOptions(expect=Expectation(relative=0.001))),
    ],
)
def test_a_header_is_read_as_r_markdown_writes_it(header: str, options: BlockOptions) -> None:
    assert make_options(read_header(header, Location(PATH, 4))) == options


@pytest.mark.parametrize("header", ["=", "a=", "!", "echo=FALSE;"])
def test_a_header_that_is_none_is_refused(header: str) -> None:
    with pytest.raises(PostError):
        make_options(read_header(header, Location(PATH, 4)))


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            "fig.cap=[",
            "broken block header: did not find expected node content "
            "(close the bracket, or put the text in quotes)",
        ),
        (
            "label=*x",
            "broken block header: found undefined alias "
            "(put a text that begins with '*' in quotes)",
        ),
        (
            "label=%x",
            "broken block header: found character that cannot start any token "
            "(put a text that begins like this in quotes)",
        ),
        ("label=\x07", "broken block header: character '\\x07'"),
        ("label=2026-02-30", "label: '2026-02-30': day is out of range for month"),
        ("seed=!!int", "seed: '' is no int"),
        ("echo=!x", "broken block header: could not determine a constructor for the tag '!x'"),
    ],
)
def test_a_value_in_a_header_that_is_no_yaml_is_refused(header: str, message: str) -> None:
    with pytest.raises(PostError) as caught:
        read_header(header, Location(PATH, 4))

    assert str(caught.value) == f"{PATH}:4: {message}"


def test_what_a_header_says_is_written_as_lines_but_for_what_these_say() -> None:
    block = (
        "```{python curve, echo=FALSE, fig.cap='A: b', lst-cap='1e5', seed=1}\n#| seed: 2\nx\n```"
    )

    (read,) = parse(block)[0].blocks

    assert read.source.split("\n") == [
        "#| label: curve",
        "#| echo: false",
        "#| fig-cap: 'A: b'",
        "#| lst-cap: '1e5'",
        "#| seed: 2",
        "x",
    ]


def test_a_later_source_of_options_wins() -> None:
    site = as_entries({"echo": False, "warning": False}, Location(PATH))
    block = read_options("echo: true", PATH, 5)

    assert make_options((*site, *block)) == BlockOptions(echo=True, warning=False)
