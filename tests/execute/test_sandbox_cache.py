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
        ("import os; print(os.environ.get('TOKEN'))", False),
        ("import os; print(os.environ.get('PATH'))", True),
        ("import subprocess; subprocess.run(['true'])", False),
    ],
    ids=[
        *("plain", "scratch", "site", "socket", "write", "look", "home", "variable", "path"),
        "process",
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
