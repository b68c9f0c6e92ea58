import pytest

from builder.parse.fences import Fence, find_fences
from tests.unit.parse.posts import listings_of, parse, problem_of, prose_of


def fences(text: str) -> list[Fence]:
    return [found for found in find_fences(text) if isinstance(found, Fence)]


def codes(text: str) -> list[str]:
    return [fence.code for fence in fences(text)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```\na\n```", "a"),
        ("```\n```", ""),
        ("```\n\n\n```", "\n"),
        ("~~~\na\n```\n~~~", "a\n```"),
        ("````\n```\na\n```\n````", "```\na\n```"),
        ("```\na\n`````", "a"),
        ("   ```\n   a\n    b\n   ```", "a\n b"),
        ("```\na\n   ```  ", "a"),
        ("```\na\n    ```\n```", "a\n    ```"),
        ("```\na\n``` b\n```", "a\n``` b"),
        ("text\n```\na\n```\ntext", "a"),
        ("```\n> a\n> ```\n```", "> a\n> ```"),
    ],
)
def test_a_fence_ends_at_one_of_its_kind_that_is_at_least_as_long(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        "``\na\n``",
        "``` a`b\ntext",
        "    ```\n    a\n    ```",
        "\t```\n\ta\n\t```",
        "text ```\n",
        "paragraph\n\n    ```\n    a\n    ```",
        "<!--\n```\na\n```\n-->",
        "<pre>\n\n```\na\n```\n</pre>",
        "<script>\n```\n</script>",
    ],
)
def test_code_spans_indented_code_and_raw_html_hold_no_fence(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "code", "container"),
    [
        ("- ```\n  a\n  ```", "a", "  "),
        ("- item\n\n  ```\n  a\n\n    b\n  ```", "a\n\n  b", "  "),
        ("1. item\n   ```\n   a\n   ```", "a", "   "),
        ("* item\n\n    ```\n    a\n    ```", "a", "    "),
        ("- item\n\n\t```\n\ta\n\t```", "a", "\t"),
        ("- item\nlazy\n\n    ```\n    a\n    ```", "a", "    "),
        ("- a\n  - b\n\n      ```\n      x\n      ```", "x", "      "),
        ("> ```\n> a\n>  b\n> ```", "a\n b", "> "),
        (">```\n>a\n>```", "a", ">"),
        ("> > ```\n> > a\n> > ```", "a", "> > "),
        ("> - ```\n>   a\n>   ```", "a", ">   "),
        ("[^1]: note\n\n    ```\n    a\n    ```", "a", "    "),
    ],
)
def test_a_block_in_a_list_or_quote_is_free_of_what_it_stands_in(
    text: str, code: str, container: str
) -> None:
    (fence,) = fences(text)

    assert (fence.code, fence.container, fence.is_closed) == (code, container, True)


def test_two_blocks_keep_their_lines_and_places() -> None:
    text = "a\n```\nb\n```\n\n~~~ c  \nd\n~~~\ne"

    first, second = fences(text)

    assert (first.line, second.line) == (1, 5)
    assert text[first.start : first.end] == "```\nb\n```"
    assert text[second.start : second.end] == "~~~ c  \nd\n~~~"
    assert second.info == "c"


def test_a_quote_that_ends_before_its_fence_takes_no_more_of_the_post() -> None:
    first, second = fences("> ```\n> a\n\ntext\n\n```\nb\n```")

    assert (first.is_closed, first.code) == (False, "a")
    assert (second.is_closed, second.code) == (True, "b")


def test_an_unclosed_fence_is_an_error_at_its_opening_line() -> None:
    assert problem_of("text\n\n```{python}\nx = 1\n") == (
        "posts/2026-11-23-sgd.md:6: unclosed fence "
        "(close the block with as many backticks as it begins with)"
    )


@pytest.mark.parametrize(
    ("info", "language"),
    [
        ("", ""),
        ("python", "python"),
        (" c++ ", "c++"),
        ("c#", "c#"),
        ('js title="a.js"', "js"),
        ("{.haskell .numberLines}", "haskell"),
    ],
)
def test_a_listing_takes_its_language_from_the_first_word(info: str, language: str) -> None:
    (listing,) = listings_of(f"```{info}\ncode\n```")

    assert (listing.language, listing.code) == (language, "code")


def test_a_block_within_a_longer_fence_is_only_shown() -> None:
    post, problems = parse("````\n```{python}\n1 / 0\n```\n````")

    assert (post.blocks, problems) == ((), [])


@pytest.mark.parametrize(
    ("info", "message"),
    [
        (
            "{pyton}",
            "posts/2026-11-23-sgd.md:4: blocks in 'pyton' cannot run here, only {python} can "
            "(did you mean 'python'?)",
        ),
        (
            "{julia}",
            "posts/2026-11-23-sgd.md:4: blocks in 'julia' cannot run here, only {python} can "
            "(show it with ```julia)",
        ),
        (
            "{python =1}",
            "posts/2026-11-23-sgd.md:4: unknown block header '=1' "
            "(write options as '#| key: value' lines at the head of the block)",
        ),
    ],
)
def test_a_block_header_that_cannot_run_is_an_error(info: str, message: str) -> None:
    assert problem_of(f"```{info}\nx\n```") == message


def test_a_commented_block_does_not_run_and_its_comment_stays() -> None:
    body = "<!--\n```{python}\nx\n```\n-->\nafter\n"

    assert parse(body)[0].blocks == ()
    assert prose_of(body) == body
