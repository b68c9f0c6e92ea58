"""`check`: every kind of finding is told with its place, and what only looks like one is not."""

import subprocess
import sys
from dataclasses import replace

import pytest

from builder.checking.check import CheckOptions, summary
from builder.checking.external import Asker, Reply
from builder.checking.widths import PHONE_CODE, PHONE_RESULT
from builder.config import PROJECT
from builder.errors import Severity
from builder.report import in_one_line
from tests.site.conftest import Blog

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
NO_PAGE = "write the address as it is in the browser, or name the file of a post"


def _found(blog: Blog, wanted: CheckOptions | None = None, **options: object) -> list[str]:
    return [in_one_line(problem) for problem in blog.check(wanted, **options).problems]


def _two_posts(blog: Blog, body: str, head: str = "title: One") -> None:
    """A post `a` with this body, which begins at line 4, and one at /2026/01/02/b/."""
    blog.post("2026-01-01-a.md", body, head)
    blog.post("2026-01-02-b.md", "## Part\n\nText.\n", "title: Two")


LINKS = [
    (
        "[x](/2026/01/02/zz/)",
        "4:5: error[broken-link]: '/2026/01/02/zz/' leads to no page or file ({})",
        NO_PAGE,
    ),
    (
        "Code `[x](/no/)`,\n[x](/no/).",
        "5:5: error[broken-link]: '/no/' leads to no page or file ({})",
        NO_PAGE,
    ),
    (
        "[x](/2026/1/2/b/)",
        "4:5: error[broken-link]: '/2026/1/2/b/' leads to no page or file ({})",
        "did you mean '/2026/01/02/b/'?",
    ),
    (
        "[x](data.csv)",
        "4:5: error[broken-link]: 'data.csv' leads to no page or file ({})",
        "put the file beside the post that names it, or into assets/",
    ),
    (
        "[x](2026-01-02-b.md#prt)",
        "4:16: error[broken-link]: '/2026/01/02/b/#prt': "
        "nothing on /2026/01/02/b/ has the id 'prt' ({})",
        "did you mean 'part'?",
    ),
    (
        "## Own {#prt}\n\n[[b#prt]]",
        "6:3: error[broken-link]: '/2026/01/02/b/#prt': "
        "nothing on /2026/01/02/b/ has the id 'prt' ({})",
        "did you mean 'part'?",
    ),
    (
        "[x](http://[your-host]/y)",
        "4:5: error[broken-link]: 'http://[your-host]/y' is no address",
        "",
    ),
    ("[x](#lost)", "4:5: error[broken-link]: '#lost': nothing on this page has the id 'lost'", ""),
    ("[x]()", "4:3: warning[empty-link]: a link leads nowhere ({})", "say where: [words](address)"),
    (
        "[](/2026/01/02/b/)",
        "4:4: warning[empty-link]: the link to '/2026/01/02/b/' has no words ({})",
        "say where it leads: [words](address)",
    ),
    (
        "[x](https://ada.example/2026/01/02/b/)",
        "4:5: note[own-host]: 'https://ada.example/2026/01/02/b/' names the site's own host ({})",
        "write '/2026/01/02/b/', which is right wherever the site is looked at",
    ),
]


@pytest.mark.parametrize(("body", "message", "hint"), LINKS, ids=[row[0] for row in LINKS])
def test_a_link_that_leads_nowhere_is_told_where_it_is_written(
    blog: Blog, body: str, message: str, hint: str
) -> None:
    blog.settings('url = "https://ada.example"')
    _two_posts(blog, f"{body}\n")

    assert _found(blog) == [f"posts/2026-01-01-a.md:{message.format(hint)}"]


@pytest.mark.parametrize(
    "body",
    [
        "[x](2026-01-02-b.md#part) [x](/2026/01/02/b/?q=1#part) [x](/2026/01/02/b)",
        "[x](../../02/b/) [x](#top) [x](mailto:a@b.example) [[b#part]]",
        "[x](https://other.example/no/) [x](//other.example/no/)",
        '<a name="here"></a> [x](#here) ![A dot](dot.svg) [![A dot](dot.svg)](/archive/)',
        "[x](/2026/01/01/a/%E2%82%AC/) [c](dot.svg)",
        "# Ünï cödé\n\n[x](#%C3%BCn%C3%AF-c%C3%B6d%C3%A9)",
    ],
)
def test_a_link_that_leads_somewhere_is_not_told(blog: Blog, body: str) -> None:
    blog.settings('base_path = "/ml"')
    blog.write("posts/dot.svg", SVG)
    _two_posts(blog, f"{body}\n")
    blog.post(
        "2026-01-03-c.md", "Text. ![A dot](dot.svg)\n", "title: C\npermalink: /2026/01/01/a/€/"
    )

    assert _found(blog) == []


def test_on_a_site_without_posts_no_link_leads_nowhere(blog: Blog) -> None:
    blog.settings("")
    blog.post("2026-01-01-a.md", "Text.\n", "title: A\ndraft: true")

    assert _found(blog) == []
    assert blog.check().pages == 2


def test_of_links_to_one_address_each_has_its_own_place(blog: Blog) -> None:
    _two_posts(blog, "[x](/no/)\n[y](/no/#z), `[y](/no/)`\n\n[z](/no/)\n")

    assert [line.split(": ")[0] for line in _found(blog)] == [
        "posts/2026-01-01-a.md:4:5",
        "posts/2026-01-01-a.md:5:5",
        "posts/2026-01-01-a.md:7:5",
    ]


def test_a_link_to_a_draft_says_so(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "[x](/2026/01/02/b/) [y](/2027/01/02/c/)\n")
    blog.post("2026-01-02-b.md", "Text.\n", "title: B\ndraft: true")
    blog.post("2027-01-02-c.md", "Text.\n", "title: C")

    assert [line.partition(" (")[2] for line in _found(blog)] == [
        "posts/2026-01-02-b.md is a draft, which is not published)",
        "posts/2027-01-02-c.md is held back until 2027-01-02)",
    ]
    assert _found(blog, with_drafts=True, with_future=True) == []


def test_a_link_in_the_settings_is_told_once_with_its_line(blog: Blog) -> None:
    blog.settings('navigation = { About = "/about/", Days = "/archive/" }')
    _two_posts(blog, "Text.\n")

    assert _found(blog) == [
        f"pyproject.toml:2: error[broken-link]: '/about/' leads to no page or file ({NO_PAGE})"
    ]


def test_a_link_of_a_template_is_told_once_with_its_line(blog: Blog) -> None:
    template = (PROJECT / "templates/base.html").read_text(encoding="utf-8")
    lines = template.replace('<main id="content"', '<img src="/no.png"><main id="content"')
    blog.write("templates/base.html", lines)
    _two_posts(blog, "Text.\n")

    line = lines[: lines.index("/no.png")].count("\n") + 1
    found = _found(blog)
    assert found[0].startswith(".cache/checked/2026/01/01/a/index.html:")
    assert "warning[missing-alt-text]: picture '/no.png' has no 'alt'" in found[0]
    assert found[1:] == [
        f"templates/base.html:{line}: error[broken-link]: '/no.png' leads to no page or file "
        "(put the file beside the post that names it, or into assets/)"
    ]


def test_a_feed_of_the_site_s_own_template_must_be_xml_and_lead_somewhere(blog: Blog) -> None:
    _two_posts(blog, "Text.\n")
    template = (PROJECT / "templates/feed.xml").read_text(encoding="utf-8")
    end = template.rindex("</feed>")
    blog.write("templates/feed.xml", f'{template[:end]}<link href="/no/"/></feed>')
    line = template.count("\n", 0, end) + 1
    assert _found(blog) == [
        f"templates/feed.xml:{line}: error[broken-link]: "
        f"'/no/' leads to no page or file ({NO_PAGE})"
    ]

    blog.write("templates/feed.xml", template[:end])
    (told,) = _found(blog)

    assert told.startswith(
        ".cache/checked/feed.xml:1: error[broken-xml]: feed.xml is no well-formed XML: "
    )
    assert told.endswith(" (mend templates/feed.xml)")


def test_a_post_that_cannot_be_read_hides_nothing_of_the_others(blog: Blog) -> None:
    _two_posts(blog, "[x](/no/) [y](/2026/01/03/c/)\n")
    blog.post("2026-01-03-c.md", "Text [x](/no/).\n", "title: [")

    first, second = _found(blog)

    assert "'/no/' leads to no page or file" in first
    assert second.startswith("posts/2026-01-03-c.md:")
    assert "broken front matter" in second


def test_a_link_that_a_block_has_written_is_found_in_its_code(blog: Blog) -> None:
    code = "class Link:\n    def _repr_html_(self):\n        return '<a href=\"/no/\">x</a>'\n"
    blog.post("2026-01-01-a.md", f"```{{python}}\n{code}Link()\n```\n")

    assert _found(blog) == [
        "posts/2026-01-01-a.md:7:26: error[broken-link]: "
        f"'/no/' leads to no page or file ({NO_PAGE})"
    ]


def test_a_link_in_an_author_s_own_aside_is_found(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", '<aside>\n<a href="/no/">x</a>\n</aside>\n')

    assert _found(blog) == [
        "posts/2026-01-01-a.md:5:10: error[broken-link]: "
        f"'/no/' leads to no page or file ({NO_PAGE})"
    ]


def test_what_the_build_says_is_not_said_twice(blog: Blog) -> None:
    formulas = "$$\\left( x$$ $$\\frac{a$$\n\n$$a$$ and $$b \\frac{c}{d}"
    body = f"[x](no.md) ![A dot](no.png) @fig-no {formulas}\n"
    _two_posts(blog, body)

    found = _found(blog)
    assert sorted(found) == sorted({in_one_line(p) for p in blog.build(keeps_going=True).problems})
    assert len(found) == 6


OUTLINES = [
    (
        "## A {#x}\n\n## B {#x}\n",
        "6:7: error[duplicate-label]: the id 'x' stands on /2026/01/01/a/ more than once "
        "(a link to it can lead to one place only: rename the others)",
    ),
    (
        "## A\n\n#### Deep\n",
        "6:1: note[skipped-level]: the heading 'Deep' skips a level (write '### Deep')",
    ),
    (
        "# A\n\n> ### $$x$$ in `code` {#x}\n",
        "6:3: note[skipped-level]: the heading '$$x$$ in `code`' skips a level "
        "(write '## $$x$$ in `code`')",
    ),
    (
        "A\n---\n\n#### Deep\n",
        "7:6: note[skipped-level]: the heading 'Deep' skips a level ({})".format(
            "let it be one level below the one before"
        ),
    ),
]


@pytest.mark.parametrize(("body", "message"), OUTLINES)
def test_an_outline_with_a_fault_is_told(blog: Blog, body: str, message: str) -> None:
    blog.post("2026-01-01-a.md", body)

    assert _found(blog) == [f"posts/2026-01-01-a.md:{message}"]


def test_a_sound_outline_is_not_told(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "# A\n\n## B\n\n### C\n\n## B\n\n# A\n\n```\n#### D {#b}\n```\n")

    assert _found(blog) == []


def test_slips_in_prose_have_line_and_column(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "A note[^1].\n\nSo \\frac{a}{b} is.\n")

    assert _found(blog) == [
        "posts/2026-01-01-a.md:4:7: warning[missing-note]: there is no footnote '1' "
        "(write it on a line of its own: [^1]: words)",
        "posts/2026-01-01-a.md:6:4: warning[stray-tex]: TeX outside of a formula: '\\frac' "
        "(put it between '$$', or between backticks where it is meant as code)",
    ]


def test_a_misspelt_key_of_the_front_matter_is_told(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "Text.\n", "title: A\ndescripton: words\nserie: B\nPermalink: /x/")

    assert _found(blog) == [
        f"posts/2026-01-01-a.md:{line}: warning[unread-key]: front matter: nobody reads {key!r} "
        f"(did you mean {nearest!r}?)"
        for line, key, nearest in (
            (3, "descripton", "description"),
            (4, "serie", "series"),
            (5, "Permalink", "permalink"),
        )
    ]


def test_swapped_letters_of_a_short_key_are_told_where_no_other_says_it(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "Text.\n", "tilte: A\ntgas: [b]\ntags: [c]")

    assert _found(blog) == [
        "posts/2026-01-01-a.md:2: warning[unread-key]: front matter: nobody reads 'tilte' "
        "(did you mean 'title'?)"
    ]


def test_an_author_may_have_variables_of_their_own(blog: Blog) -> None:
    head = (
        "title: A\ntag: numpy\nauthor: A\nsubtitle: B\nmathjax: true\ntoc: true\ntitel: C\nimage: x"
    )
    blog.post("2026-01-01-a.md", "Text: {{ page.titel }}.\n", head)

    assert _found(blog) == []


def test_a_block_that_took_long_is_noted_with_its_line(blog: Blog) -> None:
    blog.post(
        "2026-01-01-a.md",
        "Text.\n\n```{python}\nfrom time import process_time\n"
        "end = process_time() + 0.3\nwhile process_time() < end:\n    pass\n```\n\n"
        "```{python}\nimport time\ntime.sleep(0.3)\n```\n",
    )

    assert _found(blog) == []
    (told,) = _found(blog, CheckOptions(slow_s=0.1))
    assert told.startswith(
        "posts/2026-01-01-a.md:7: note[slow-block]: the block takes 0.3 s of the processor's time ("
    )


def test_what_a_phone_cannot_show_in_a_line_is_noted_once_for_each_block(blog: Blog) -> None:
    code, more = "x" * PHONE_CODE, "x" * (PHONE_CODE + 1)
    blog.post(
        "2026-01-01-a.md",
        f"```text\n{code}\n{more}\n{more}\n```\n\n"
        f"```{{python}}\n#| warning: false\ny = '{more}'  # hide\nprint(y)\nprint(y + y)\n```\n\n"
        f"```{{python}}\n#| echo: false\n#| sweep: {{n: [1, 2]}}\ny * n  # {more}\n```\n\n"
        "```{python}\n#| output: false\nprint(y + y)\n```\n\n"
        f"> ```python linenos\n> {'x' * (PHONE_CODE - 4)}\n> ```\n",
    )
    outputs = [
        f"posts/2026-01-01-a.md:{line}: note[wide-output]: what the block gives has a line of "
        f"{columns} characters, {columns - PHONE_RESULT} more than a phone shows "
        "(it scrolls there; show less in a line)"
        for line, columns in ((12, 2 * PHONE_CODE + 2), (20, 2 * PHONE_CODE + 4))
    ]
    codes = [
        f"posts/2026-01-01-a.md:{line}: note[wide-code]: the code has a line of "
        f"{PHONE_CODE + 1} characters, 1 more than a phone shows (it scrolls there; break it)"
        for line in (6, 29)
    ]

    assert _found(blog) == _found(blog) == outputs
    assert sorted(_found(blog, CheckOptions(is_for_phones=True))) == sorted((*outputs, *codes))


def test_a_wide_formula_is_told_by_its_number_and_name(blog: Blog) -> None:
    tex = " + ".join(f"x_{{{n}}}" for n in range(20))
    blog.post("2026-01-01-a.md", f"$$a$$ {{#eq-a}}\n\n$${tex}$$ {{#eq-long}}\n\n$${tex}$$\n")

    named, other = _found(blog)
    assert "posts/2026-01-01-a.md:6:1: note[wide-formula]: the formula (2) 'eq-long' is " in named
    assert "posts/2026-01-01-a.md:8:3: note[wide-formula]: a formula is " in other


def test_pictures_that_nothing_names_are_noted(blog: Blog) -> None:
    for name in ("seen", "unseen", "opened", "named"):
        blog.write(f"posts/2026-01-01-a/{name}.svg", SVG)
    for name in ("img/back.svg", "img/unseen.svg", "root/favicon.svg"):
        blog.write(f"assets/{name}", SVG)
    blog.write("assets/css/9-own.css", 'main { background: url("../img/back.svg") }\n')
    blog.write("posts/of a draft.svg", SVG)
    blog.post("2026-01-02-b.md", "![A dot](of%20a%20draft.svg)\n", "title: B\ndraft: true")
    blog.post(
        "2026-01-01-a/index.md",
        "![A dot](seen.svg) [all](named.svg)\n\n```{python}\n"
        "name = 'open' + 'ed'\nlen(open(f'{name}.svg').read())\n```\n",
    )

    hint = "(remove it, or show it in a post)"
    assert _found(blog) == [
        f"assets/img/unseen.svg: note[unused-picture]: nothing names this picture of 1 KB {hint}",
        "posts/2026-01-01-a/unseen.svg: note[unused-picture]: "
        f"nothing names this picture of 1 KB {hint}",
    ]


def test_links_to_other_hosts_are_asked_for_on_demand(blog: Blog) -> None:
    def fetch(method: str, url: str) -> Reply:
        return Reply(404 if url.endswith("gone") else 200)

    blog.post("2026-01-01-a.md", "[x](https://192.0.2.1/) [y](https://8.8.8.8/gone#part)\n")
    asked: list[str] = []

    def noted(method: str, url: str) -> Reply:
        asked.append(url)
        return fetch(method, url)

    assert _found(blog) == []
    assert _found(blog, CheckOptions(asker=Asker(noted, pause_s=0))) == [
        "posts/2026-01-01-a.md:4:5: warning[unsure-link]: 'https://192.0.2.1/': "
        "192.0.2.1 is on a private network (look whether readers can reach it)",
        "posts/2026-01-01-a.md:4:29: error[broken-link]: 'https://8.8.8.8/gone': the answer is 404 "
        "(link to where it is now, or to a copy of it at https://web.archive.org/)",
    ]
    assert asked == ["https://8.8.8.8/gone"] * 2


def test_a_check_leaves_the_site_alone_and_a_second_one_finds_the_same(blog: Blog) -> None:
    _two_posts(blog, "[x](/no/) and $$x\n")

    first = blog.check()
    second = blog.check()

    assert not blog.output.exists()
    assert second.problems == first.problems
    assert (first.pages, first.pictures) == (second.pages, 0)
    assert [first.count(severity) for severity in Severity] == [1, 1, 0]


def test_an_edit_is_seen_by_the_next_check(blog: Blog) -> None:
    _two_posts(blog, "[x](/2026/01/02/b/#part)\n")
    assert _found(blog) == []

    blog.post("2026-01-02-b.md", "## Another\n")

    (told,) = _found(blog)
    assert "nothing on /2026/01/02/b/ has the id 'part'" in told


def test_strictly_warnings_are_errors(blog: Blog) -> None:
    blog.post("2026-01-01-a.md", "A note[^1].\n\n## A\n\n#### Deep\n")

    report = blog.check(CheckOptions(is_strict=True))

    assert [report.count(severity) for severity in Severity] == [1, 0, 1]
    assert summary(replace(report, seconds=0.25)).endswith(": 1 error, 0 warnings, 1 note, 0.25 s")


def _run(blog: Blog, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), "check", *arguments, "--root", str(blog.root)],
        capture_output=True,
        text=True,
        check=False,
        cwd=blog.root,
    )


def test_the_command_annotates_and_fails(blog: Blog) -> None:
    blog.settings("social_cards = false")
    _two_posts(blog, "[x](#lost)\n")

    done = _run(blog, "--output-format", "github")

    assert done.returncode == 1
    assert done.stdout == (
        "::error file=posts/2026-01-01-a.md,line=4,col=5,title=broken-link::"
        "'#lost': nothing on this page has the id 'lost'\n"
    )
    assert done.stderr.startswith("looked at ")


def test_the_command_is_content_with_a_sound_site(blog: Blog) -> None:
    blog.settings("social_cards = false")
    _two_posts(blog, "Text.\n")

    done = _run(blog, "--slow", "0.5")

    assert (done.returncode, done.stdout) == (0, "")
    assert ": 0 errors, 0 warnings, 0 notes, " in done.stderr
    assert not blog.output.exists()
