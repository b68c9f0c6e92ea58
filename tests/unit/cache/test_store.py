"""What is damaged counts as missing; what is read is what was written."""

import io
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.cache.store import Store, digest, digest_of
from builder.errors import SiteError

KEY = digest("key")
BODY = b"what a block gave"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / ".cache")


def _entry(store: Store, kind: str = "results", key: str = KEY) -> Path:
    return store.folder / kind / key[:2] / key[2:]


def test_what_was_put_is_found_under_its_kind_and_key_only(store: Store) -> None:
    store.put("results", KEY, BODY)

    assert store.get("results", KEY) == BODY
    assert store.get("variants", KEY) is None
    assert store.get("results", digest("other")) is None


def test_a_file_at_the_place_of_another_is_not_taken_for_it(store: Store) -> None:
    store.put("results", KEY, BODY)
    for kind, key in (("variants", KEY), ("results", digest("other"))):
        path = _entry(store, kind, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_entry(store).read_bytes())

        assert store.get(kind, key) is None


def test_a_store_is_empty_until_something_is_put(store: Store) -> None:
    assert store.is_empty

    store.put("results", KEY, BODY)

    assert not store.is_empty


def test_each_damaged_byte_is_noticed_and_mended(store: Store) -> None:
    store.put("results", KEY, BODY)
    good = _entry(store).read_bytes()
    for place in range(len(good)):
        for bit in (0, 3, 7):
            damaged = bytearray(good)
            damaged[place] ^= 1 << bit
            _entry(store).write_bytes(damaged)

            assert store.get("results", KEY) is None

    store.put("results", KEY, BODY)

    assert store.get("results", KEY) == BODY


def test_each_length_but_the_whole_is_noticed(store: Store) -> None:
    store.put("results", KEY, BODY)
    good = _entry(store).read_bytes()
    for length in range(len(good)):
        _entry(store).write_bytes(good[:length])

        assert store.get("results", KEY) is None

    _entry(store).write_bytes(good + b"\0")
    assert store.get("results", KEY) is None


def test_a_folder_in_place_of_a_file_is_missing_and_replaced(store: Store) -> None:
    (_entry(store) / "inside").mkdir(parents=True)
    assert store.get("results", KEY) is None

    store.put("results", KEY, BODY)

    assert store.get("results", KEY) == BODY


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "Not a directory"),
        ("v1", "Not a directory"),
        ("v1/results", "Not a directory"),
        (f"v1/results/{KEY[:2]}", "File exists"),
    ],
)
def test_a_store_that_cannot_be_written_says_so(tmp_path: Path, name: str, reason: str) -> None:
    folder = tmp_path / ".cache"
    in_the_way = folder / name
    in_the_way.parent.mkdir(parents=True, exist_ok=True)
    in_the_way.write_text("")
    store = Store(folder)

    with pytest.raises(SiteError) as caught:
        store.put("results", KEY, BODY)

    assert str(caught.value) == (
        f"{folder} cannot be written: {reason}; "
        "it holds the results of blocks, and may be removed at any time"
    )
    assert store.get("results", KEY) is None


def test_a_value_put_again_leaves_one_file(store: Store) -> None:
    store.put("results", KEY, BODY)
    folder = _entry(store).parent

    store.put("results", KEY, BODY)

    assert [path.name for path in folder.iterdir()] == [KEY[2:]]


def test_writers_at_once_leave_one_whole_value(store: Store) -> None:
    bodies = [bytes([n]) * 50_000 for n in range(8)]
    seen = set()

    def write(body: bytes) -> None:
        for _ in range(20):
            store.put("results", KEY, body)
            seen.add(store.get("results", KEY))

    threads = [threading.Thread(target=write, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen <= set(bodies)
    assert store.get("results", KEY) in bodies
    assert len(list(_entry(store).parent.iterdir())) == 1


def test_a_use_is_noted_to_the_day(store: Store) -> None:
    store.put("results", KEY, BODY)
    for age_s, is_noted in ((3_600, False), (90_000, True)):
        before = _entry(store).stat().st_mtime - age_s
        os.utime(_entry(store), (before, before))

        store.touch("results", KEY)

        assert (_entry(store).stat().st_mtime != before) is is_noted


def test_noting_the_use_of_what_is_gone_does_nothing(store: Store) -> None:
    store.touch("results", KEY)

    assert store.is_empty


@given(st.lists(st.text() | st.binary()), st.lists(st.text() | st.binary()))
def test_digests_differ_where_the_parts_do(
    one: list[str | bytes], other: list[str | bytes]
) -> None:
    def as_bytes(parts: list[str | bytes]) -> list[bytes]:
        return [p.encode("utf-8", "surrogatepass") if isinstance(p, str) else p for p in parts]

    assert (digest(*one) == digest(*other)) is (as_bytes(one) == as_bytes(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [(("ab",), ("a", "b")), (("a", "b"), ("b", "a")), ((), ("",)), (("1:a",), ("a",))],
)
def test_a_digest_knows_where_its_parts_end(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert digest(*one) != digest(*other)


def test_a_name_that_is_not_utf_8_has_a_digest() -> None:
    assert digest(os.fsdecode(b"\xff")) != digest(os.fsdecode(b"\xfe"))


class Growing(io.FileIO):
    """A file to which something is added once it is read for the first time."""

    def readinto(self, buffer: Any) -> int:
        if self.tell() == 0:
            with open(str(self.name), "ab") as file:
                file.write(b"more")
        return super().readinto(buffer) or 0


def test_a_file_that_grows_while_it_is_read_is_like_no_other(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"much")

    with io.FileIO(path) as file:
        assert digest_of(file) == digest(b"much")
    with Growing(path) as file:
        first = digest_of(file)
    with Growing(path) as file:
        second = digest_of(file)

    known = {digest(b"much" + b"more" * count) for count in range(3)}
    assert len({first, second} - known) == 2
