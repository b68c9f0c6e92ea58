"""IPython's magics in blocks: two are ignored, for the others there is Python.

`%matplotlib inline` and `%config` set up what is set up here already. Every other one
would run nothing, so it is an error that says what to write instead.
"""

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_LINE = re.compile(
    r"(?P<indent>[ \t]*)(?:[\w, ]+=[ \t]*(?=[%!]))?"
    r"(?:(?P<magic>%%?[A-Za-z]\w*|!|\?\??(?=\w)).*|[\w.]+(?P<help>\?\??)[ \t]*)"
)
_IGNORED = ("%matplotlib", "%config")
_IN_PYTHON: Mapping[str, str] = {
    "!": "run programs with subprocess.run([...], check=True)",
    "?": "write help(name)",
    "%autoreload": "leave it out: a changed module is noticed by itself",
    "%bash": "run programs with subprocess.run([...], check=True)",
    "%capture": "hide what a block gives with '#| output: false'",
    "%cd": "write os.chdir(...)",
    "%conda": "add the package to the dependencies of your site",
    "%env": "write os.environ[...] = ...",
    "%html": "show an object with _repr_html_, or write HTML into the text",
    "%latex": "write $$...$$ into the text",
    "%load_ext": "leave it out, and import what the extension offers",
    "%markdown": "write it into the text",
    "%memit": "measure with tracemalloc",
    "%pip": "add the package to the dependencies of your site",
    "%precision": "write np.set_printoptions(precision=...)",
    "%prun": "write cProfile.run(...)",
    "%pylab": "import numpy and matplotlib.pyplot",
    "%run": "write runpy.run_path(...), or import it",
    "%sh": "run programs with subprocess.run([...], check=True)",
    "%time": "take time.perf_counter() before and after, or say '#| running-time: true'",
    "%timeit": "write timeit.timeit(...)",
    "%who": "write print(sorted(globals()))",
    "%writefile": "put the file beside the post",
}


@dataclass(frozen=True, slots=True)
class Magic:
    """A line that is IPython's and not Python's."""

    line: int
    """Of the code, from 1."""

    column: int
    text: str
    is_ignored: bool
    hint: str


def take_magics(code: str) -> tuple[str, tuple[Magic, ...]]:
    """Part code from its magics; where one stood, nothing happens."""
    if not any(mark in code for mark in "%!?"):
        return code, ()
    found = tuple(_magics(code))
    if not found or _is_python(code):  # within brackets a line may begin with `%`
        return code, ()
    lines = code.split("\n")
    if found[0].text.startswith("%%") and not any(map(str.strip, lines[: found[0].line - 1])):
        rest = "\n".join(("pass", *lines[found[0].line :]))
        above = "\n" * (found[0].line - 1)
        # What follows may be of any language.
        return above + (rest if _is_python(rest) else "pass"), found[:1]
    for magic in found:
        lines[magic.line - 1] = " " * (magic.column - 1) + "pass"
    bare = "\n".join(lines)
    # Otherwise it is Python with a mistake, which Python itself tells best.
    return (bare, found) if _is_python(bare) else (code, ())


def _magics(code: str) -> Iterator[Magic]:
    for number, line in enumerate(code.split("\n"), start=1):
        match = _LINE.fullmatch(line)
        if match:
            sign = match["magic"] or match["help"]
            name = f"%{sign.lstrip('%')}" if "%" in sign else sign[0]
            yield Magic(
                line=number,
                column=len(match["indent"]) + 1,
                text=sign if "%" in sign else line.strip(),
                is_ignored=sign in _IGNORED,
                hint=_IN_PYTHON.get(name, "write it in Python"),
            )


def _is_python(code: str) -> bool:
    try:
        with warnings.catch_warnings():  # Python tells of them where the code runs
            warnings.simplefilter("ignore")
            ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
