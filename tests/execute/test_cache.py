"""Results of blocks are found again when nothing has changed, and never else."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builder.cache.dependencies import Surroundings
from builder.cache.results import ResultCache
from builder.cache.store import Store
from builder.config import PROJECT, Site, SiteConfig
from builder.execute.environment import post_environment
from builder.execute.execution import Execution
from builder.execute.pool import Pool
from builder.execute.stage import Executor
from builder.listening import Listener
from builder.model import BlockOptions, Display, Expectation, ParsedPost
from tests.execute.conftest import Lab, make_post, shown, text

TIME = "import time\nx = time.perf_counter_ns()\nprint(x)"


def moved(post: ParsedPost, lines: int) -> ParsedPost:
    """The post with so many lines of prose above its first block."""
    return replace(post, parts=tuple(replace(b, line=b.line + lines) for b in post.blocks))


def one(lab: Lab, post: ParsedPost, *, is_frozen: bool = False) -> Execution:
    (execution,) = lab.execute(post, is_frozen=is_frozen)
    return execution


# ---- code


@pytest.mark.parametrize("edited", range(3))
def test_an_edited_block_is_the_first_that_is_not_known(lab: Lab, edited: int) -> None:
    codes = [TIME, "y = 1", "print(x, y)"]
    lab.run(*codes)

    codes[edited] += "\n"
    lab.run(*codes)

    assert lab.told == [
        f"posts/p.md runs: block {edited + 1} (line {10 * edited + 10}) is new or was edited"
    ]


def test_going_back_to_an_earlier_text_runs_nothing(lab: Lab) -> None:
    first = lab.run(TIME, "print('a')")
    lab.run(TIME, "print('b')")

    assert not lab.run(TIME, "print('a')").has_run
    assert not lab.run(TIME, "print('b')").has_run
    assert lab.told == []
    assert text(first.post.results[1]) == "a\n"


def test_going_back_to_earlier_data_runs_nothing(lab: Lab) -> None:
    code = "print(open('d').read())"
    for value in ("a", "b"):
        lab.write("posts/d", value)
        lab.run(code, "print('after')")

    for value in ("a", "b", "a"):
        lab.write("posts/d", value)
        execution = lab.run(code, "print('after')")
        assert (execution.has_run, text(execution.post.results[0])) == (False, f"{value}\n")


def test_a_block_added_and_taken_away_runs_nothing_more(lab: Lab) -> None:
    first = lab.run(TIME)
    lab.run(TIME, "print(2)")

    back = lab.run(TIME)

    assert not back.has_run
    assert text(back.post.results[0]) != text(first.post.results[0])  # the whole post had run


def test_the_blocks_before_one_that_fails_are_known(lab: Lab) -> None:
    failed = lab.run(TIME, "1 / 0", "print(3)")

    known = lab.run(TIME)

    assert [p.message for p in failed.problems] == ["ZeroDivisionError: division by zero"]
    assert (known.has_run, shown(known)) == (False, shown(failed)[:1])


def test_a_block_that_has_failed_runs_again(lab: Lab) -> None:
    lab.run("print(1)", "1 / 0")

    assert lab.ran("print(1)", "1 / 0")
    assert lab.told == [
        "posts/p.md runs: block 2 (line 20) has no result that could be read, "
        "or ran no further last time"
    ]


def test_posts_with_equal_code_in_different_folders_share_nothing(lab: Lab) -> None:
    code = "import os\nprint(open('d').read(), os.path.basename(os.getcwd()))"
    posts = [make_post([code], f"posts/{name}/index.md") for name in "ab"]
    for name in "ab":
        lab.write(f"posts/{name}/d", f"data of {name}")

    told = {text(execution.post.results[0]) for execution in lab.execute(*posts)}
    lab.write("posts/a/d", "changed")
    changed = lab.execute(*posts)

    assert told == {"data of a a\n", "data of b b\n"}
    assert [(e.has_run, text(e.post.results[0])) for e in changed] == [
        (False, "data of b b\n"),
        (True, "changed a\n"),
    ]


def test_posts_with_equal_code_in_one_folder_run_each_for_itself(lab: Lab) -> None:
    posts = [make_post(["print(__file__.rpartition('/')[2])"], f"posts/{n}.md") for n in "ab"]

    told = [text(execution.post.results[0]) for execution in lab.execute(*posts)]

    assert sorted(told) == ["a.md\n", "b.md\n"]


# ---- presentation

PRESENTATION: Mapping[str, BlockOptions] = {
    "label": BlockOptions(label="here"),
    "echo": BlockOptions(echo=False),
    "output": BlockOptions(output=False),
    "include": BlockOptions(include=False),
    "fig-alt": BlockOptions(fig_alt=("words",)),
    "expect": BlockOptions(expect=Expectation(relative=0.1)),
    "timeout": BlockOptions(timeout_s=99.0),
    "memory": BlockOptions(memory_mb=999),
    "processes": BlockOptions(processes=9),
}


@pytest.mark.parametrize("options", PRESENTATION.values(), ids=PRESENTATION.keys())
def test_how_a_block_is_shown_runs_nothing(lab: Lab, options: BlockOptions) -> None:
    lab.execute(make_post([TIME, "print(2)"]))

    assert not one(lab, make_post([TIME, "print(2)"], options=options)).has_run


def test_a_limit_of_output_shows_what_it_had_cut_off(lab: Lab) -> None:
    post = make_post(["print('abcdef')"], options=BlockOptions(output_limit=3))
    cut = one(lab, post)

    whole = one(lab, make_post(["print('abcdef')"], options=BlockOptions(output_limit=30)))

    assert text(cut.post.results[0]) == "abc\n… and 4 more bytes, not shown\n"
    assert text(whole.post.results[0]) == "abcdef\n"


def test_another_post_runs_nothing_here(lab: Lab) -> None:
    lab.execute(make_post(["print(1)"], "posts/a.md"))

    lab.execute(make_post(["print(1)"], "posts/a.md"), make_post(["print(2)"], "posts/b.md"))

    assert lab.told == ["posts/b.md runs: it has not run before"]


PLACES = (
    "import warnings\n\ndef careless():\n    warnings.warn('careful')\n\nprint('defined')",
    "import numpy as np\nnp.float64(1) / 0;",
    "import traceback\ncareless()\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n"
    "    traceback.print_exc()",
)


@pytest.mark.parametrize("lines", [0, 7])
def test_kept_text_names_the_lines_that_the_post_has_now(lab: Lab, lines: int) -> None:
    lab.execute(make_post(PLACES))

    execution = one(lab, moved(make_post(PLACES), lines))

    assert not execution.has_run
    assert text(execution.post.results[1]) == (
        "RuntimeWarning: divide by zero encountered in scalar divide\n  np.float64(1) / 0;\n"
    )
    assert text(execution.post.results[2]) == (
        "UserWarning: careful\n"
        "  warnings.warn('careful')\n"
        "Traceback (most recent call last):\n"
        f'  File "posts/p.md", line {33 + lines}, in <module>\n'
        "    1 / 0\n    ~~^~~\nZeroDivisionError: division by zero\n"
    )


def test_everything_that_a_block_shows_comes_back(lab: Lab) -> None:
    code = (
        "import sys\nimport matplotlib.pyplot as plt\nprint('ü', file=sys.stderr)\n"
        "plt.plot([1, 2])\nplt.title('It')\nplt.show()\nprint('\\ud800\\0')\n"
        "class Rich:\n    def _repr_html_(self):\n        return '<b>1</b>'\nRich()"
    )
    first = lab.run(code)

    second = lab.run(code)

    assert not second.has_run
    assert second.post.results == first.post.results
    assert sum(isinstance(output, Display) for output in second.post.results[0].outputs) >= 1


# ---- what the writer says


def test_a_file_that_is_declared_counts_as_one_that_is_read(lab: Lab) -> None:
    options = BlockOptions(depends=("../data/d",))
    post = make_post(["import subprocess\nsubprocess.run(['cat', '../data/d']);"], options=options)
    for value in ("a", "b"):
        lab.write("data/d", value)
        assert text(one(lab, post).post.results[0]) == value
        assert not one(lab, post).has_run

    (lab.root / "data/d").unlink()
    one(lab, post)

    assert lab.told == [
        "posts/p.md runs: block 1 (line 10) uses the file data/d, which has changed"
    ]


def test_a_block_without_cache_runs_always_and_so_do_those_below(lab: Lab) -> None:
    post = make_post([TIME, TIME, "print(x)"])
    kept, always = BlockOptions(), BlockOptions(is_kept=False)
    options = (kept, always, kept)
    parts = tuple(replace(b, options=o) for b, o in zip(post.blocks, options, strict=True))
    post = replace(post, parts=parts)

    first, second = one(lab, post), one(lab, post)

    assert lab.told == ["posts/p.md runs: block 2 (line 20) says 'cache: false'"]
    assert text(second.post.results[2]) == text(second.post.results[1])
    assert text(second.post.results[1]) != text(first.post.results[1])
    assert not lab.run(TIME).has_run


# ---- changes while it runs

CHANGE = "\nimport os\nos.system('printf new > d')"


def test_what_changed_after_it_was_read_is_not_kept(lab: Lab) -> None:
    lab.write("posts/d", "old")
    code = "print(open('d').read())" + CHANGE
    assert text(lab.run(code).post.results[0]) == "old\n"

    for value in ("new", "old"):
        lab.write("posts/d", value)
        execution = lab.run(code)
        assert (execution.has_run, text(execution.post.results[0])) == (True, f"{value}\n")


def test_what_changed_after_it_was_read_and_looks_the_same_is_not_kept(lab: Lab) -> None:
    lab.write("posts/d", "old")
    code = (
        "import os\nprint(open('d').read())\nos.system('touch -r d /tmp/$PPID && printf new > d"
        " && touch -r /tmp/$PPID d && rm /tmp/$PPID')"
    )
    assert text(lab.run(code).post.results[0]).startswith("old\n")

    execution = lab.run(code)

    assert text(execution.post.results[0]).startswith("new\n")


@pytest.mark.parametrize(
    "reading",
    ["print(open('d').read())", "file.seek(0)\nprint(file.read())"],
    ids=["opened again", "still open"],
)
def test_what_changed_between_two_blocks_that_read_it_is_not_kept(lab: Lab, reading: str) -> None:
    codes = [
        "import os, time\nfile = open('d')\nprint(file.read())",
        "if not os.path.exists('stay'):\n"
        "    time.sleep(0.2)  # until the block above is kept\n    os.system('printf new > d')",
        reading,
    ]
    lab.write("posts/d", "old")
    assert [text(result)[:3] for result in lab.run(*codes).post.results] == ["old", "", "new"]

    lab.write("posts/d", "old")
    lab.write("posts/stay", "")
    again = lab.run(*codes)

    assert [text(result)[:3] for result in again.post.results] == ["old", "", "old"]


def test_what_is_saved_while_a_result_is_kept_is_not_taken_for_what_was_read(lab: Lab) -> None:
    lab.write("posts/d", "old")
    code = "print(open('d').read())"

    class Saving(ResultCache):
        """Sees the file saved once more, after it has been looked at."""

        def keep(self, *given: Any) -> str:
            lab.write("posts/d", "new")
            return super().keep(*given)

    roots = {"site": lab.root, "project": PROJECT}
    now = Surroundings(roots, post_environment(lab.variables))
    results = Saving(Store(lab.root / ".cache"), now)
    site = Site(root=lab.root, config=SiteConfig())
    executor = Executor(site, lab.pool, results, now, Listener())

    (execution,) = executor.execute([make_post([code])], is_fresh=False, is_frozen=False)

    assert text(execution.post.results[0]) == "old\n"
    assert text(lab.run(code).post.results[0]) == "new\n"


def test_a_folder_that_gained_a_file_after_it_was_listed_is_not_kept(lab: Lab) -> None:
    lab.write("posts/f/a", "")
    code = "import os\nprint(sorted(os.listdir('f')))\nos.system('touch f/b')"
    assert text(lab.run(code).post.results[0]) == "['a']\n"

    assert text(lab.run(code).post.results[0]) == "['a', 'b']\n"


@pytest.mark.parametrize(
    ("name", "code"),
    [("d", "print(open('d').read())"), ("f/b", "import os\nprint(len(os.listdir('f')))")],
    ids=["file", "folder"],
)
def test_what_changed_before_it_was_read_is_kept_as_it_was_read(
    lab: Lab, name: str, code: str
) -> None:
    lab.write("posts/d", "old")
    lab.write("posts/f/a", "")
    before = text(lab.run(code, "1").post.results[0])
    store = Store(lab.root / ".cache")
    now = Surroundings({"site": lab.root, "project": PROJECT}, post_environment(lab.variables))
    site = Site(root=lab.root, config=SiteConfig())

    class Editor(Listener):
        def note(self, text: str) -> None:  # that the post runs: the file has been looked at
            lab.write(f"posts/{name}", "new")

    executor = Executor(site, lab.pool, ResultCache(store, now), now, Editor())

    (execution,) = executor.execute([make_post([code, "2"])], is_fresh=False, is_frozen=False)
    after = text(execution.post.results[0])

    assert after != before
    known = lab.run(code, "2")
    assert (known.has_run, text(known.post.results[0])) == (False, after)
    lab.write("posts/d", "old")
    (lab.root / "posts/f/b").unlink(missing_ok=True)
    assert text(lab.run(code, "2").post.results[0]) == before


# ---- frozen


def test_a_frozen_build_runs_nothing_and_says_what_is_missing(lab: Lab) -> None:
    lab.write("posts/d", "1")
    post = make_post(["print(1)", "print(open('d').read())"])
    lab.execute(post)
    assert one(lab, post, is_frozen=True).problems == ()

    lab.write("posts/d", "2")
    refused = one(lab, post, is_frozen=True)

    assert [str(problem) for problem in refused.problems] == [
        "posts/p.md:20: the result of a block is missing: block 2 (line 20) uses the file "
        "posts/d, which has changed (build without --frozen, and keep .cache/)"
    ]
    assert (refused.has_run, len(refused.post.results)) == (False, 1)


def test_results_hold_in_another_folder(lab: Lab, plain_pool: Pool, tmp_path: Path) -> None:
    lab.write("posts/d", "1")
    lab.write("posts/helper.py", "x = 1")
    post = make_post(
        ["import helper, os\nprint(open('d').read(), helper.x, os.listdir('.'), os.getenv('X'))"]
    )
    lab.execute(post)

    lab.root.rename(tmp_path / "elsewhere")
    moved_lab = Lab(tmp_path / "elsewhere", plain_pool)

    assert one(moved_lab, post, is_frozen=True).problems == ()


# ---- what cannot be followed

UNTRACEABLE = {
    "a process": ("import subprocess\nsubprocess.run(['true']);", 2, "starts a process"),
    "a shell": ("import os\n\nos.system('true');", 3, "starts a process"),
    "a fork": (
        "import multiprocessing as mp\np = mp.Process(target=print)\np.start()\np.join()",
        3,
        "starts a process",
    ),
    "a connection": (
        "import socket\ns = socket.socket()\ns.connect_ex(('127.0.0.1', 9));\ns.close()",
        3,
        "uses the network",
    ),
    "a name": (
        "import socket\ntry:\n    socket.getaddrinfo('localhost', 9);\nexcept OSError:\n    pass",
        3,
        "uses the network",
    ),
    "a library": ("import ctypes\nctypes.CDLL('libm.so.6');", 2, "loads a C library"),
    "a function of the block": (
        "import os\ndef f():\n    os.system('true')\n\nf()\nf()",
        3,
        "starts a process",
    ),
    "a function of a library": (
        "import subprocess\n\nsubprocess.getoutput('true');",
        3,
        "starts a process",
    ),
    "a thread": (
        "import subprocess\nfrom concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor() as pool:\n    pool.submit(subprocess.run, ['true']).result()",
        4,
        "starts a process",
    ),
    "a module of the post": ("print(1)\nimport helper", 2, "starts a process"),
}


def _warning(what: str, line: int) -> str:
    return (
        f"posts/p.md:{line}: the block {what}: what it reads there is not seen, and a change of "
        "it will not run the block again "
        "(name files with '#| depends: [FILE]', or say '#| cache: false')"
    )


@pytest.mark.parametrize(("code", "line", "what"), UNTRACEABLE.values(), ids=UNTRACEABLE.keys())
def test_what_cannot_be_followed_is_told_with_its_line_each_time(
    lab: Lab, code: str, line: int, what: str
) -> None:
    lab.write("posts/helper.py", "import subprocess\nsubprocess.run(['true'])\n")

    first = one(lab, make_post([code]))
    known = one(lab, moved(make_post([code]), 5))

    assert [str(p) for p in first.problems] == [_warning(what, 9 + line)]
    assert [str(p) for p in known.problems] == [_warning(what, 14 + line)]
    assert (first.has_run, known.has_run) == (True, False)


def test_a_function_of_an_earlier_block_is_told_where_it_is_called(lab: Lab) -> None:
    execution = lab.run("import os\ndef f():\n    os.system('true')", "1\nf()")

    assert [str(p) for p in execution.problems] == [_warning("starts a process", 21)]


@pytest.mark.parametrize(
    "options", [BlockOptions(depends=("d",)), BlockOptions(is_kept=False)], ids=["depends", "cache"]
)
def test_who_has_said_what_a_block_depends_on_is_not_warned(
    lab: Lab, options: BlockOptions
) -> None:
    post = make_post(["import os\nos.system('true')"], options=options)

    assert one(lab, post).problems == ()


def test_what_a_library_does_while_it_is_imported_is_not_the_posts(lab: Lab) -> None:
    # The library opens a browser.
    assert lab.run("import os\nos.environ['BROWSER'] = 'true'\nimport antigravity").problems == ()


# ---- resident posts


def test_a_resident_post_goes_on_with_what_has_changed_meanwhile(
    make_lab: Callable[[str, Pool], Lab], resident_pool: Pool
) -> None:
    lab = make_lab("resident", resident_pool)
    lab.write("posts/helper.py", "x = 1\n")
    lab.write("posts/d", "1")
    codes = [TIME, "import helper\nprint(helper.x)", "print(open('d').read())", "print(x)"]
    first = lab.run(*codes)

    lab.write("posts/d", "2")
    second = lab.run(*codes)
    lab.write("posts/helper.py", "x = 22\n")
    third = lab.run(*codes)

    for execution, values in ((first, "1 1"), (second, "1 2"), (third, "22 2")):
        results = [text(result).strip() for result in execution.post.results]
        assert " ".join(results[1:3]) == values
        assert results[3] == results[0] == text(first.post.results[0]).strip()
