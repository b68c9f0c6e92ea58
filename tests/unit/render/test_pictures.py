from pathlib import Path, PurePosixPath

import pytest
from PIL import Image

from builder.config import Site, SiteConfig
from builder.errors import Problem
from builder.model import Source
from builder.render.pictures import PictureFinder

PATH = PurePosixPath("posts/2026-11-23-a/index.md")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path in ("posts/2026-11-23-a/a b.png", "posts/shared.png", "assets/logo.png"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 3)).save(tmp_path / path)
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path


def rewrite(root: Path, page: str, text: str = "") -> tuple[str, list[str], list[str]]:
    """The page, the names of the files that it takes along, and the problems."""
    problems: list[Problem] = []
    source = Source(path=PATH, text=text, named_date=None, slug="a")
    site = Site(root=root, config=SiteConfig(base_path="/blog"))
    finder = PictureFinder(site, source, "/2026/11/23/a/", problems)
    page = finder.rewrite(page)
    return page, [str(path) for path in finder.files], [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("written", "address", "file"),
    [
        ("a b.png", "/blog/2026/11/23/a/a%20b.png", "2026/11/23/a/a b.png"),
        ("a%20b.png", "/blog/2026/11/23/a/a%20b.png", "2026/11/23/a/a b.png"),
        ("./a b.png", "/blog/2026/11/23/a/a%20b.png", "2026/11/23/a/a b.png"),
        ("../shared.png", "/blog/2026/11/23/shared.png", "2026/11/23/shared.png"),
        ("/posts/shared.png", "/blog/posts/shared.png", "posts/shared.png"),
        ("/_posts/shared.png", "/blog/_posts/shared.png", "_posts/shared.png"),
        ("/blog/_posts/shared.png", "/blog/_posts/shared.png", "_posts/shared.png"),
    ],
)
def test_a_picture_is_found_beside_its_post_or_below_the_root(
    root: Path, written: str, address: str, file: str
) -> None:
    page, files, problems = rewrite(root, f'<img alt="x" src="{written}">')

    assert page == (
        f'<img alt="x" src="{address}" width="4" height="3" loading="lazy" decoding="async">'
    )
    assert (files, problems) == ([file], [])


def test_a_picture_of_the_assets_is_not_taken_along(root: Path) -> None:
    page, files, _ = rewrite(root, '<img src="/assets/logo.png">')

    assert 'src="/blog/assets/logo.png"' in page
    assert files == []


@pytest.mark.parametrize(
    "written",
    ["../../../etc/passwd", "../../pyproject.toml", "%00.png", "x" * 5000, ".", "gone.png", "/.."],
)
def test_what_is_no_picture_of_the_site_is_missing(root: Path, written: str) -> None:
    page, files, problems = rewrite(root, f'<img src="{written}">')

    assert page.startswith('<span class="problem">missing picture: ')
    assert (files, len(problems)) == ([], 1)


@pytest.mark.parametrize("written", ["https://x.example/a.png", "//x.example/a.png", "http://[x"])
def test_a_picture_of_another_host_is_warned_of(root: Path, written: str) -> None:
    page, _, problems = rewrite(root, f'<img src="{written}">', f"one\n![]({written})")

    assert f'src="{written}"' in page
    assert problems == [
        f"posts/2026-11-23-a/index.md:2: picture {written!r} is loaded from another host "
        "(save it beside the post)"
    ]


def test_missing_pictures_are_reported_at_their_own_lines(root: Path) -> None:
    text = "![](b.png)\n![](no%20a.png)\n\n![](b.png)"
    page = '<img src="b.png"><img src="no%20a.png"><img src="b.png"><img src="/blog/x.png">'

    _, _, problems = rewrite(root, page, text)

    put = "(put it into posts/2026-11-23-a/)"
    assert problems == [
        f"posts/2026-11-23-a/index.md:1: picture 'b.png' does not exist {put}",
        f"posts/2026-11-23-a/index.md:2: picture 'no a.png' does not exist {put}",
        f"posts/2026-11-23-a/index.md:4: picture 'b.png' does not exist {put}",
        "posts/2026-11-23-a/index.md: picture '/blog/x.png' does not exist "
        "(put it at x.png in the site's folder)",
    ]


@pytest.mark.parametrize(
    ("attributes", "written"),
    [
        ("alt=\"say 'x'\"", 'alt="say &#x27;x&#x27;"'),
        ("alt='\"x\" &lt;b&gt;'", 'alt="&quot;x&quot; &lt;b&gt;"'),
        ('alt="a > b"', 'alt="a &gt; b"'),
        ("alt=x", 'alt="x"'),
        ("", 'alt=""'),
    ],
)
def test_an_attribute_keeps_its_value_and_its_place(
    root: Path, attributes: str, written: str
) -> None:
    page, _, _ = rewrite(root, f'<img {attributes} src="a b.png" width="9"/>')

    assert written in page
    assert 'width="9"' in page
    assert "height" not in page


@pytest.mark.parametrize(
    ("head", "size"),
    [
        ('<svg width="30" height="20.4px">', 'width="30" height="20"'),
        ('<svg width="100%" height="2">', None),
        ('<svg width="1.2.3" height=".">', None),
        (f'<svg width="{"9" * 400}" height="1">', None),
        ("", None),
    ],
)
def test_the_size_of_an_svg_is_what_it_says_in_pixels(
    root: Path, head: str, size: str | None
) -> None:
    (root / "posts/2026-11-23-a/a.svg").write_text(head)

    page, _, problems = rewrite(root, '<img src="a.svg">')

    assert problems == []
    assert (size or "decoding") in page
    assert ("width" in page) is (size is not None)


def test_a_picture_in_a_comment_is_left_alone(root: Path) -> None:
    assert rewrite(root, '<!-- <img src="no.png"> -->') == ('<!-- <img src="no.png"> -->', [], [])
