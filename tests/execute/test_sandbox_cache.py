"""When a result depends on whether the post was in a sandbox."""

from collections.abc import Iterator

import pytest

from builder.config import PROJECT
from builder.execute.confinement import why_not
from builder.execute.pool import Pool
from tests.execute.conftest import Lab, text

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Pool]:
    with Pool(str(PROJECT), 1, is_sandboxed=True) as pool:
        yield pool


@pytest.mark.parametrize(
    ("code", "is_shared"),
    [
        ("print(1)", True),
        (
            "import tempfile, os\npath = tempfile.gettempdir() + '/a'\nopen(path, 'w').write('1')\n"
            "os.remove(path); open('/dev/null', 'w').write('1')",
            True,
        ),
        ("open(__file__).read(); import os; os.listdir('.')", True),
        ("import socket\ntry:\n    socket.socket()\nexcept OSError:\n    print('offline')", False),
        ("try:\n    open('/var/outside/none', 'w')\nexcept OSError as e:\n    print(e)", False),
        ("import os; os.access(os.path.expanduser('~/none'), 0)", True),
        (
            "import os\ntry:\n    open(os.path.expanduser('~/none'))\n"
            "except OSError as e:\n    print(e)",
            False,
        ),
        (
            "import os\npath = os.path.expanduser('~/none')\nos.path.exists(path)\n"
            "try:\n    open(path)\nexcept OSError as e:\n    print(e)",
            False,
        ),
        ("import os; print(os.environ.get('TOKEN'))", False),
        ("import os; print(os.environ.get('PATH'))", True),
        ("import subprocess; subprocess.run(['true'])", False),
    ],
    ids=[
        *("plain", "scratch", "site", "socket", "write", "look", "home", "look and home"),
        *("variable", "path", "process"),
    ],
)
def test_a_result_is_shared_where_it_cannot_differ(
    lab: Lab, sandbox: Pool, code: str, is_shared: bool
) -> None:
    lab.write("posts/p.md", "")
    lab.variables["TOKEN"] = "secret"
    assert lab.run(code).problems == () or not is_shared

    inside = Lab(lab.root, sandbox, lab.variables)

    assert inside.ran(code) is not is_shared
    assert not inside.ran(code)
    assert not lab.ran(code)
    assert "secret" not in text(inside.run(code).post.results[0])


def test_nothing_is_kept_of_what_a_post_may_not_read(lab: Lab, sandbox: Pool) -> None:
    lab.write("posts/p.md", "")
    lab.write("posts/data.txt", "1")
    inside = Lab(lab.root, sandbox, lab.variables)
    code = (
        "import os\nopen('data.txt').read()\ntry:\n"
        "    open(os.path.expanduser('~/.hid' + 'den'))\nexcept OSError:\n    print('no')"
    )

    assert inside.ran(code)

    files = (path for path in (lab.root / ".cache").rglob("*") if path.is_file())
    kept = b"".join(path.read_bytes() for path in files)
    assert b"data.txt" in kept
    assert b".hidden" not in kept
    assert not inside.ran(code)
    assert lab.ran(code)
