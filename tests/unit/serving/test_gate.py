"""Whose questions are answered."""

import pytest

from builder.serving.gate import is_loopback, is_own_name, is_own_origin


@pytest.mark.parametrize(
    ("asked", "host", "is_own"),
    [
        ("127.0.0.1:8000", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("localhost:8000", "127.0.0.1", True),
        ("LOCALHOST", "127.0.0.1", True),
        ("[::1]:8000", "127.0.0.1", True),
        ("evil.example", "127.0.0.1", False),
        ("127.0.0.1.evil.example", "127.0.0.1", False),
        ("localhost.evil.example", "127.0.0.1", False),
        ("192.168.1.4", "127.0.0.1", False),
        ("", "127.0.0.1", False),
        ("[", "127.0.0.1", False),
        ("192.168.1.4:8000", "0.0.0.0", True),
        ("evil.example", "0.0.0.0", False),
        ("my-machine:8000", "my-machine", True),
        ("My-Machine:8000", "my-machine", True),
        ("other-machine", "my-machine", False),
    ],
)
def test_a_name_is_ours_where_nobody_else_can_own_it(asked: str, host: str, is_own: bool) -> None:
    assert is_own_name(asked, host) is is_own


@pytest.mark.parametrize(
    ("origin", "asked", "is_own"),
    [
        (None, "127.0.0.1:8000", True),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("http://localhost:8000", "localhost:8000", True),
        ("http://127.0.0.1:8001", "127.0.0.1:8000", False),
        ("http://localhost:8000", "127.0.0.1:8000", False),
        ("https://evil.example", "127.0.0.1:8000", False),
        ("file://127.0.0.1:8000", "127.0.0.1:8000", False),
        ("null", "127.0.0.1:8000", False),
        ("", "127.0.0.1:8000", False),
        ("http://[", "127.0.0.1:8000", False),
    ],
)
def test_an_origin_is_ours_where_it_is_the_server_that_is_asked(
    origin: str | None, asked: str, is_own: bool
) -> None:
    assert is_own_origin(origin, asked) is is_own


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("127.0.0.1", True),
        ("127.3.2.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
    ],
)
def test_only_this_machine_reaches_its_own_addresses(host: str, is_ours: bool) -> None:
    assert is_loopback(host) is is_ours
