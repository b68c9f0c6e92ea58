"""A value is the one that its expression has where it stands."""

from builder.model import CodeBlock, Display, ExecutedPost, InlineValue, Output, Values
from tests.unit.export.executed import executed


def value(text: str) -> Display:
    return Display({"text/plain": text.encode()})


def alts_of(post: ExecutedPost) -> list[str]:
    values = Values(post)
    blocks = (part for part in post.parsed.parts if isinstance(part, CodeBlock))
    return [values.fill(alt, b.alt_values) for b in blocks for alt in b.options.fig_alt]


def test_words_for_figures_have_the_values_behind_their_own_block() -> None:
    block = "```{python}\n#| fig-alt: The loss is `{python} loss`\nplot()\n```\n\n"
    nothing: tuple[Output, ...] = ()
    post = executed(
        f"{block}{block}Now `{{python}} loss`.",
        nothing,
        (value("0.9"),),
        nothing,
        (value("0.1"), value("0.1")),
    )

    assert alts_of(post) == ["The loss is 0.9", "The loss is 0.1"]


def test_the_front_matter_has_the_values_at_the_end() -> None:
    post = executed(
        "At first `{python} n`.\n\n```{python}\nn = 2\n```\n",
        (value("1"),),
        (),
        (value("2"), value("2")),
        front="title: On `{python} n`\ndescription: It is `{python} n`",
    )
    values, parsed = Values(post), post.parsed

    assert values.fill(parsed.front.description or "", parsed.front_values) == "It is 2"
    assert [values.say(p) for p in parsed.title if isinstance(p, InlineValue)] == ["2"]


def test_words_without_values_of_their_own_stay_as_they_are() -> None:
    post = executed("`{python} n`", (value("1"),))

    assert Values(post).fill("`{python} n`", ()) == "`{python} n`"
