from datetime import date
from pathlib import Path, PurePosixPath

import pytest

from builder.discover import find_posts, read_source
from builder.errors import PostError


def write(root: Path, path: str, content: bytes = b"text") -> PurePosixPath:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return PurePosixPath(path)


def test_posts_are_files_and_folders_with_an_index_in_order_of_name(tmp_path: Path) -> None:
    for path in (
        "posts/2026-02-01-b.md",
        "posts/2026-01-01-a.markdown",
        "posts/2026-03-01-c/index.md",
        "posts/2026-03-01-c/notes.md",
        "posts/series/2026-04-01-d.md",
        "posts/_draft.md",
        "posts/.hidden.md",
        "posts/_drafts/e.md",
        "posts/picture.png",
    ):
        write(tmp_path, path)

    assert [str(path) for path in find_posts(tmp_path / "posts")] == [
        "posts/2026-01-01-a.markdown",
        "posts/2026-02-01-b.md",
        "posts/2026-03-01-c/index.md",
        "posts/series/2026-04-01-d.md",
    ]


def test_a_site_without_posts_has_none(tmp_path: Path) -> None:
    assert find_posts(tmp_path / "posts") == ()


@pytest.mark.parametrize(
    ("path", "day", "slug"),
    [
        ("posts/2026-11-23-sgd.md", date(2026, 11, 23), "sgd"),
        ("posts/2026-1-2-two words.md", date(2026, 1, 2), "two words"),
        ("posts/2026-11-23-sgd/index.md", date(2026, 11, 23), "sgd"),
        ("posts/about.md", None, "about"),
        ("posts/2026-11-23.md", None, "2026-11-23"),
        ("posts/2026-11-23-...md", None, "2026-11-23-.."),
    ],
)
def test_a_name_tells_the_date_and_the_slug(
    tmp_path: Path, path: str, day: date | None, slug: str
) -> None:
    source = read_source(tmp_path, write(tmp_path, path))

    assert (source.named_date, source.slug) == (day, slug)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\xef\xbb\xbfa\r\nb\rc\n", "a\nb\nc\n"),
        ("é\0".encode(), "é\N{REPLACEMENT CHARACTER}"),
        (b"", ""),
    ],
)
def test_a_text_has_no_mark_of_its_encoding_and_plain_line_ends(
    tmp_path: Path, content: bytes, text: str
) -> None:
    assert read_source(tmp_path, write(tmp_path, "posts/a.md", content)).text == text


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        (
            "posts/2026-02-30-a.md",
            b"",
            "posts/2026-02-30-a.md: impossible date 2026-02-30 in the file name: "
            "day is out of range for month",
        ),
        (
            "posts/2026-13-01-a/index.md",
            b"",
            "posts/2026-13-01-a/index.md: impossible date 2026-13-01 in the file name: "
            "month must be in 1..12",
        ),
        (
            "posts/a.md",
            b"one\ntwo \xff",
            "posts/a.md:2: not UTF-8: byte 0xff cannot be read "
            "(save the file with the encoding UTF-8)",
        ),
    ],
)
def test_a_post_that_cannot_be_read_is_refused(
    tmp_path: Path, path: str, content: bytes, message: str
) -> None:
    with pytest.raises(PostError) as caught:
        read_source(tmp_path, write(tmp_path, path, content))

    assert str(caught.value) == message


def test_a_post_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PostError) as caught:
        read_source(tmp_path, PurePosixPath("posts/gone.md"))

    assert str(caught.value) == "posts/gone.md: cannot be read: No such file or directory"


def test_a_link_that_leads_to_itself_is_no_post(tmp_path: Path) -> None:
    write(tmp_path, "posts/2026-01-01-a.md")
    (tmp_path / "posts/2026-01-02-loop.md").symlink_to("2026-01-02-loop.md")

    assert find_posts(tmp_path / "posts") == (PurePosixPath("posts/2026-01-01-a.md"),)
