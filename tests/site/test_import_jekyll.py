"""A Jekyll blog is brought over, and builds."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from lxml import html
from PIL import Image

from builder.config import PROJECT, open_site
from builder.errors import SettingsError
from builder.importing.jekyll.importer import Imported, import_jekyll
from builder.listening import Listener
from tests.site.conftest import ARTICLE, TODAY, Blog, told


@dataclass(frozen=True)
class Jekyll:
    """A Jekyll blog, and the site that it is brought into."""

    root: Path
    blog: Blog

    def write(self, name: str, content: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def post(self, name: str, body: str, head: str = "title: A post") -> None:
        self.write(f"_posts/{name}", f"---\n{head}\n---\n{body}")

    def bring(self, today: date = TODAY, *, executes: bool = False) -> Imported:
        return import_jekyll(
            self.root, self.blog.root, today, executes=executes, listener=Listener()
        )

    def brought(self, name: str) -> str:
        return (self.blog.root / name).read_bytes().decode()

    def files(self) -> dict[str, bytes]:
        """What lies in the site's folder, but for what builds keep."""
        return {
            path.relative_to(self.blog.root).as_posix(): path.read_bytes()
            for path in sorted(self.blog.root.rglob("*"))
            if path.is_file() and not path.is_relative_to(self.blog.root / ".cache")
        }


@pytest.fixture
def jekyll(make_blog: Callable[[str], Blog], tmp_path: Path) -> Jekyll:
    made = Jekyll(tmp_path / "jekyll", make_blog("site"))
    made.write("_config.yml", "title: Old blog\n")
    return made


def test_posts_are_copied_as_they_are(jekyll: Jekyll) -> None:
    texts = {
        "2020-01-01-crlf.md": b"---\r\ntitle: A\r\n---\r\nText.\r\n",
        "2020-01-02-bom.md": b"\xef\xbb\xbf---\ntitle: B\n---\nText.\n",
        "2020-01-03-latin.md": "---\ntitle: C\n---\ncafé\n".encode("latin-1"),
    }
    for name, content in texts.items():
        jekyll.write(f"_posts/{name}", content)

    done = jekyll.bring()

    assert [str(path) for path in done.posts] == [f"posts/{name}" for name in texts]
    for name, content in texts.items():
        assert (jekyll.blog.root / "posts" / name).read_bytes() == content


def test_posts_in_folders_keep_these_and_other_endings_become_md(jekyll: Jekyll) -> None:
    for name in ("_posts/deep/2020-01-01-a.md", "_posts/2020-01-02-b.markdown",
                 "_posts/2020-01-03-c.mkd", "notes/_posts/2020-01-04-d.md"):  # fmt: skip
        jekyll.write(name, "---\ntitle: A\n---\n")

    done = jekyll.bring()

    assert sorted(str(path) for path in done.posts) == [
        "posts/2020-01-02-b.markdown",
        "posts/2020-01-03-c.md",
        "posts/deep/2020-01-01-a.md",
        "posts/notes/2020-01-04-d.md",
    ]
    assert done.remarks == [
        (
            "notes/_posts/2020-01-04-d.md",
            "'notes' is a category in Jekyll: say 'categories: notes'",
        )
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "---\ntitle: A\n---\nText.\n",
            "---\ndraft: true\ndate: 2026-11-23\ntitle: A\n---\nText.\n",
        ),
        ("Text.\n", "---\ndraft: true\ndate: 2026-11-23\n---\nText.\n"),
        ("---\ndate: 2020-01-01\n---\n", "---\ndraft: true\ndate: 2020-01-01\n---\n"),
        ("---\r\ntitle: A\r\n---\r\n", "---\ndraft: true\ndate: 2026-11-23\ntitle: A\n---\n"),
    ],
)
def test_a_draft_says_that_it_is_one_and_its_day(jekyll: Jekyll, text: str, expected: str) -> None:
    jekyll.write("_drafts/idea.md", text)

    jekyll.bring()

    assert jekyll.brought("posts/idea.md") == expected.replace("---\nText.\n", "---\nText.\n")


def test_pictures_data_papers_and_includes_that_posts_name_are_copied(jekyll: Jekyll) -> None:
    jekyll.post(
        "2020-01-01-a.md",
        "![a](/assets/my pics/a b.png) ![c]({{ site.baseurl }}/img/c%20d.png)\n"
        "[p](/papers/p.pdf) {% include card.html %} {{ site.data.people[0] }}\n",
    )
    jekyll.write("_includes/card.html", "{% include inner/x.html %} ![z](/img/z.svg)")
    for name in ("assets/my pics/a b.png", "img/c d.png", "papers/p.pdf", "img/z.svg",
                 "img/unused.png", "_includes/inner/x.html", "_includes/unused.html",
                 "_data/people.yml", "_data/deep/more.csv", "assets/main.css"):  # fmt: skip
        jekyll.write(name, name)

    done = jekyll.bring()

    copied = {name for name in jekyll.files() if name != "pyproject.toml"}
    assert copied == {
        "posts/2020-01-01-a.md",
        "posts/assets/my pics/a b.png",
        "posts/img/c d.png",
        "posts/papers/p.pdf",
        "posts/img/z.svg",
        "_includes/card.html",
        "_includes/inner/x.html",
        "_data/people.yml",
        "_data/deep/more.csv",
    }
    assert done.written == len(copied)


def test_data_that_no_post_reads_is_not_copied(jekyll: Jekyll) -> None:
    jekyll.post("2020-01-01-a.md", "Text.\n")
    jekyll.write("_data/people.yml", "a: b")

    jekyll.bring()

    assert "_data/people.yml" not in jekyll.files()


def test_links_in_the_file_system_are_not_followed(jekyll: Jekyll, tmp_path: Path) -> None:
    jekyll.post("2020-01-01-a.md", "[s](/assets/secret.txt)\n")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (jekyll.root / "_posts/2020-01-02-b.md").symlink_to(tmp_path / "secret.txt")
    (jekyll.root / "assets").symlink_to(tmp_path)

    jekyll.bring()

    assert not any(content == b"secret" for content in jekyll.files().values())


def test_the_blog_itself_is_never_changed(jekyll: Jekyll) -> None:
    jekyll.post("2020-01-01-a.md", "```python\n1\n```\n")
    jekyll.write("_drafts/idea.md", "Text.\n")
    before = {p: p.read_bytes() for p in jekyll.root.rglob("*") if p.is_file()}

    jekyll.bring(executes=True)

    assert {p: p.read_bytes() for p in jekyll.root.rglob("*") if p.is_file()} == before


def test_nothing_that_is_there_is_written_over(jekyll: Jekyll) -> None:
    jekyll.post("2020-01-01-a.md", "![a](/img/a.png) {% include x.html %}\n")
    jekyll.write("img/a.png", "theirs")
    jekyll.write("_includes/x.html", "theirs")
    mine = ("posts/2020-01-01-a.md", "posts/img/a.png", "_includes/x.html")
    for name in mine:
        jekyll.blog.write(name, "---\ntitle: mine\n---\n")

    done = jekyll.bring()

    assert {jekyll.brought(name) for name in mine} == {"---\ntitle: mine\n---\n"}
    assert done.written == 0
    assert [remark for _, remark in done.remarks] == [
        f"{name} is there already and differs: it is kept"
        for name in ("posts/2020-01-01-a.md", "_includes/x.html", "posts/img/a.png")
    ]


def test_a_second_time_nothing_is_written(jekyll: Jekyll) -> None:
    jekyll.post("2020-01-01-a.md", "![a](/img/a.png)\n")
    jekyll.write("img/a.png", "theirs")
    jekyll.write("_drafts/idea.md", "Text.\n")
    first = jekyll.bring()
    before = jekyll.files()

    second = jekyll.bring()

    assert (first.written, second.written) == (3, 0)
    assert jekyll.files() == before
    assert second.remarks == first.remarks == []


def test_a_post_that_was_changed_here_is_kept(jekyll: Jekyll) -> None:
    jekyll.post("2020-01-01-a.md", "Text.\n")
    jekyll.bring()
    jekyll.blog.write("posts/2020-01-01-a.md", "---\ntitle: Mine\n---\n")

    done = jekyll.bring()

    assert jekyll.brought("posts/2020-01-01-a.md") == "---\ntitle: Mine\n---\n"
    assert done.remarks == [
        (
            "_posts/2020-01-01-a.md",
            "posts/2020-01-01-a.md is there already and differs: it is kept",
        )
    ]


def test_settings_are_those_of_the_blog(jekyll: Jekyll) -> None:
    jekyll.write(
        "_config.yml",
        "title: Old\nurl: https://me.example/ml\nauthor: {name: Ada}\ntimezone: Europe/Berlin\n"
        "permalink: pretty\ngithub: ada\n",
    )
    jekyll.write("_includes/math.html", "MathJax = {tex: {macros: {R: '\\\\mathbb{R}'}}};")
    jekyll.write("_layouts/default.html", "tex2jax: {inlineMath: [['$','$']]}")
    jekyll.post("2020-01-01-a.md", "{{ site.github }}\n", "layout: single\ntitle: A")

    done = jekyll.bring()

    config = open_site(jekyll.blog.root).config
    assert (config.title, config.url, config.base_path) == ("Old", "https://me.example", "/ml")
    assert (config.author, config.time_zone, config.liquid) == ("Ada", "Europe/Berlin", True)
    assert config.permalink == "/:categories/:year/:month/:day/:title/"
    assert (config.macros, config.math) == ({"R": r"\mathbb{R}"}, "kramdown")
    assert (config.variables, config.layouts) == ({"github": "ada"}, {"single": "post"})
    assert done.remarks == [("_config.yml", "the layouts single are 'post' here")]


def test_ones_own_settings_stay_with_their_comments(jekyll: Jekyll) -> None:
    jekyll.blog.write("pyproject.toml", '# mine\n[tool.site]\ntitle = "Mine"  # kept\n')
    jekyll.post("2020-01-01-a.md", "Text.\n")

    done = jekyll.bring()

    assert jekyll.brought("pyproject.toml").startswith(
        '# mine\n[tool.site]\ntitle = "Mine"  # kept\n'
    )
    assert done.remarks == [("_config.yml", "title stays 'Mine'; the blog says 'Old blog'")]


def test_formulas_in_single_dollars_are_seen_without_a_set_up(jekyll: Jekyll) -> None:
    jekyll.post("2020-01-01-a.md", "The loss $\\frac{1}{2} x^2$ falls.\n")

    done = jekyll.bring()

    assert open_site(jekyll.blog.root).config.math == "kramdown"
    assert done.remarks == [
        ("_config.yml", "$…$ looks like formulas in 1 files: read as such by 'math'")
    ]


def test_what_posts_tell_when_they_are_read_is_told(jekyll: Jekyll) -> None:
    jekyll.post("2020-01-01-a.md", "Text.\n{% youtube x %}\n{{ site.nothing }}\n")
    jekyll.write("_posts/2020-01-02-b.md", "no front matter\n")

    done = jekyll.bring()

    assert [str(problem) for problem in done.problems] == [
        "posts/2020-01-01-a.md:5:4: unknown Liquid tag 'youtube' "
        "(plugins do not run: write HTML, or an include; or {% raw %} where it is only shown)",
        "posts/2020-01-01-a.md:6:1: unknown variable 'site.nothing' "
        "(say it in the front matter, or as site.NAME under [tool.site.variables])",
        "posts/2020-01-02-b.md:1: no front matter (begin the post with a line '---', "
        "lines such as 'title: …', and a line '---')",
    ]


def test_pages_that_are_no_posts_are_told(jekyll: Jekyll) -> None:
    jekyll.post("2020-01-01-a.md", "Text.\n")
    jekyll.write("about.md", "---\ntitle: About\n---\n")

    assert jekyll.bring().remarks == [("about.md", "a page, not a post")]


def test_a_folder_that_is_no_blog_is_refused(jekyll: Jekyll) -> None:
    (jekyll.root / "_config.yml").unlink()

    with pytest.raises(SettingsError) as caught:
        jekyll.bring()

    assert str(caught.value) == f"{jekyll.root} is no Jekyll blog: no _config.yml and no _posts"
    assert jekyll.files() == {}


def test_a_folder_that_is_not_there_is_refused(jekyll: Jekyll, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        Jekyll(tmp_path / "nowhere", jekyll.blog).bring()

    assert str(caught.value) == f"{tmp_path / 'nowhere'}: there is no such folder (name the blog's)"


def test_the_site_itself_is_refused(jekyll: Jekyll) -> None:
    with pytest.raises(SettingsError) as caught:
        Jekyll(jekyll.blog.root / "." / "posts" / "..", jekyll.blog).bring()

    assert str(caught.value).endswith("is the site itself: name another folder with --root")


def test_a_block_that_gives_what_is_shown_gives_it_from_now_on(jekyll: Jekyll) -> None:
    jekyll.post(
        "2020-01-01-a.md",
        "```python\nx = 2\nprint(x)\n```\n\nOutput:\n\n```\n2\n```\n\n```python\nx + 1\n```\n\n"
        "```text\n3\n```\n\nThe end.\n",
    )

    done = jekyll.bring(executes=True)

    assert (done.running, done.remarks) == (2, [])
    assert jekyll.brought("posts/2020-01-01-a.md") == (
        "---\ntitle: A post\n---\n```{python}\nx = 2\nprint(x)\n```\n\n```{python}\nx + 1\n```\n\n"
        "The end.\n"
    )


def test_a_block_that_gives_something_else_is_told_and_the_old_output_stays(
    jekyll: Jekyll,
) -> None:
    body = "```python\nprint('new')\n```\n\n```\nold\n```\n"
    jekyll.post("2020-01-01-a.md", body)

    done = jekyll.bring(executes=True)

    assert done.running == 1
    assert done.remarks == [
        (
            "posts/2020-01-01-a.md",
            "line 8: gives something else:\n--- shown\n+++ given\n@@ -1 +1 @@\n-old\n+new",
        )
    ]
    assert jekyll.brought("posts/2020-01-01-a.md").endswith(body.replace("python", "{python}"))


def test_a_block_that_fails_stays_as_it_is(jekyll: Jekyll) -> None:
    jekyll.post(
        "2020-01-01-a.md",
        "```python\na = 1\n```\n\n```python\nimport no_such_library\n```\n\n"
        "```python\n>>> a\n1\n```\n\n```python\nprint(a)\n```\n",
    )

    done = jekyll.bring(executes=True)

    assert done.running == 2
    assert done.remarks == [
        (
            "posts/2020-01-01-a.md",
            "line 8: is only shown, as it does not run here: "
            "ModuleNotFoundError: No module named 'no_such_library'",
        )
    ]
    assert jekyll.brought("posts/2020-01-01-a.md").count("```{python}") == 2


def test_no_block_behind_one_that_takes_too_long_runs(jekyll: Jekyll) -> None:
    jekyll.blog.settings("timeout = 0.5")
    jekyll.post(
        "2020-01-01-a.md",
        "```python\na = 1\n```\n\n```python\nwhile True: pass\n```\n\n```python\na\n```\n",
    )

    done = jekyll.bring(executes=True)

    assert jekyll.brought("posts/2020-01-01-a.md").count("```{python}") >= 1
    assert "```python\nwhile True" in jekyll.brought("posts/2020-01-01-a.md")
    assert "did not end within its 0.5 seconds" in dict(done.remarks)["posts/2020-01-01-a.md"]


def test_posts_that_were_edited_here_are_not_made_to_run(jekyll: Jekyll) -> None:
    jekyll.post("2020-01-01-a.md", "```python\n1\n```\n")
    jekyll.bring()
    mine = "---\ntitle: Mine\n---\n```python\n2\n```\n"
    jekyll.blog.write("posts/2020-01-01-a.md", mine)

    done = jekyll.bring(executes=True)

    assert (done.running, jekyll.brought("posts/2020-01-01-a.md")) == (0, mine)


def test_a_second_time_nothing_is_made_to_run(jekyll: Jekyll) -> None:
    jekyll.post("2020-01-01-a.md", "```python\nprint(1)\n```\n\n```\n1\n```\n")
    jekyll.bring(executes=True)
    before = jekyll.files()

    done = jekyll.bring(executes=True)

    assert (done.running, done.written) == (0, 0)
    assert jekyll.files() == before


def test_posts_that_came_without_running_can_be_made_to_run_later(jekyll: Jekyll) -> None:
    jekyll.post("2020-01-01-a.md", "```python\nprint(1)\n```\n")
    jekyll.bring()

    assert jekyll.bring(executes=True).running == 1


@pytest.mark.parametrize("executes", [False, True])
def test_a_blog_that_was_brought_over_builds(jekyll: Jekyll, executes: bool) -> None:
    jekyll.write("_config.yml", "title: Old\nbaseurl: /ml\npermalink: /:title/\n")
    jekyll.write("_includes/figure.html", '<img src="{{ include.src | relative_url }}" alt="f">')
    jekyll.write("_includes/head.html", "MathJax = {tex: {macros: {R: '\\\\mathbb{R}'}}};")
    jekyll.write("_data/people.yml", "- name: Bo\n")
    (jekyll.root / "assets/my pics").mkdir(parents=True)
    Image.new("RGB", (4, 3)).save(jekyll.root / "assets/my pics/a b.png")
    jekyll.write("assets/paper.pdf", "paper")
    jekyll.post(
        "2020-01-01-first.md",
        "On $$x \\in \\R$$ with [a paper](/assets/paper.pdf).\n\n"
        "![two words](/assets/my pics/a b.png)\n\n"
        '{% include figure.html src="/assets/my pics/a b.png" %}\n\n'
        "{% highlight python linenos %}\nprint(1)\n{% endhighlight %}\n\n"
        "```python\nprint(2)\n```\n\n```\n2\n```\n",
        "layout: single\ntitle: First",
    )
    jekyll.post(
        "2020-01-02-second.md",
        "By {{ site.data.people[0].name }} after [it]({{ site.baseurl }}"
        "{% post_url 2020-01-01-first %}) and "
        "{% for p in site.posts %}{{ p.title }} {% endfor %}\n".replace("{{ site.baseurl }}", ""),
        "title: Second",
    )
    done = jekyll.bring(executes=executes)
    assert (done.problems, done.running) == ([], int(executes))

    report = jekyll.blog.build()

    assert told(report) == []
    first, second = (html.fromstring(jekyll.blog.page(n)) for n in ("first", "second"))
    assert second.xpath(f"{ARTICLE}/descendant-or-self::p/a/@href") == ["/ml/first/"]
    assert "By Bo after it and Second First" in second.text_content()
    assert len(first.xpath("//article//img")) == 2
    assert len(first.xpath("//*[@class='math']")) == 1
    assert "2" in first.xpath("//article//pre")[-1].text_content()


def _command(jekyll: Jekyll, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), "import-jekyll", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_prints_the_posts_and_says_the_rest(jekyll: Jekyll, tmp_path: Path) -> None:
    jekyll.post("2020-01-01-a.md", "{% nope %}\n")
    jekyll.write("about.md", "---\n---\n")
    root = tmp_path / "new" / "site"

    done = _command(jekyll, str(jekyll.root), "--root", str(root))

    assert (done.returncode, done.stdout) == (0, "posts/2020-01-01-a.md\n")
    assert done.stderr.splitlines() == [
        "about.md: a page, not a post",
        "posts/2020-01-01-a.md:4:4: error[unknown-tag]: unknown Liquid tag 'nope'",
        "    | {% nope %}",
        "    |    ^",
        "    hint: plugins do not run: write HTML, or an include; "
        "or {% raw %} where it is only shown",
        f"{jekyll.root}: 1 post, 1 file written into {root}, 2 remarks",
    ]


def test_the_command_says_how_many_blocks_run(jekyll: Jekyll) -> None:
    jekyll.post("2020-01-01-a.md", "```python\n1\n```\n")

    done = _command(jekyll, str(jekyll.root), "--execute", "--root", str(jekyll.blog.root))

    assert done.returncode == 0
    assert done.stderr.splitlines()[-1] == (
        f"{jekyll.root}: 1 post, 1 file written into {jekyll.blog.root}, 1 block runs, 0 remarks"
    )


def test_the_command_exits_with_2_where_there_is_no_blog(jekyll: Jekyll, tmp_path: Path) -> None:
    done = _command(jekyll, str(tmp_path / "nowhere"), "--root", str(jekyll.blog.root))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
