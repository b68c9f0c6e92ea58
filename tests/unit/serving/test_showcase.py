"""What is found at which address."""

from pathlib import Path, PurePosixPath

import pytest

from builder.listening import Preview
from builder.model import OutputFile
from builder.serving.showcase import Found, Moved, Showcase
from tests.unit.serving.conftest import Publish

FILES = {
    "index.html": b"home",
    "404.html": b"lost",
    "a/index.html": b"a",
    "b.html": b"b",
    "data.csv": b"1,2",
    "with space/index.html": b"space",
}


@pytest.fixture
def showcase(publish: Publish, tmp_path: Path) -> Showcase:
    (tmp_path / "secret.html").write_bytes(b"secret")
    return Showcase(publish(FILES), "")


def found(name: str, content: bytes | None = None) -> Found:
    return Found(PurePosixPath(name), FILES.get(name) if content is None else content)


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("/", found("index.html")),
        ("/a/", found("a/index.html")),
        ("/a", Moved("/a/")),
        ("//a", Moved("/a/")),
        ("/a/index.html", found("a/index.html")),
        ("/b", found("b.html")),
        ("/data.csv", Found(PurePosixPath("data.csv"), None)),
        ("/with%20space/", found("with space/index.html")),
        ("/nothing", None),
        ("/nothing/", None),
        ("/a/b/c", None),
        ("/b.html/", None),
        ("/../secret.html", None),
        ("/%2e%2e/secret.html", None),
        ("/a/..%2f..%2fsecret.html", None),
        ("/..%5csecret.html", None),
        ("/%00", None),
    ],
)
def test_addresses_lead_to_files(showcase: Showcase, address: str, what: object) -> None:
    assert showcase.find(address) == what


def test_links_that_lead_out_are_not_followed(showcase: Showcase, tmp_path: Path) -> None:
    (showcase.output / "out.html").symlink_to(tmp_path / "secret.html")
    (showcase.output / "up").symlink_to(tmp_path)
    (showcase.output / "in.html").symlink_to(showcase.output / "b.html")
    (showcase.output / "loop.html").symlink_to(showcase.output / "loop.html")

    assert showcase.find("/out.html") is None
    assert showcase.find("/up/secret.html") is None
    assert showcase.find("/loop.html") is None
    assert showcase.find("/in.html") == found("in.html", b"b")


def test_a_base_path_is_taken_off(showcase: Showcase) -> None:
    showcase.base_path = "/blog"

    assert showcase.find("/blog/a/") == found("a/index.html")
    assert showcase.find("/blog/a") == Moved("/blog/a/")
    assert showcase.find("/") == Moved("/blog/")
    assert showcase.find("/a/") is None


POST = PurePosixPath("posts/a.md")


def preview(text: bytes, *, is_whole: bool, post: PurePosixPath = POST) -> Preview:
    files = (OutputFile(PurePosixPath("a/index.html"), text),)
    return Preview(post, files, is_whole=is_whole)


def page(showcase: Showcase) -> bytes | None:
    result = showcase.find("/a/")
    assert isinstance(result, Found)
    return result.content


def test_previews_stand_over_what_is_published(showcase: Showcase) -> None:
    showcase.show(preview(b"part", is_whole=False))
    assert page(showcase) == b"part"

    showcase.show(preview(b"whole", is_whole=True))
    assert page(showcase) == b"whole"

    showcase.show(preview(b"next part", is_whole=False))
    assert page(showcase) == b"next part"

    showcase.drop(only_parts=True)
    assert page(showcase) == b"whole"

    showcase.drop(only_parts=False)
    assert page(showcase) == b"a"


def test_what_was_never_published_can_be_previewed(tmp_path: Path) -> None:
    showcase = Showcase(tmp_path / "_site", "")
    showcase.show(preview(b"first", is_whole=False))

    assert page(showcase) == b"first"
    assert showcase.lost() is None
