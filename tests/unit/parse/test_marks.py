"""Marks at the ends of lines are taken out of the code and say what is shown of it."""

import pytest

from builder.model import CodeBlock, LineMarks
from builder.parse.marks import take_marks
from tests.unit.parse.posts import listings_of, parse, problem_of


def _marks(hidden: set[int] | None = None, *notes: tuple[int, int]) -> LineMarks:
    return LineMarks(hidden=frozenset(hidden or ()), notes=notes)


MARKS = {
    "a hidden line": ("import a  # hide\nb", "import a\nb", _marks({1})),
    "a note": ("a\nb # <2>", "a\nb", _marks(None, (2, 2))),
    "two notes of a line": ("a # <1> # <2>", "a", _marks(None, (1, 2), (1, 1))),
    "both": ("a # <1> # hide", "a", _marks({1}, (1, 1))),
    "without spaces": ("a#hide\nb#<1>", "a\nb", _marks({1}, (2, 1))),
    "a comment alone": ("# hide\nb", "\nb", _marks({1})),
    "a comment before": ("a  # why # <1>", "a  # why", _marks(None, (1, 1))),
    "no mark but a word": ("a  # hide and seek", "a  # hide and seek", _marks()),
    "no mark within a text": ("a = '# hide'\nb = '''\n# hide\n'''", None, _marks()),
    "behind a text over lines": ("a = '''\nx\n'''  # hide", "a = '''\nx\n'''", _marks({3})),
    "in code that is broken": ("a  # hide\nb = (", "a\nb = (", _marks({1})),
    "no number": ("a # <x>", "a # <x>", _marks()),
}


@pytest.mark.parametrize(("code", "bare", "marks"), MARKS.values(), ids=MARKS.keys())
def test_marks_are_read(code: str, bare: str | None, marks: LineMarks) -> None:
    assert take_marks(code) == (code if bare is None else bare, marks)


def test_a_mark_is_no_part_of_what_runs() -> None:
    plain, marked = (
        parse(f"```{{python}}\nx = 1{mark}\n```")[0].blocks[0] for mark in ("", "  # hide")
    )

    assert isinstance(marked, CodeBlock)
    assert marked.code == plain.code == "x = 1"
    assert marked.source == "x = 1  # hide"


@pytest.mark.parametrize(
    ("info", "lines", "filename"),
    [
        ("python", (), None),
        ("python {2}", (2,), None),
        ("js {1,3-4}", (1, 3, 4), None),
        ('python hl_lines="1 3"', (1, 3), None),
        ('{.python emphasize-lines="2-3" filename="a b.py"}', (2, 3), "a b.py"),
        ("python title='a.py'", (), "a.py"),
        ('python {linenos=inline hl_lines=[1,"2-3"]}', (1, 2, 3), None),
        ('python {linenos=table,hl_lines=[2,"3-4"],linenostart=199}', (2, 3, 4), None),
    ],
)
def test_a_listing_says_lines_and_a_file(
    info: str, lines: tuple[int, ...], filename: str | None
) -> None:
    (listing,) = listings_of(f"```{info}\na\nb\nc\nd // <1>\n```")

    assert listing.language in ("python", "js")
    assert listing.filename == filename
    is_numbered = "linenos" in info
    marks = LineMarks(emphasized=frozenset(lines), notes=((4, 1),), is_numbered=is_numbered)
    assert listing.marks == marks
    assert listing.code == "a\nb\nc\nd"


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (
            "```{python}\n#| emphasize-lines: 3\nx\n```",
            "5: emphasize-lines: there is no line 3, the code has 1",
        ),
        (
            "```{python}\n#| emphasize-lines: 2-1\nx\n```",
            "5: emphasize-lines: '2-1' is not a list of lines, such as '1, 4-6'",
        ),
        ("```python {9}\nx\n```", "4: emphasize-lines: there is no line 9, the code has 1"),
        (
            '```python hl_lines="a"\nx\n```',
            "4: emphasize-lines: 'a' is not a list of lines, such as '1, 4-6'",
        ),
    ],
)
def test_lines_that_are_none_are_told(block: str, message: str) -> None:
    assert problem_of(block) == f"posts/2026-11-23-sgd.md:{message}"
