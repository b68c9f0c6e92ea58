import pytest

from builder.render.post import Renderer
from tests.unit.render.renderers import render


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (r"a $$\frac{1}{2$$", ":4:14"),
        ("$$\nx\n\\oops\n$$", ":6:1"),
        ("> $$\n> \\oops\n> $$", ":5:3"),
        ("text\n\n```math\n\\oops\n```", ":7:1"),
        ("- item\n\n  \\\\[a \\oops\\\\]", ":6:8"),
    ],
)
def test_a_slip_in_a_formula_is_reported_at_its_line_and_column(
    renderer: Renderer, body: str, place: str
) -> None:
    _, (problem,) = render(renderer, body)

    assert problem.startswith(f"posts/2026-11-23-sgd.md{place}: TeX: ")


def test_a_slip_in_the_title_is_reported_at_its_line(renderer: Renderer) -> None:
    _, (problem,) = render(renderer, "", "tags: [a]\ntitle: A $$\\oops$$")

    assert problem.startswith("posts/2026-11-23-sgd.md:3:1: TeX: ")


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [("$$\n", "\n$$", "4:3"), ("Inline $$", "$$.", "4:10"), ("# A \\(", "\\)", "4:7")],
)
def test_a_formula_wider_than_a_phone_is_noted_wherever_it_stands(
    renderer: Renderer, before: str, after: str, place: str
) -> None:
    tex = " + ".join(f"x_{{{n}}}" for n in range(20))

    _, (problem,) = render(renderer, f"{before}{tex}{after}")

    assert problem.startswith(f"posts/2026-11-23-sgd.md:{place}: a formula is ")


@pytest.mark.parametrize(
    ("body", "excerpt"),
    [
        ("First *one*.\n\nSecond.", "First one."),
        ("Costs $5 & <b>$6</b>.", "Costs $5 & $6."),
        ("Let $$x < y$$ be.", "Let x < y be."),
        ("$$x$$\n\nText.", "Text."),
        ("# Heading\n\n> Quoted.", "Quoted."),
        ("", ""),
        ("word " * 100, "word " * 47 + "word …"),
    ],
)
def test_the_excerpt_is_the_text_of_the_first_paragraph_that_has_any(
    renderer: Renderer, body: str, excerpt: str
) -> None:
    assert render(renderer, body)[0].excerpt == excerpt


def test_a_description_is_the_excerpt_where_there_is_one(renderer: Renderer) -> None:
    assert render(renderer, "Text.", "description: Said")[0].excerpt == "Said"


def test_the_page_has_the_outlines_of_the_letters_in_its_formulas_once(renderer: Renderer) -> None:
    post, _ = render(renderer, "$$x$$ and $$x$$")

    assert len(post.glyphs) == 1
    assert post.article.count(f'href="#{next(iter(post.glyphs))}"') == 2


def test_a_formula_that_only_defines_leaves_nothing(renderer: Renderer) -> None:
    post, problems = render(renderer, "$$\\newcommand{\\half}{\\frac12}$$\n\nText.")

    assert (post.article, problems) == ("\n<p>Text.</p>", [])


def test_markdown_that_nests_too_deeply_is_a_problem_of_its_post(renderer: Renderer) -> None:
    post, problems = render(renderer, "a\n: b\n" * 2000)

    assert problems == ["posts/2026-11-23-sgd.md:1: lists or quotes are nested too deeply"]
    assert post.article == '<p class="problem">lists or quotes are nested too deeply</p>'


@pytest.mark.parametrize(
    ("body", "left", "warnings"),
    [
        ('<script src="https://x.example/MathJax.js"></script>', "", 0),
        ("<script>MathJax.Hub.Config({})</script>", "", 0),
        ('<script src="/assets/a.js"></script>', '<script src="/assets/a.js"></script>', 0),
        ("<script>let a = 1;</script>", "<script>let a = 1;</script>", 0),
        ('<script src="//x.example/a.js"></script>', "", 1),
        ("<link rel=stylesheet href=https://x.example/a.css>", "", 1),
        ("<!-- <script src='https://x.example/a.js'></script> -->", None, 0),
    ],
)
def test_a_page_loads_no_script_of_another_host(
    renderer: Renderer, body: str, left: str | None, warnings: int
) -> None:
    post, problems = render(renderer, body)

    assert post.article.strip() == (body if left is None else left)
    assert len(problems) == warnings
