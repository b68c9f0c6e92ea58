"""What snippets of the editor write builds without a problem."""

import json
import re

import pytest

from builder.config import PROJECT
from tests.site.conftest import Blog, told

FOLDER = PROJECT / "builder/scaffold/starter"
SNIPPETS = json.loads((FOLDER / "posts.code-snippets").read_text(encoding="utf-8"))
_PART = re.compile(
    r"\\(?P<escaped>[\\$}])"
    r"|\$(?P<bare>\d+)|\$\{(?P<again>\d+)\}"
    r"|\$\{(?P<choice>\d+)\|(?P<choices>[^|]*)\|\}"
    r"|\$\{(?P<open>\d+):|(?P<close>\})"
)


def expanded(body: list[str]) -> str:
    """A snippet with what stands in its places unless the writer says otherwise."""
    text, at, done = "\n".join(body), 0, [("", "")]
    while match := _PART.search(text, at):
        before, at = text[at : match.start()], match.end()
        name, so_far = done[-1]
        so_far += before
        if match["escaped"]:
            so_far += match["escaped"]
        elif match["choices"]:
            so_far += match["choices"].split(",")[0]
        elif match["close"]:
            if len(done) == 1:
                so_far += "}"
            else:
                done.pop()
                name, outer = done[-1]
                so_far = outer + so_far
        done[-1] = (name, so_far)
        if match["open"]:
            done.append((match["open"], ""))
    assert len(done) == 1, "a place is not closed"
    return done[0][1] + text[at:]


def test_the_words_in_a_place_stay() -> None:
    body = ["${1|a,b|} ${2:x ${3:y}z} {\\$\\$} \\\\\\\\", "$0"]

    assert expanded(body) == "a x yz {$$} \\\\\n"


def test_the_projects_own_snippets_are_those_of_a_new_site() -> None:
    for own, starter in (
        ("posts.code-snippets", "posts.code-snippets"),
        ("settings.json", "vscode-settings.json"),
    ):
        text = (PROJECT / ".vscode" / own).read_text(encoding="utf-8")
        assert text == (FOLDER / starter).read_text(encoding="utf-8")


def test_each_snippet_is_asked_for_by_a_word_of_its_own() -> None:
    prefixes = [snippet["prefix"] for snippet in SNIPPETS.values()]

    assert len(set(prefixes)) == len(prefixes)
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    assert [prefix for prefix in prefixes if f"`{prefix}`" not in readme] == []
    assert all(s["scope"] == "markdown" and s["description"] for s in SNIPPETS.values())


def test_all_snippets_together_build_a_post_without_a_remark(blog: Blog) -> None:
    pytest.importorskip("pandas")
    blog.post("2026-01-01-slug.md", "Text.\n", "title: Another")
    post, *parts = (expanded(snippet["body"]) for snippet in SNIPPETS.values())
    blog.write("posts/2026-01-02-p.md", "\n\n".join((post, *parts)) + "\n")

    report = blog.build(is_strict=True)

    assert told(report) == []
    page = blog.page("2026/01/02/p")
    for words in (
        'class="plot"',
        ".webp",
        "Figure 1",
        "Table 1",
        "Theorem (its name)",
        "these words",
        "0.667",
        "(1)</",
    ):
        assert words in page, words
