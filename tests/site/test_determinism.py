"""The same input gives the same bytes, whatever the folder, the time and the number of jobs."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date

from builder.config import PROJECT
from tests.site.conftest import Blog

POST = """Text with $$x^2$$, a set and an object.

```{python}
import random
import numpy as np
import matplotlib.pyplot as plt

rng = np.random.default_rng()
print(rng.random(), np.random.rand(), random.random())
print({"a", "b", "c"}, object())
fig, ax = plt.subplots()
ax.scatter(rng.random(9), rng.random(9), label="$x_i$")
ax.fill_between([0, 1], [0, 1], alpha=0.2)
ax.legend()
plt.show()
rng
```

$$\\begin{align} a &= b \\\\ c &= d \\end{align}$$
"""


def _write_posts(blog: Blog) -> None:
    for day in range(1, 5):
        blog.post(f"2026-01-0{day}-p.md", POST, f"title: Day {day}\ntags: [b, a]")


def test_two_builds_in_different_folders_give_the_same_bytes(
    make_blog: Callable[[str], Blog],
) -> None:
    one, other = make_blog("one"), make_blog("another folder")
    _write_posts(one)
    _write_posts(other)

    one.build(has_cards=True)
    environment = os.environ | {
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Tokyo",
        "LC_ALL": "C",
        "MPLBACKEND": "pdf",
        "LANG": "",
    }
    subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), "--root", str(other.root), "--jobs", "3", "-q"],
        env=environment,
        check=True,
        cwd="/",
    )

    assert one.files() == other.files()


def test_no_output_names_the_folder_it_was_built_in(blog: Blog) -> None:
    _write_posts(blog)

    blog.build()

    for name, content in blog.files().items():
        assert str(blog.root).encode() not in content, name
        assert str(PROJECT).encode() not in content, name


def test_a_build_from_the_cache_gives_the_same_bytes(blog: Blog) -> None:
    _write_posts(blog)
    blog.build()
    before = blog.files()

    assert blog.build(is_fresh=True).executed == 4
    assert blog.files() == before
    assert blog.build().executed == 0
    assert blog.files() == before


def test_builds_on_different_days_give_the_same_bytes(
    make_blog: Callable[[str], Blog],
) -> None:
    one, other = make_blog("one"), make_blog("other")
    _write_posts(one)
    _write_posts(other)

    one.build(today=date(2026, 11, 23))
    time.sleep(1.1)  # another second on every clock that might be looked at
    other.build(today=date(2031, 2, 3))

    assert one.files() == other.files()
