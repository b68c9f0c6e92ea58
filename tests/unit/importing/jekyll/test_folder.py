from pathlib import Path, PurePosixPath

import pytest

from builder.errors import SettingsError
from builder.importing.jekyll.folder import JekyllFolder


def folder(root: Path, *names: str, **texts: str) -> JekyllFolder:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts.get(name, "---\n---\n"), encoding="utf-8")
    return JekyllFolder(root)


def paths(found: tuple[PurePosixPath, ...]) -> list[str]:
    return [str(path) for path in found]


def test_posts_and_drafts_are_found_in_any_folder(tmp_path: Path) -> None:
    jekyll = folder(
        tmp_path,
        "_posts/2020-01-01-a.md",
        "_posts/deep/2020-1-2-b.markdown",
        "notes/_posts/2020-01-03-c.mkd",
        "_drafts/idea.md",
        "notes/_drafts/other.mkdown",
        "_posts/undated.md",
        "_posts/2020-01-01-.md",
        "_posts/2020-01-04-d.html",
        "2020-01-05-e.md",
    )

    assert paths(jekyll.posts) == [
        "_posts/2020-01-01-a.md",
        "_posts/deep/2020-1-2-b.markdown",
        "notes/_posts/2020-01-03-c.mkd",
    ]
    assert paths(jekyll.drafts) == ["_drafts/idea.md", "notes/_drafts/other.mkdown"]


def test_what_is_passed_over_and_why(tmp_path: Path) -> None:
    jekyll = folder(
        tmp_path,
        "_posts/2020-01-01-a.md",
        "_posts/undated.md",
        "_posts/2020-01-04-d.html",
        "_posts/2020-01-04-d.textile",
        "about.md",
        "archive/index.html",
        "_recipes/cake.md",
        "_layouts/post.html",
        "vendor/x.md",
        ".hidden/x.md",
    )
    (tmp_path / "README.md").write_text("no front matter", encoding="utf-8")

    assert {str(path): reason for path, reason in jekyll.others} == {
        "_posts/undated.md": "its name begins with no date, so Jekyll passes it over, too",
        "_posts/2020-01-04-d.html": "a post in html: rename it to .md, and look at it",
        "_posts/2020-01-04-d.textile": "a post in textile: rename it to .md, and look at it",
        "about.md": "a page, not a post",
        "archive/index.html": "a page, not a post",
        "_recipes/cake.md": "of a collection, not a post",
    }


def test_links_in_the_file_system_are_not_followed(tmp_path: Path) -> None:
    jekyll = folder(tmp_path / "blog", "_posts/2020-01-01-a.md")
    (tmp_path / "secret.md").write_text("secret", encoding="utf-8")
    (tmp_path / "blog/_posts/2020-01-02-b.md").symlink_to(tmp_path / "secret.md")
    (tmp_path / "blog/assets").symlink_to(tmp_path)
    (tmp_path / "blog/loop").symlink_to(tmp_path / "blog")

    assert paths(jekyll.files) == ["_posts/2020-01-01-a.md"]


def test_of_two_configurations_the_one_is_read_that_jekyll_reads(tmp_path: Path) -> None:
    for name in ("_config.yaml", "_config.yml", "_config.yxml"):
        (tmp_path / name).write_text(f"title: {name}", encoding="utf-8")

    assert JekyllFolder(tmp_path).config == {"title": "_config.yml"}


def test_what_may_set_up_formulas_comes_in_the_order_of_its_names(tmp_path: Path) -> None:
    names = [f"{n * 7 % 20:02}.html" for n in range(20)]
    for name in ("_config.yml", *names):
        (tmp_path / name).write_text(name, encoding="utf-8")
    (tmp_path / "folder.html").mkdir()

    assert list(JekyllFolder(tmp_path).theme_texts()) == [*sorted(names), "_config.yml"]


@pytest.mark.parametrize("name", ["_config.yml", "_config.yaml"])
def test_a_configuration_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xef\xbb\xbftitle: A\r\ntimezone: UTC\r\n")

    assert JekyllFolder(tmp_path).config == {"title": "A", "timezone": "UTC"}


@pytest.mark.parametrize("text", ["", "just words", "- a\n- b", "# remarks alone"])
def test_a_configuration_without_keys_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "_config.yml").write_text(text, encoding="utf-8")

    assert JekyllFolder(tmp_path).config == {}


def test_a_blog_needs_no_configuration(tmp_path: Path) -> None:
    assert folder(tmp_path, "_posts/2020-01-01-a.md").config == {}


def test_a_folder_that_is_no_blog_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        _ = folder(tmp_path, "2020-01-01-a.md").config

    assert str(caught.value) == f"{tmp_path} is no Jekyll blog: no _config.yml and no _posts"


@pytest.mark.parametrize(
    "text", ["a: [1", "a: !ruby/object:X {}", "\t- x", "a: 2026-02-30", "a: !!int"]
)
def test_a_configuration_that_cannot_be_read_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "_config.yml").write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError) as caught:
        _ = JekyllFolder(tmp_path).config

    assert str(caught.value).startswith(f"{tmp_path / '_config.yml'} cannot be read: ")
    assert "\n" not in str(caught.value)


def test_includes_are_found_with_what_they_include(tmp_path: Path) -> None:
    names = {
        "_includes/a.html": "{% include inner/b.html x=1 %}",
        "_includes/inner/b.html": "{%- include a.html -%}",
        "_includes/c.html": "",
        "_includes/d.html": "",
        "_includes/unused.html": "",
    }
    jekyll = folder(tmp_path, *names, **names)
    text = '{% include a.html %} {%include "c.html"%} {% include_cached d.html %} {% include no %}'

    assert list(jekyll.includes_of(iter([text]))) == [
        "a.html",
        "c.html",
        "d.html",
        "inner/b.html",
    ]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("![a](/assets/a.png)", "assets/a.png"),
        ("![a]({{ site.baseurl }}/assets/a.png)", "assets/a.png"),
        ('<img src="{{ "/assets/a.png" | relative_url }}">', "assets/a.png"),
        ("[a](../assets/paper.pdf#page=3)", "assets/paper.pdf"),
        ("![a](/assets/two words.png)", "assets/two words.png"),
        ("![a](/assets/two%20words.png)", "assets/two words.png"),
        ("pd.read_csv('data/points.csv')", "data/points.csv"),
        ("image: /assets/a.png", "assets/a.png"),
        ("{% link assets/a.png %}", "assets/a.png"),
        ("![a](größe.png)", "assets/größe.png"),
    ],
)
def test_files_that_a_post_names_are_found(tmp_path: Path, written: str, name: str) -> None:
    jekyll = folder(tmp_path, name, "assets/other.png", "assets/style.css", "about.md")

    assert paths(jekyll.files_named_in([written])) == [name]


@pytest.mark.parametrize("name", ["style.css", "script.js", "page.md", "feed.xml", "Gemfile.lock"])
def test_files_of_the_theme_are_not_brought_over(tmp_path: Path, name: str) -> None:
    assert folder(tmp_path, name).files_named_in([f"[a](/{name})"]) == ()


def test_files_beside_posts_are_brought_over_in_any_case(tmp_path: Path) -> None:
    jekyll = folder(tmp_path, "_posts/a.png", "_posts/2020-01-01-a.md", "_drafts/b.png")

    assert paths(jekyll.files_named_in(["nothing"])) == ["_posts/a.png"]
