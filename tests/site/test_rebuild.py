"""A build after another one does what is new, and gives what a build from nothing gives."""

import os
import pickle
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from builder import reading, rendering
from builder.cache.formulas import FormulaStore
from builder.cache.store import Store, digest
from builder.compose.articles import Articles
from builder.config import open_site
from builder.listening import Listener
from builder.options import BuildOptions
from builder.parse import post as parsing
from builder.render.post import Renderer
from builder.services import Services
from builder.session import build_with
from builder.social.cards import Drawers
from tests.site.conftest import TODAY, Blog

Done = dict[str, list[str]]


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Done:
    """The slugs of posts that were parsed, rendered and composed."""
    seen: Done = {"parsed": [], "rendered": [], "composed": []}

    def noting(kind: str, function: Callable[..., Any], slug: Callable[..., str]) -> Any:
        def noted(*values: Any, **options: Any) -> Any:
            seen[kind].append(slug(*values))
            return function(*values, **options)

        return noted

    monkeypatch.setattr(
        reading, "try_parse", noting("parsed", parsing.try_parse, lambda source, *_: source.slug)
    )
    monkeypatch.setattr(
        Renderer,
        "render",
        noting("rendered", Renderer.render, lambda _, executed: executed.parsed.source.slug),
    )
    monkeypatch.setattr(
        Articles,
        "_make",
        noting("composed", Articles._make, lambda _, page, *__: page.card.path.stem[11:]),
    )
    return seen


@pytest.fixture
def posts(blog: Blog) -> Blog:
    for day, slug in enumerate("abcde", start=1):
        blog.post(f"2026-01-0{day}-{slug}.md", f"Text of {slug}, $$x_{day}$$.\n", f"title: {slug}")
    return blog


def clear(done: Done) -> None:
    for seen in done.values():
        seen.clear()


def built_anew(blog: Blog, tmp_path: Path) -> dict[str, bytes]:
    """The files of the same blog, built from nothing in another folder."""
    folder = tmp_path / "anew"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(blog.root, folder, ignore=shutil.ignore_patterns("_site", ".cache"))
    other = replace(blog, root=folder)
    other.build(keeps_going=True)
    return other.files()


def test_a_word_edited_parses_renders_and_composes_one_post(posts: Blog, done: Done) -> None:
    posts.post("2026-01-03-c.md", "What lists say.\n\nText.\n", "title: c")
    posts.build()
    before = posts.files()
    clear(done)
    posts.post("2026-01-03-c.md", "What lists say.\n\nOther text.\n", "title: c")

    report = posts.build()

    assert done == {"parsed": ["c"], "rendered": ["c"], "composed": ["c"]}
    address = "2026/01/03/c"
    written = {name for name, content in posts.files().items() if before.get(name) != content}
    assert {name for name in written if not name.startswith("search/")} == {
        *(f"{address}/index.html", f"{address}/index.md", "feed.xml", "feed.json")
    }
    assert report.written == len(written)
    assert "Other text." in posts.page("2026/01/03/c")


@pytest.mark.parametrize("is_title", [False, True])
def test_posts_that_have_run_are_rendered_once(blog: Blog, done: Done, is_title: bool) -> None:
    """Their results, and numbers with a mean(), are the same as read and as made."""
    plot = "```{python}\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n```\n"
    mean = "```{python}\nimport numpy as np\nnp.ones(3).mean()\n```\n"
    blog.post("2026-01-01-a.md", plot + mean, "title: a")
    blog.post("2026-01-02-b.md", "Text.\n", "title: b")
    blog.post("2026-01-03-c.md", "Text.\n", "title: c")
    blog.build()
    clear(done)
    blog.post("2026-01-03-c.md", "Another text.\n", "title: another" if is_title else "title: c")

    blog.build()

    assert "a" not in done["rendered"]


def test_an_excerpt_edited_stands_in_lists(posts: Blog) -> None:
    posts.build()
    posts.post("2026-01-03-c.md", "Other text.\n", "title: c")

    posts.build()

    assert all(b"Other text." in posts.files()[name] for name in ("index.html", "feed.xml"))


def test_a_title_edited_composes_its_neighbours_too(posts: Blog, done: Done) -> None:
    posts.build()
    clear(done)
    posts.post("2026-01-03-c.md", "Text of c, $$x_3$$.\n", "title: Another")

    posts.build()

    assert done["parsed"][0] == "c"
    assert sorted(done["composed"]) == ["b", "c", "d"]
    assert "Another" in posts.page("2026/01/02/b")
    assert "Another" in posts.page("2026/01/04/d")


def test_a_template_edited_composes_every_post(posts: Blog, done: Done) -> None:
    posts.build()
    clear(done)
    posts.write("templates/post.html", "{{ title }}: {{ article }}")

    posts.build()

    assert sorted(done["composed"]) == list("abcde")
    assert posts.page("2026/01/01/a").startswith("a: ")


def test_a_picture_exchanged_renders_its_post(posts: Blog, done: Done) -> None:
    path = posts.root / "posts/p.png"
    Image.new("RGB", (10, 10)).save(path)
    posts.post("2026-01-03-c.md", "![p](p.png)\n", "title: c")
    posts.build()
    clear(done)
    Image.new("RGB", (20, 10)).save(path)

    posts.build()

    assert done["rendered"] == ["c"]
    assert 'width="20"' in posts.page("2026/01/03/c")
    assert posts.files()["2026/01/03/c/p.png"] == path.read_bytes()


def test_problems_of_posts_that_are_known_are_told_again(posts: Blog, done: Done) -> None:
    posts.post("2026-01-03-c.md", "![p](none.png) and $$ open\n", "title: c")
    first = posts.build(keeps_going=True)
    clear(done)
    posts.post("2026-01-05-e.md", "Another.\n", "title: e")

    again = posts.build(keeps_going=True)

    assert "c" not in done["parsed"]
    assert first.problems == again.problems
    assert len(again.problems) == 2


def test_a_link_to_a_post_follows_its_address(posts: Blog) -> None:
    posts.post("2026-01-01-a.md", "[[c]]\n", "title: a")
    posts.build()
    posts.post("2026-01-03-c.md", "Text.\n", "title: c\npermalink: /elsewhere/")

    posts.build()

    assert 'href="/elsewhere/"' in posts.page("2026/01/01/a")


@pytest.mark.parametrize("damage", [b"", b"\x80\x05nonsense", None])
def test_damaged_knowledge_of_posts_is_none(posts: Blog, done: Done, damage: bytes | None) -> None:
    posts.build()
    files = posts.files()
    clear(done)

    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(posts.root / "evil"),)

    body = pickle.dumps(("", Evil())) if damage is None else damage
    Store(posts.root / ".cache").put("cards", digest("cards"), body)
    posts.build()

    assert sorted(done["rendered"]) == list("abcde")
    assert posts.files() == files
    assert not (posts.root / "evil").exists()


def test_a_page_that_was_changed_by_hand_is_put_right(posts: Blog) -> None:
    posts.build()
    files = posts.files()
    page = posts.output / "2026/01/03/c/index.html"
    page.write_text("mine")

    report = posts.build()

    assert report.written == 1
    assert posts.files() == files


def spares(blog: Blog) -> Iterator[Path]:
    return (blog.root / ".cache" / "spare").iterdir()


@pytest.mark.parametrize("disorder", ["a file", "a folder", "a link", "no rights"])
def test_disorder_in_the_spare_site_reaches_no_reader(
    posts: Blog, tmp_path: Path, disorder: str
) -> None:
    for text in ("One.\n", "Two.\n"):
        posts.post("2026-01-03-c.md", text, "title: c")
        posts.build()
    (spare,) = spares(posts)
    page = spare / "2026/01/03/c/index.html"
    match disorder:
        case "a file":
            (spare / "2026/extra.txt").write_text("x")
            page.unlink()
            page.write_text("half")
        case "a folder":
            page.unlink()
            page.mkdir()
        case "a link":
            page.unlink()
            page.symlink_to(tmp_path / "nowhere")
        case "no rights":
            shutil.rmtree(spare)
            spare.write_text("no folder")
    posts.post("2026-01-03-c.md", "Three.\n", "title: c")

    posts.build()

    assert posts.files() == built_anew(posts, tmp_path)


def test_after_any_edit_the_site_is_what_a_build_from_nothing_gives(
    posts: Blog, tmp_path: Path
) -> None:
    chance = random.Random(7)
    posts.settings("liquid = true")
    for step in range(24):
        slug, day = chance.choice("abcdefg"), chance.randint(1, 9)
        path = f"2026-01-0{day}-{slug}.md"
        match chance.randint(0, 8):
            case 0 | 1 | 2:
                posts.post(path, f"Text {step}, $$x^{step}$$.\n", f"title: {slug} {day}")
            case 3:
                body = "{% for p in site.posts %}{{ p.title }} {% endfor %}\n"
                posts.post(path, body, f"title: {slug}")
            case 4:
                body = f"[[a]] {{% include x.html %}}\n\n```{{python}}\n{step}\n```\n"
                posts.post(path, body, f"title: {slug}")
            case 5:
                posts.write("_includes/x.html", f"Included {step}")
            case 6:
                posts.settings(f'liquid = true\ntitle = "Blog {step}"')
            case 7:
                posts.write("assets/css/9-own.css", f"p {{ margin: {step}px }}")
            case 8:
                for old in sorted((posts.root / "posts").glob("*.md"))[:1]:
                    old.unlink()
        posts.build(keeps_going=True)
        assert posts.files() == built_anew(posts, tmp_path), step


def build_in_two(blog: Blog) -> dict[str, bytes]:
    site, folder = open_site(blog.root), blog.root / ".cache"
    formulas = FormulaStore(folder)
    services = Services(blog.pool, blog.engine, Store(folder), formulas, Drawers(), jobs=2)
    build_with(services, site, BuildOptions(output=blog.output, today=TODAY), Listener())
    formulas.close()
    return blog.files()


@pytest.fixture
def many(blog: Blog) -> Blog:
    blog.settings("social_cards = false")
    for day in range(1, 31):
        blog.post(f"2026-01-{day:02}-p{day}.md", f"$$x^{{{day}}}$$\n")
    return blog


@pytest.mark.parametrize("at_once", [500, 25])
def test_two_processes_give_what_one_gives(
    many: Blog, tmp_path: Path, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.setattr(rendering, "usable_cores", lambda: 2)
    monkeypatch.setattr(rendering, "_AT_ONCE", at_once)

    assert build_in_two(many) == built_anew(many, tmp_path)

    formulas = FormulaStore(many.root / ".cache")
    assert formulas._run("SELECT count(*) FROM formulas") == [(30,)]
    formulas.close()


def test_what_fails_in_the_second_process_is_done_in_the_first(
    many: Blog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.setattr(rendering, "usable_cores", lambda: 2)
    monkeypatch.setattr(rendering, "BorrowedFormulas", lambda _: 1 / 0)

    assert build_in_two(many) == built_anew(many, tmp_path)
