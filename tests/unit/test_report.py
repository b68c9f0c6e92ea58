"""Problems in words."""

from pathlib import PurePosixPath

from builder.errors import Location, Problem, Severity, warning
from builder.report import annotation, describe, in_one_line

HERE = Location(PurePosixPath("posts/a, b:c.md"), 3, 7)


def test_an_annotation_escapes_what_would_end_it() -> None:
    problem = Problem(code="odd-thing", message="50% of\nit: all, really", location=HERE)

    assert annotation(problem, PurePosixPath("site")) == (
        "::error file=site/posts/a%2C b%3Ac.md,line=3,col=7,title=odd-thing::"
        "50%25 of%0Ait: all, really"
    )


def test_a_note_is_a_notice_and_a_file_as_a_whole_has_no_line() -> None:
    place = Location(PurePosixPath("posts/a.md"))
    problem = Problem(code="odd-thing", message="so", location=place, severity=Severity.NOTE)

    assert annotation(problem, PurePosixPath(".")) == "::notice file=posts/a.md,title=odd-thing::so"


def test_of_a_long_line_that_part_is_shown_which_has_the_name_that_is_told() -> None:
    line = f"{'word ' * 60}see [that](posts/odd.md) {'word ' * 60}"
    problem = Problem(
        code="odd-thing", message="no post 'x/odd.md'", location=Location(HERE.path, 1)
    )

    told = describe(problem, lambda _: [line]).splitlines()[1]

    assert "see [that](posts/odd.md) word" in told
    assert len(told) <= len("    | ") + 96


def test_one_line_has_place_severity_message_and_hint() -> None:
    told = in_one_line(warning("odd-thing", "odd", HERE, "look"))

    assert told == "posts/a, b:c.md:3:7: warning[odd-thing]: odd (look)"


def test_a_place_without_words_shows_none_of_them() -> None:
    lines = ["words", "", " \t "]
    for line in (None, 2, 3, 4):
        place = Location(HERE.path, line)
        problem = Problem(code="odd-thing", message="odd", location=place, hint="look")

        told = describe(problem, lambda _: lines).splitlines()

        assert told[0].endswith("error[odd-thing]: odd")
        assert [line.strip() for line in told[1:]] == ["hint: look"]
