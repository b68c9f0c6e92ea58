"""Nothing that is published tells whose machine it was made on."""

import io
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from builder.config import PROJECT

POST = """\
---
title: Private
tags: [t]
series: S
---
Text with $$x^2$$, [data](data.csv) and ![A picture](dot.png).

```{python}
import warnings
import numpy as np
import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation
import helper

figure, axes = plt.subplots()
line, = axes.plot([0, 1])
axes.set_title("A drawing")
plt.show()
```

```{python}
#| fig-format: png
#| fig-alt: dots
plt.plot([1, 0])
plt.show()
```

```{python}
#| fig-alt: an animation
figure, axes = plt.subplots()
line, = axes.plot([0, 1])
FuncAnimation(figure, lambda n: line.set_ydata([0, n]), frames=2)
```

```{python}
#| error: ValueError
helper.fail()
```

```{python}
#| error: ValueError
np.linalg.norm(np.zeros((2, 2, 2)), ord=1)
```

```{python}
#| error: FileNotFoundError
open("none")
```

```{python}
helper.warn()
np.float32(1) / np.zeros(1)
np.load
```

```{python}
#| sweep: {n: [1, 2]}
print(n, helper.__name__)
object()
```

Value `{python} helper.__name__`.
"""
HELPER = """\
import warnings
def fail():
    raise ValueError("told")
def warn():
    warnings.warn("careful", DeprecationWarning, stacklevel=1)
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A site that the command has built, and what nobody may learn of it, by what it is."""
    folder = tmp_path_factory.mktemp("secretfolder")
    root, home = folder / "site", folder / "secrethome"
    home.mkdir()
    post = root / "posts" / "2026-01-01-p"
    post.mkdir(parents=True)
    (root / "pyproject.toml").write_text('[tool.site]\nurl = "https://a.example"\n')
    (post / "index.md").write_text(POST)
    (post / "helper.py").write_text(HELPER)
    (post / "data.csv").write_text("1,2\n")
    Image.new("RGB", (4, 4)).save(post / "dot.png")
    secrets = {
        "the value of a variable": "canary-4f1d",
        "the home folder": str(home),
        "the user": "ada-canary",
        "the folder of the site": folder.name,
        "the folder of the builder": f"{PROJECT}{os.sep}",
        "the environment": f"{sys.prefix}{os.sep}",
        "Python's own folder": f"{sys.base_prefix}{os.sep}",
    }
    name = socket.gethostname()
    if len(name) > 5:  # a shorter one may be a part of any word
        secrets["the machine"] = name
    cache = Path.home() / ".cache" / "matplotlib"  # its list of fonts takes long to make
    environment = {"MPLCONFIGDIR": str(cache)} | os.environ
    environment |= {
        "CANARY_TOKEN": secrets["the value of a variable"],
        "HOME": str(home),
        **dict.fromkeys(("USER", "LOGNAME", "HOSTNAME"), secrets["the user"]),
    }
    subprocess.run(
        [sys.executable, str(PROJECT / "build.py"), "--root", str(root), "-q"],
        env=environment,
        check=True,
        cwd=folder,
    )
    return root / "_site", secrets


def _texts(path: Path) -> list[bytes]:
    """What a file says, and what its metadata do."""
    content = path.read_bytes()
    texts = [content]
    if path.suffix in (".png", ".webp", ".jpg"):
        with Image.open(io.BytesIO(content)) as image:
            texts.append(f"{image.info} {dict(image.getexif())}".encode())
            assert set(image.info) <= {"dpi", "loop", "background", "timestamp", "duration"}, path
    return texts


def test_nothing_tells_whose_machine_it_was(published: tuple[Path, dict[str, str]]) -> None:
    output, secrets = published
    files = [path for path in output.rglob("*") if path.is_file()]

    told = [
        f"{path.relative_to(output)} tells {what}: {secret}"
        for path in files
        for text in _texts(path)
        for what, secret in secrets.items()
        if secret.encode() in text
    ]

    assert {".html", ".svg", ".json", ".png", ".webp", ".ipynb", ".py"} <= {p.suffix for p in files}
    assert told == []
