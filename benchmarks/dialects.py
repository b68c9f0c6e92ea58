"""The posts of `make_site` as other generators read them: the same words, formulas and blocks."""

import json
import re
from collections.abc import Callable

_FENCE = re.compile(r"^```\{python\}\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(?<= )\$\$(.+?)\$\$")
_SHOWN = """from io import StringIO
picture = StringIO()
plt.savefig(picture, format="svg")
plt.close()
print(picture.getvalue()[picture.getvalue().index("<svg"):])"""


def as_it_is(post: str) -> str:
    return post


def with_dollars(post: str) -> str:
    """Formulas in a sentence between single dollars, as most of Markdown's readers want them."""
    return _INLINE.sub(r"$\1$", post)


def myst(post: str) -> str:
    """Markdown that MyST-NB takes for a notebook."""
    title, body = _parted(post)
    head = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"
    return f"{head}# {title}\n\n{_FENCE.sub(_code_cell, body)}"


def markdown_exec(post: str) -> str:
    """Fences that markdown-exec runs, all of a post in one session.

    It shows what is printed, so plots and last values are.
    """
    title, body = _parted(post)

    def fence(match: re.Match[str]) -> str:
        code, how = match[1], 'result="text"'
        if "plt.show()" in code:
            code, how = code.replace("plt.show()", _SHOWN), 'html="1"'
        *before, last = code.splitlines()
        if last.isidentifier():
            code = "\n".join((*before, f"print({last})"))
        return f'```python exec="1" source="above" session="{title}" {how}\n{code}\n```'

    return f"# {title}\n\n{_FENCE.sub(fence, body)}"


def notebook(post: str) -> str:
    """A notebook that has not run."""
    title, body = _parted(post)
    cells: list[dict[str, object]] = [_cell("markdown", f"# {title}", 0)]
    for number, text in enumerate(_FENCE.split(body)):
        kind = "code" if number % 2 else "markdown"
        cells.append(_cell(kind, text.strip(), len(cells)))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4}
    return json.dumps({**content, "nbformat_minor": 5}, indent=1)


def script(post: str) -> str:
    """The blocks alone, as a program that saves its plots."""
    shows = "\n".join(match[1] for match in _FENCE.finditer(post)).split("plt.show()")
    saves = (f"plt.savefig(f'{{__file__}}.{n}.svg')\nplt.close()" for n in range(1, len(shows)))
    code = "".join(part for pair in zip(shows, (*saves, ""), strict=True) for part in pair)
    return f"import matplotlib\n\nmatplotlib.use('Agg')\n{code}\n"


Dialect = Callable[[str], str]
"""From a post as we write it to the same post as another generator reads it."""


def _parted(post: str) -> tuple[str, str]:
    """The title, and what stands below the front matter."""
    _, head, body = post.split("---\n", 2)
    return head.removeprefix("title: ").strip(), body


def _code_cell(match: re.Match[str]) -> str:
    return f"```{{code-cell}} python\n{match[1]}\n```"


def _cell(kind: str, source: str, number: int) -> dict[str, object]:
    runs: dict[str, object] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "id": f"c{number}", "metadata": {}, "source": source, **runs}
