"""A block with a sweep runs once for each setting, each time from the same state."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from builder.config import PROJECT
from builder.execute.execution import Execution
from builder.execute.pool import Pool
from builder.execute.spawn import SpawnPool
from builder.model import BlockOptions, CodeBlock, ParsedPost, Trial
from tests.execute.conftest import Lab, make_post, shown, text

RATES = BlockOptions(sweep=(("rate", (1, 2, 3)),))
POOLS: dict[str, Callable[[], Pool | SpawnPool]] = {
    "forked": lambda: Pool(str(PROJECT), 1),
    "resident": lambda: Pool(str(PROJECT), 1, is_resident=True),
    "interpreters": lambda: SpawnPool(str(PROJECT), 1),
}


@pytest.fixture(scope="module", params=POOLS)
def any_pool(request: pytest.FixtureRequest) -> Iterator[Pool | SpawnPool]:
    with POOLS[request.param]() as pool:
        yield pool


@pytest.fixture
def any_lab(make_lab: Callable[[str, Pool | SpawnPool], Lab], any_pool: Pool | SpawnPool) -> Lab:
    return make_lab("lab", any_pool)


def post_of(*blocks: str | tuple[str, BlockOptions]) -> ParsedPost:
    """A post of blocks, ten lines apart; some with options."""
    made: list[CodeBlock] = []
    for block in blocks:
        code, options = (block, BlockOptions()) if isinstance(block, str) else block
        (part,) = make_post([code], options=options).parts
        assert isinstance(part, CodeBlock)
        made.append(replace(part, line=10 * (len(made) + 1)))
    return replace(make_post([]), parts=tuple(made))


def run(lab: Lab, *blocks: str | tuple[str, BlockOptions]) -> Execution:
    (execution,) = lab.execute(post_of(*blocks))
    return execution


def written(execution: Execution) -> list[str]:
    """What each run of each block has written; the first setting runs last."""
    return [text(result) for result in execution.post.results]


def problems(execution: Execution) -> list[str]:
    return [str(problem) for problem in execution.problems]


def test_the_first_setting_runs_last_and_is_gone_on_from(any_lab: Lab) -> None:
    execution = run(
        any_lab, "seen = []", ("seen.append(rate)\nprint(rate, seen)", RATES), "print(rate, seen)"
    )

    assert problems(execution) == []
    assert written(execution) == ["", "2 [2]\n", "3 [3]\n", "1 [1]\n", "1 [1]\n"]


def test_two_names_run_in_every_combination(any_lab: Lab) -> None:
    grid = BlockOptions(sweep=(("a", (1, 2)), ("b", ("x", True))))

    execution = run(any_lab, ("print(a, b)", grid))

    assert written(execution) == ["1 True\n", "2 x\n", "2 True\n", "1 x\n"]


def test_each_run_has_the_same_random_numbers_and_the_same_place_in_open_files(
    any_lab: Lab,
) -> None:
    any_lab.write("posts/data.txt", "one\ntwo\nthree\n")
    before = (
        "import random\nimport numpy as np\nlines = open('data.txt')\nprint(lines.readline())\n"
        "rng = np.random.default_rng()\nrandom.random()"
    )
    draw = (
        "print(random.random(), np.random.rand(), np.random.default_rng().random(),"
        " rng.random(), lines.readline())"
    )

    first, *others = written(run(any_lab, before, (draw, RATES), draw))[1:]

    assert others[:2] == [first, first]
    assert others[2] != first
    assert "three" in others[2]


def test_figures_and_messages_of_each_run_are_its_own(any_lab: Lab) -> None:
    code = "import matplotlib.pyplot as plt\nplt.plot([rate]); plt.title(str(rate)); print(rate)"

    results = run(any_lab, (code, RATES)).post.results

    kinds = [[type(output).__name__ for output in result.outputs] for result in results]
    assert kinds == [["Stream", "Display"]] * 3
    assert [getattr(result.outputs[1], "alt", "") for result in results] == [
        "Plot: 2",
        "Plot: 3",
        "Plot: 1",
    ]


def test_a_run_that_fails_is_told_in_its_line_and_nothing_runs_after_it(any_lab: Lab) -> None:
    execution = run(any_lab, "x = 1", ("x\n1 / (rate - 2)", RATES), "print('never')")

    assert problems(execution) == ["posts/p.md:21: ZeroDivisionError: division by zero (rate = 2)"]
    assert len(execution.post.results) == 2


ENDINGS = {
    "import os\nos._exit(0)": "the block ended the process with status 0",
    "import os\nos._exit(212)": "the block ended the process with status 212",
    "import os\nos._exit(7)": "the block ended the process with status 7",
    "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)": "the block was ended by SIGKILL",
    "import ctypes\nctypes.string_at(0)": "the block was ended by a segmentation fault",
    "while True: pass": "the block did not end within its 0.5 seconds",
    "import builtins, sys\nsys.modules.clear(); builtins.__dict__.clear()": "",
}


@pytest.mark.parametrize("code", ENDINGS)
def test_a_run_that_ends_its_process_is_told_as_that_of_any_block(any_lab: Lab, code: str) -> None:
    lines = code.split("\n")
    guarded = "\n".join([lines[0], f"if rate == 3: {lines[1]}"] if len(lines) > 1 else lines)
    options = replace(RATES, timeout_s=0.5 if code.startswith("while") else None)

    execution = run(any_lab, (guarded, options), "print('never')")

    (problem,) = [p for p in execution.problems if p.severity == "error"]
    assert problem.message.startswith(ENDINGS[code])
    assert problem.location.line in (10, 11)
    assert "never" not in "".join(written(execution))


def test_the_line_of_a_run_that_takes_too_long_is_known(any_lab: Lab) -> None:
    code = "import time\n\nif rate == 2:\n    time.sleep(30)"

    execution = run(any_lab, (code, replace(RATES, timeout_s=0.5)))

    assert problems(execution) == [
        "posts/p.md:13: the block did not end within its 0.5 seconds (rate = 2) "
        "(give it more with '#| timeout: SECONDS', or less to do)"
    ]


def test_the_copies_do_not_count_as_processes_of_the_post(any_lab: Lab) -> None:
    options = replace(RATES, processes=0)

    execution = run(any_lab, ("import time\ntime.sleep(0.3)\nprint(rate)", options))

    assert problems(execution) == []
    assert written(execution) == ["2\n", "3\n", "1\n"]


def test_a_file_whose_name_is_no_text_is_named_all_the_same(any_lab: Lab) -> None:
    opens = (
        "import os, tempfile\n"
        "name = os.path.join(os.fsencode(tempfile.gettempdir()), b'caf\\xe9')\nf = open(name, 'w')"
    )

    execution = run(any_lab, opens, ("print(rate)", RATES))

    assert [p for p in problems(execution) if "sweep" in p] == [
        "posts/p.md:20: a sweep cannot start each time from the same state: "
        "caf\\xe9 is open for writing (rate = 2) (end or close it in the block before)"
    ]


def test_a_state_that_cannot_be_copied_is_an_error(any_lab: Lab) -> None:
    thread = (
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()"
    )

    execution = run(any_lab, thread, ("print(rate)", RATES))

    assert [p for p in problems(execution) if "sweep" in p] == [
        "posts/p.md:20: a sweep cannot start each time from the same state: other threads run "
        "(rate = 2) (end or close it in the block before)"
    ]


def test_the_folder_for_temporary_files_is_each_time_as_it_was(any_lab: Lab) -> None:
    before = (
        "import os, tempfile\nfolder = tempfile.gettempdir()\n"
        "def names(): return sorted(os.listdir(folder))\n"
        "for n in ('kept', 'changed', 'gone'): open(f'{folder}/{n}', 'w').write(n)\n"
        "os.mkdir(f'{folder}/sub'); os.mkfifo(f'{folder}/pipe')\nreading = open(f'{folder}/kept')"
    )
    code = (
        "print(names(), open(f'{folder}/changed').read(), reading.read())\n"
        "open(f'{folder}/changed', 'w').write('other'); os.remove(f'{folder}/gone')\n"
        "os.rmdir(f'{folder}/sub'); open(f'{folder}/new', 'w').close()"
    )

    execution = run(any_lab, before, (code, RATES), "print(names())")

    assert problems(execution) == []
    seen = "['changed', 'gone', 'kept', 'pipe', 'sub'] changed kept\n"
    assert written(execution)[1:] == [seen, seen, seen, "['changed', 'kept', 'new', 'pipe']\n"]


# ---- what is known


def test_a_new_value_alone_runs_again_with_what_the_state_is_made_from(lab: Lab) -> None:
    mark = lab.root.parent / "runs.txt"
    code = f"import os\nos.system(f'echo -n {{rate}} >> {mark}')"
    options = replace(RATES, is_kept=True)
    run(lab, "x = 1", (code, options))
    assert mark.read_text() == "231"

    run(lab, "x = 1", (code, replace(options, sweep=(("rate", (1, 2, 3, 4)),))))

    assert mark.read_text() == "231" + "41"


def test_a_value_that_is_known_is_not_computed_again_for_one_that_is_not(lab: Lab) -> None:
    mark = lab.root.parent / "runs.txt"
    code = f"import os\nos.system(f'echo -n {{rate}} >> {mark}')\nprint(rate)"
    run(lab, (code, RATES))
    assert mark.read_text() == "231"

    edited = run(lab, (code, replace(RATES, sweep=(("rate", (1, 4, 3)),))))

    assert mark.read_text() == "231" + "41"
    assert written(edited) == ["4\n", "3\n", "1\n"]


def test_branches_that_are_known_do_not_run_again_where_a_later_block_does(lab: Lab) -> None:
    mark = lab.root.parent / "runs.txt"
    code = f"import os\nos.system(f'echo -n {{rate}} >> {mark}')\nprint(rate)"
    first = run(lab, (code, RATES), "print('a')")

    second = run(lab, (code, RATES), "print('b')")

    assert mark.read_text() == "231" + "1"
    assert written(second) == [*written(first)[:-1], "b\n"]


def test_the_state_after_a_sweep_does_not_depend_on_its_branches(lab: Lab) -> None:
    run(lab, ("print(rate)", RATES), "print(rate)")

    fewer = run(lab, ("print(rate)", replace(RATES, sweep=(("rate", (1, 3)),))), "print(rate)")

    assert not fewer.has_run
    assert written(fewer) == ["3\n", "1\n", "1\n"]


def test_a_file_that_only_a_branch_reads_is_seen(lab: Lab) -> None:
    data = lab.write("posts/2.txt", "two")
    code = "print(open('2.txt').read() if rate == 2 else rate)"
    assert written(run(lab, (code, RATES))) == ["two\n", "3\n", "1\n"]
    assert not run(lab, (code, RATES)).has_run

    data.write_text("changed")

    assert written(run(lab, (code, RATES))) == ["changed\n", "3\n", "1\n"]


def test_a_resident_post_goes_on_behind_a_sweep_without_running_it(resident: Lab) -> None:
    mark = resident.root.parent / "runs.txt"
    code = f"import os\nos.system(f'echo -n {{rate}} >> {mark}')\nprint(rate)"
    run(resident, "x = 1", (code, RATES), "print(rate, x)")

    edited = run(resident, "x = 1", (code, RATES), "print(x, rate)")

    assert mark.read_text() == "231"
    assert written(edited) == ["", "2\n", "3\n", "1\n", "1 1\n"]


def test_an_edited_sweep_of_a_resident_post_gives_what_a_full_run_gives(
    resident: Lab, make_lab: Callable[[str, Pool], Lab], plain_pool: Pool
) -> None:
    blocks = ("import random\nrandom.random()", ("print(rate, random.random())", RATES), "rate")
    run(resident, *blocks)
    edited = (blocks[0], ("print(random.random(), rate)", RATES), "print(random.random())")

    resumed = run(resident, *edited)

    assert shown(resumed) == shown(run(make_lab("plain", plain_pool), *edited))


def test_every_run_of_a_block_is_a_step_of_its_post() -> None:
    steps = post_of("a", ("b", RATES)).steps

    settings = [step.setting for step in steps if isinstance(step, Trial)]
    assert settings == [(("rate", 2),), (("rate", 3),), (("rate", 1),)]
    assert [step.is_branch for step in steps if isinstance(step, Trial)] == [True, True, False]


def test_a_process_that_nobody_waits_for_keeps_no_sweep_from_running(lab: Lab) -> None:
    # It closes its output before it ends.
    shell = "import os\nx = os.popen('echo {n}; exec >&-; sleep 0.05').read().strip()"
    for n in range(4):
        execution = run(lab, shell.format(n=n), ("print(x, rate)", RATES))

        assert written(execution)[1:] == [f"{n} 2\n", f"{n} 3\n", f"{n} 1\n"]
