"""Whatever a block uses runs it again once it has changed, and nothing else does."""

import io
import json
import os
import pickle
import py_compile
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from builder.cache.dependencies import Surroundings
from builder.cache.results import ResultCache
from builder.cache.store import Store
from builder.config import PROJECT
from builder.execute.environment import post_environment
from builder.execute.pool import Pool
from tests.execute.conftest import Lab, make_post, text

LOOK_BEFORE = "print('before')"


def again(lab: Lab, code: str) -> tuple[str, list[str]]:
    """What the block shows now, and why it had to run."""
    execution = lab.run(LOOK_BEFORE, code)
    assert execution.problems == ()
    return text(execution.post.results[1]).strip(), lab.told


def runs(why: str) -> list[str]:
    return [f"posts/p.md runs: block 2 (line 20) uses {why}, which has changed"]


def uses(lab: Lab, *codes: str) -> tuple[str, ...]:
    """What the last of these blocks is known to use."""
    now = Surroundings({"site": lab.root, "project": PROJECT}, post_environment(lab.variables))
    return ResultCache(Store(lab.root / ".cache"), now).uses("posts/p.md", make_post(codes).blocks)[
        -1
    ]


# ---- files


def _png(value: int) -> bytes:
    content = io.BytesIO()
    Image.new("L", (1, 1), value).save(content, "png")
    return content.getvalue()


def _npy(value: int) -> bytes:
    content = io.BytesIO()
    np.save(content, np.array(value))
    return content.getvalue()


def _database(value: int) -> bytes:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE t (x)")
        database.execute("INSERT INTO t VALUES (?)", (value,))
        database.commit()
        return database.serialize()


def _text(value: int) -> bytes:
    return f"{value}\n".encode()


_SELECT = ".execute('SELECT x FROM t').fetchone()[0])"

READERS: Mapping[str, tuple[Callable[[int], bytes], str]] = {
    "open": (_text, "print(open('d').read())"),
    "open, unbuffered": (_text, "print(open('d', 'rb', buffering=0).read().decode())"),
    "io.open with a path of bytes": (_text, "import io\nprint(io.open(b'd').read())"),
    "os.open": (_text, "import os\nprint(os.read(os.open('d', os.O_RDONLY), 9).decode())"),
    "pathlib": (_text, "from pathlib import Path\nprint(Path('d').read_text())"),
    "an absolute path": (
        _text,
        "from pathlib import Path\nprint(Path('d').absolute().read_text())",
    ),
    "a path with dots": (_text, "print(open('../posts/./d').read())"),
    "another working folder": (_text, "import os\nos.chdir('..')\nprint(open('posts/d').read())"),
    "mmap": (
        _text,
        "import mmap\nwith open('d') as f:\n"
        "    print(mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)[:].decode())",
    ),
    "np.load": (_npy, "import numpy as np\nprint(np.load('d'))"),
    "np.load, mapped": (_npy, "import numpy as np\nprint(np.load('d', mmap_mode='r'))"),
    "np.loadtxt": (_text, "import numpy as np\nprint(int(np.loadtxt('d')))"),
    "np.genfromtxt": (_text, "import numpy as np\nprint(int(np.genfromtxt('d')))"),
    "np.fromfile": (
        lambda value: bytes([value]),
        "import numpy as np\nprint(np.fromfile('d', 'uint8')[0])",
    ),
    "np.memmap": (
        lambda value: bytes([value]),
        "import numpy as np\nprint(np.memmap('d', 'uint8', 'r')[0])",
    ),
    "csv": (_text, "import csv\nprint(next(csv.reader(open('d')))[0])"),
    "json": (lambda v: json.dumps(v).encode(), "import json\nprint(json.load(open('d')))"),
    "pickle": (pickle.dumps, "import pickle\nprint(pickle.load(open('d', 'rb')))"),
    "sqlite3": (_database, f"import sqlite3\nprint(sqlite3.connect('d'){_SELECT}"),
    "sqlite3 with an address": (
        _database,
        f"import sqlite3\nprint(sqlite3.connect('file:d?mode=ro', uri=True){_SELECT}",
    ),
    "PIL": (_png, "from PIL import Image\nprint(Image.open('d').getpixel((0, 0)))"),
    "matplotlib": (
        _png,
        "import matplotlib.pyplot as plt\nprint(round(255 * float(plt.imread('d')[0, 0])))",
    ),
    "a child of a thread": (
        _text,
        "import threading\nt = threading.Thread(target=lambda: print(open('d').read()))\n"
        "t.start()\nt.join()",
    ),
}


@pytest.mark.parametrize(("make", "code"), READERS.values(), ids=READERS.keys())
def test_a_file_that_has_changed_is_read_again(
    lab: Lab, make: Callable[[int], bytes], code: str
) -> None:
    file = lab.write("posts/d", "")
    file.write_bytes(make(1))
    assert again(lab, code)[0] == "1"
    assert again(lab, code) == ("1", [])

    file.write_bytes(make(2))

    assert again(lab, code) == ("2", runs("the file posts/d"))


def test_the_same_content_with_another_time_runs_nothing(lab: Lab) -> None:
    file = lab.write("posts/d", "1")
    again(lab, "print(open('d').read())")

    os.utime(file, (1e9, 1e9))

    assert again(lab, "print(open('d').read())") == ("1", [])


def test_other_content_with_the_same_size_and_time_runs_again(lab: Lab) -> None:
    file = lab.write("posts/d", "1")
    os.utime(file, (1e9, 1e9))
    again(lab, "print(open('d').read())")

    file.write_text("2")
    os.utime(file, (1e9, 1e9))

    assert again(lab, "print(open('d').read())") == ("2", runs("the file posts/d"))


QUESTIONS = {
    "open": "try:\n    print(len(open('f/d').read()))\nexcept FileNotFoundError:\n    print('-')",
    "os.path.exists": "import os\nprint(1 if os.path.exists('f/d') else '-')",
    "os.path.getsize": "import os\n"
    "try:\n    print(os.path.getsize('f/d'))\nexcept OSError:\n    print('-')",
    "Path.exists": "from pathlib import Path\nprint(1 if Path('f/d').exists() else '-')",
    "Path.is_file": "from pathlib import Path\nprint(1 if Path('f/d').is_file() else '-')",
    "os.path.lexists": "import os\nprint(1 if os.path.lexists('f/d') else '-')",
    "os.access": "import os\nprint(1 if os.access('f/d', os.R_OK) else '-')",
    "os.access, by names": "import os\nprint(1 if os.access(path='f/d', mode=os.F_OK) else '-')",
    "os.lstat": "import os\n"
    "try:\n    print(os.lstat('f/d').st_size)\nexcept OSError:\n    print('-')",
    "glob without a star": "import glob\nprint(len(glob.glob('f/d')) or '-')",
    "glob of a folder": "import glob\nprint(len(glob.glob('*/d')) or '-')",
    "Path.glob": "from pathlib import Path\nprint(len(list(Path().glob('*/d'))) or '-')",
}


@pytest.mark.parametrize("code", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_a_file_that_appears_or_disappears_runs_again(lab: Lab, code: str) -> None:
    lab.write("posts/f/other", "")
    assert again(lab, code)[0] == "-"
    assert again(lab, code) == ("-", [])

    file = lab.write("posts/f/d", "x")
    assert again(lab, code) == ("1", lab.told)
    assert len(lab.told) == 1

    file.unlink()
    assert again(lab, code) == ("-", [])


def test_a_folder_that_appears_runs_again(lab: Lab) -> None:
    code = "import os\nprint(os.path.isdir('f'))"
    assert again(lab, code)[0] == "False"

    (lab.root / "posts/f").mkdir()

    assert again(lab, code) == ("True", runs("the file posts/f"))


LINKS = {
    "os.path.islink": "import os\nprint(1 if os.path.islink('f/d') else '-')",
    "os.readlink": "import os\n"
    "try:\n    print(len(os.readlink('f/d')))\nexcept OSError:\n    print('-')",
    "Path.is_symlink": "from pathlib import Path\nprint(1 if Path('f/d').is_symlink() else '-')",
}


@pytest.mark.parametrize("code", LINKS.values(), ids=LINKS.keys())
def test_a_link_that_appears_runs_again(lab: Lab, code: str) -> None:
    lab.write("posts/f/x", "")
    assert again(lab, code)[0] == "-"
    assert again(lab, code) == ("-", [])

    (lab.root / "posts/f/d").symlink_to("x")

    assert again(lab, code) == ("1", runs("the file posts/f/d"))


def test_what_links_are_followed_through_is_not_asked_for(lab: Lab) -> None:
    lab.write("posts/f/d", "")
    code = "import os\nprint(os.path.relpath(os.path.realpath('f/none')))"

    assert again(lab, code)[0] == "f/none"
    assert uses(lab, LOOK_BEFORE, code) == ()


def test_a_watched_function_can_do_what_it_could(lab: Lab) -> None:
    code = (
        "import os\nfolder = os.open('.', os.O_RDONLY)\n"
        "print(os.access('d', os.R_OK, dir_fd=folder, effective_ids=True, follow_symlinks=False))\n"
        "print(os.access in os.supports_effective_ids, os.readlink in os.supports_dir_fd)"
    )
    lab.write("posts/d", "")

    assert again(lab, code)[0] == "True\nTrue True"


def test_a_link_that_leads_elsewhere_runs_again(lab: Lab) -> None:
    lab.write("data/one", "1")
    lab.write("data/two", "2")
    link = lab.root / "posts/d"
    link.symlink_to("../data/one")
    code = "print(open('d').read())"
    assert again(lab, code)[0] == "1"

    link.unlink()
    link.symlink_to("../data/two")
    assert again(lab, code) == ("2", runs("the file posts/d"))

    lab.write("data/two", "22")
    assert again(lab, code) == ("22", runs("the file posts/d"))


def test_a_file_behind_a_linked_folder_is_seen_where_it_is(lab: Lab) -> None:
    (lab.root / "data/deep").mkdir(parents=True)
    lab.write("data/d", "1")
    (lab.root / "posts/f").symlink_to("../data/deep")
    code = "print(open('f/../d').read())"
    assert again(lab, code)[0] == "1"

    lab.write("data/d", "2")

    assert again(lab, code) == ("2", runs("the file data/d"))


def test_data_outside_the_site_is_seen_by_its_absolute_path(lab: Lab) -> None:
    file = lab.root.parent / "outside"
    file.write_text("1")
    code = "print(open('../../outside').read())"
    assert again(lab, code)[0] == "1"

    file.write_text("2")

    assert again(lab, code) == ("2", runs(f"the file {file}"))


def test_what_is_mapped_for_writing_outside_the_site_was_read_too(lab: Lab) -> None:
    file = lab.root.parent / "outside"
    file.write_bytes(b"\1")
    code = f"import numpy as np\nprint(np.memmap('{file}', 'uint8')[0])"
    assert again(lab, code)[0] == "1"
    assert again(lab, code) == ("1", [])

    file.write_bytes(b"\2")

    assert again(lab, code) == ("2", runs(f"the file {file}"))


def test_a_name_that_begins_as_a_system_folder_does_is_no_systems(lab: Lab) -> None:
    code = "for path in ('/devices', '/dev/none', '/etcetera', '/etc/none'):\n" + (
        "    try:\n        open(path)\n    except FileNotFoundError:\n        pass"
    )
    again(lab, code)

    assert uses(lab, LOOK_BEFORE, code) == ("file:/devices", "file:/etcetera")


def test_its_own_temporary_files_are_nothing_that_a_post_depends_on(lab: Lab) -> None:
    code = (
        "import os, tempfile\nfrom pathlib import Path\nfolder = Path(tempfile.gettempdir())\n"
        "print((folder / 'x').exists(), os.listdir(folder))\n(folder / 'x').write_text('1')\n"
        "print((folder / 'x').read_text(), os.listdir(folder))"
    )

    assert again(lab, code)[0] == "False []\n1 ['x']"
    assert uses(lab, LOOK_BEFORE, code) == ()
    assert again(lab, code) == ("False []\n1 ['x']", [])


def test_a_link_to_data_among_its_temporary_files_leads_to_the_data(lab: Lab) -> None:
    lab.write("posts/d", "1")
    code = (
        "import os, tempfile\nlink = os.path.join(tempfile.gettempdir(), 'x')\n"
        "os.symlink(os.path.abspath('d'), link)\nprint(open(link).read())"
    )
    assert again(lab, code)[0] == "1"

    lab.write("posts/d", "2")

    assert again(lab, code) == ("2", runs("the file posts/d"))


# ---- folders

LISTS = {
    "os.listdir": "import os\nprint(len(os.listdir('f')))",
    "os.listdir of the working folder": "import os\nos.chdir('f')\nprint(len(os.listdir()))",
    "os.scandir": "import os\nprint(len(list(os.scandir('f'))))",
    "os.scandir of a descriptor": "import os\n"
    "print(len(list(os.scandir(os.open('f', os.O_RDONLY)))))",
    "os.walk": "import os\nprint(sum(len(names) for _, _, names in os.walk('f')))",
    "os.fwalk": "import os\nprint(sum(len(names) for _, _, names, _ in os.fwalk('f')))",
    "glob": "import glob\nprint(len(glob.glob('f/*')))",
    "glob, recursive": "import glob\nprint(len(glob.glob('f/**', recursive=True)) - 1)",
    "Path.iterdir": "from pathlib import Path\nprint(len(list(Path('f').iterdir())))",
    "Path.glob": "from pathlib import Path\nprint(len(list(Path('f').glob('*'))))",
    "Path.rglob": "from pathlib import Path\nprint(len(list(Path('f').rglob('*'))))",
}


@pytest.mark.parametrize("code", LISTS.values(), ids=LISTS.keys())
def test_a_listed_folder_that_gains_a_file_runs_again(lab: Lab, code: str) -> None:
    lab.write("posts/f/a", "")
    assert again(lab, code)[0] == "1"
    assert again(lab, code) == ("1", [])

    lab.write("posts/f/b", "")

    assert again(lab, code) == ("2", runs("the folder posts/f"))


def test_a_listed_file_that_changes_inside_runs_nothing(lab: Lab) -> None:
    lab.write("posts/f/a", "1")
    code = LISTS["os.listdir"]
    again(lab, code)

    lab.write("posts/f/a", "2")

    assert again(lab, code) == ("1", [])


def test_a_file_that_becomes_a_folder_of_the_same_name_is_another_list(lab: Lab) -> None:
    lab.write("posts/f/a", "1")
    code = "import os\nprint(len(next(os.walk('f'))[2]))"
    assert again(lab, code)[0] == "1"

    (lab.root / "posts/f/a").unlink()
    (lab.root / "posts/f/a").mkdir()

    assert again(lab, code) == ("0", runs("the folder posts/f"))


def test_a_name_that_is_not_utf_8_can_be_listed(lab: Lab) -> None:
    os.mkdir(os.fsencode(lab.root / "posts/f"))
    (lab.root / "posts/f" / os.fsdecode(b"\xff")).touch()

    assert again(lab, LISTS["os.listdir"])[0] == "1"
    assert again(lab, LISTS["os.listdir"]) == ("1", [])


# ---- modules

IMPORTS: Mapping[str, tuple[str, str]] = {
    "a module beside the post": ("helper.py", "import helper\nprint(helper.x)"),
    "a name of it": ("helper.py", "from helper import x\nprint(x)"),
    "what it imports": ("inner.py", "import outer\nprint(outer.x)"),
    "a package": ("package/__init__.py", "import package\nprint(package.x)"),
    "a module of a package": ("package2/part.py", "from package2 import part\nprint(part.x)"),
    "a folder without __init__.py": ("plain/part.py", "import plain.part\nprint(plain.part.x)"),
    "importlib": ("helper.py", "import importlib\nprint(importlib.import_module('helper').x)"),
    "runpy of a path": ("helper.py", "import runpy\nprint(runpy.run_path('helper.py')['x'])"),
    "runpy of a module": ("helper.py", "import runpy\nprint(runpy.run_module('helper')['x'])"),
    "a lazy import": (
        "helper.py",
        "def value():\n    from helper import x\n    return x\nprint(value())",
    ),
    "a module that is forgotten": (
        "helper.py",
        "import helper, sys\nprint(helper.x)\ndel sys.modules['helper']",
    ),
    "another folder on the path": (
        "../lib/far.py",
        "import sys\nsys.path.append('../lib')\nimport far\nprint(far.x)",
    ),
}


@pytest.mark.parametrize("is_compiled", [False, True], ids=["source", "compiled"])
@pytest.mark.parametrize(("name", "code"), IMPORTS.values(), ids=IMPORTS.keys())
def test_a_module_that_has_changed_is_imported_again(
    lab: Lab, name: str, code: str, is_compiled: bool
) -> None:
    lab.write("posts/outer.py", "from inner import x\n")
    lab.write("posts/package2/__init__.py", "")
    path = lab.write(f"posts/{name}", "x = 1\n")
    if is_compiled:
        py_compile.compile(str(path))
    assert again(lab, code)[0] == "1"
    assert again(lab, code) == ("1", [])

    path.write_text("x = 22\n")

    where = os.path.relpath(path.resolve(), lab.root)
    assert again(lab, code) == ("22", runs(f"the file {where}"))


@pytest.mark.parametrize("name", ["statistics.py", "statistics/__init__.py"])
def test_a_module_that_comes_to_stand_before_another_is_imported(lab: Lab, name: str) -> None:
    code = "import statistics\nprint(statistics.median([1, 2]))"
    assert again(lab, code)[0] == "1.5"

    lab.write(f"posts/{name}", "median = sum\n")

    assert again(lab, code) == ("3", runs(f"the file posts/{name}"))


def test_a_module_that_was_missing_and_appears_is_imported(lab: Lab) -> None:
    code = "try:\n    import helper\n    print('there')\nexcept ImportError:\n    print('-')"
    assert again(lab, code)[0] == "-"

    lab.write("posts/helper.py", "")

    assert again(lab, code) == ("there", runs("the file posts/helper.py"))


def test_a_file_beside_a_post_that_imports_runs_nothing(lab: Lab) -> None:
    lab.write("posts/helper.py", "import statistics\n")
    code = (
        "import fractions, helper, wave\nfrom builder import network as nn\nnn.Dense(2)\n"
        "from importlib.metadata import version\nversion('numpy')\nprint(1)"
    )
    again(lab, code)

    lab.write("posts/another.md", "")
    lab.write("posts/another.py", "")

    assert again(lab, code) == ("1", [])


def test_a_package_and_its_modules_are_one_dependency(lab: Lab) -> None:
    code = "import pygments.lexers\nprint(1)"
    again(lab, code)

    packages = [use for use in uses(lab, LOOK_BEFORE, code) if use.startswith("package:")]

    assert packages == ["package:pygments"]


@dataclass(frozen=True)
class Copied:
    """A copy of the project's package, and a pool that imports from it."""

    folder: Path
    pool: Pool


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[Copied]:
    folder = tmp_path / "copy"
    shutil.copytree(
        PROJECT / "builder", folder / "builder", ignore=shutil.ignore_patterns("__pycache__")
    )
    with Pool(str(folder), 2) as pool:
        yield Copied(folder, pool)


def test_an_edit_of_one_layer_runs_just_the_posts_that_use_it(
    make_lab: Callable[[str, Pool], Lab], copied: Copied
) -> None:
    lab = make_lab("lab", copied.pool)
    layer = copied.folder / "builder/network/layers/activations.py"
    head = "from builder import network as nn\n"
    posts = [
        make_post([f"{head}print(nn.Dense(2).__class__.__name__)"], "posts/dense.md"),
        make_post([f"{head}print(getattr(nn.Tanh, 'added', 0))"], "posts/tanh.md"),
    ]
    lab.execute(*posts)
    lab.execute(*posts)
    assert lab.told == []

    layer.write_text(layer.read_text() + "\nTanh.added = 1\n")
    known, run = lab.execute(*posts)

    assert lab.told == [
        f"posts/tanh.md runs: block 1 (line 10) uses the file {layer}, which has changed"
    ]
    assert (known.has_run, text(run.post.results[0])) == (False, "1\n")


# ---- environment variables

VARIABLES = {
    "os.environ[...]": ("PATH", "os.environ['PATH']"),
    "os.environ.get": ("X", "os.environ.get('X')"),
    "os.getenv": ("X", "os.getenv('X')"),
    "in": ("X", "'X' in os.environ"),
    "setdefault": ("X", "os.environ.setdefault('X', '')"),
    "pop": ("X", "os.environ.pop('X', '')"),
    "copy": ("PATH", "os.environ.copy()"),
    "copy, of a new one": ("X", "os.environ.copy()"),
    "dict": ("PATH", "dict(os.environ)"),
    "the union": ("PATH", "os.environ | {'A': 'b'}"),
    "the union from the right": ("PATH", "{'A': 'b'} | os.environ"),
    "names": ("X", "[name for name in os.environ]"),
    "items": ("PATH", "list(os.environ.items())"),
    "their number": ("X", "len(os.environ)"),
    "repr": ("PATH", "repr(os.environ)"),
    "os.environb": ("X", "os.environb.get(b'X')"),
    "os.getenvb": ("X", "os.getenvb(b'X')"),
    "expandvars": ("X", "os.path.expandvars('$X')"),
    "expanduser": ("HOME", "os.path.expanduser('~')"),
}


@pytest.mark.parametrize(("name", "code"), VARIABLES.values(), ids=VARIABLES.keys())
def test_a_variable_that_was_read_and_has_changed_runs_again(
    lab: Lab, name: str, code: str
) -> None:
    code = f"import os\n{code};"
    again(lab, code)
    assert again(lab, code)[1] == []

    lab.variables = lab.variables | {name: "other"}

    assert len(again(lab, code)[1]) == 1


def test_a_variable_that_was_not_read_runs_nothing(lab: Lab) -> None:
    code = "import os\nos.environ['PATH'];"
    again(lab, code)

    lab.variables["OTHER"] = "1"

    assert again(lab, code)[1] == []


def test_a_variable_that_the_post_sets_itself_is_its_own(lab: Lab) -> None:
    code = "import os\nos.environ['X'] = '1'\nprint(os.environ['X'])\ndel os.environ['X']"
    again(lab, code)

    lab.variables["X"] = "2"

    assert again(lab, code)[1] == []


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("os.getenv('X');", "the variable X, which has changed"),
        ("list(os.environ);", "the names of all variables, which have changed"),
    ],
)
def test_a_variable_is_named_as_the_reason(lab: Lab, code: str, why: str) -> None:
    again(lab, f"import os\n{code}")

    lab.variables["X"] = "secret"

    assert again(lab, f"import os\n{code}")[1] == [f"posts/p.md runs: block 2 (line 20) uses {why}"]


def test_the_environment_is_still_what_programs_expect(lab: Lab) -> None:
    code = (
        "import os, subprocess\nos.environ |= {'X': '1'}\n"
        "told = subprocess.run(['env'], env=os.environ, capture_output=True, text=True).stdout\n"
        "print('X=1' in told.splitlines(), os.environb[b'X'], os.getenv('X'))\n"
        "os.environ.update(Y='2')\nprint((os.environ | {'X': '3'})['X'], repr(os.environ)[:9])\n"
        "try:\n    os.environ['Z']\nexcept KeyError as error:\n    print(repr(error))"
    )

    execution = lab.run(code)

    assert text(execution.post.results[0]) == ("True b'1' 1\n3 environ({\nKeyError('Z')\n")


def test_a_post_may_remove_its_temporary_folders(lab: Lab) -> None:
    code = (
        "import os, shutil, tempfile\nfolder = tempfile.mkdtemp()\nos.mkdir(f'{folder}/a')\n"
        "open(f'{folder}/a/x', 'w').close()\nshutil.rmtree(folder)\nprint(os.path.exists(folder))\n"
        "with tempfile.TemporaryDirectory() as other: open(f'{other}/x', 'w').close()"
    )

    execution = lab.run(code)

    assert [str(problem) for problem in execution.problems] == []
    assert text(execution.post.results[0]) == "False\n"


def test_a_folder_of_the_site_is_not_removed_by_way_of_an_open_folder(lab: Lab) -> None:
    kept = lab.write("posts/mine/x.txt", "mine")

    lab.run("import shutil\nshutil.rmtree('mine', ignore_errors=True)")

    assert kept.read_text() == "mine"
