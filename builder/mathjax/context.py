"""A JavaScript engine with MathJax in it.

MathJax's component files are evaluated in an order that needs none of its loading machinery:
`loader.js` and `startup.js` expect a browser, and extensions fetched on demand would have to
wait for promises. `noerrors`, `noundefined` (they hide every error) and `physics` (it changes
the meaning of common commands) are left out.
"""

import hashlib
import importlib.util
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

_COMPONENTS = (
    "core",
    "adaptors/liteDOM",
    "input/tex-base",
    "output/svg",
    "output/svg/fonts/tex",
)
_EXTENSIONS = (
    "newcommand",
    "ams",
    "boldsymbol",
    "braket",
    "bbox",
    "action",
    "amscd",
    "enclose",
    "cancel",
    "textmacros",
    "empheq",
    "cases",
    "centernot",
    "color",
    "colortbl",
    "configmacros",
    "extpfeil",
    "gensymb",
    "html",
    "mathtools",
    "mhchem",
    "textcomp",
    "unicode",
    "upgreek",
    "verb",
    "bussproofs",
)

Answer: TypeAlias = Mapping[str, Any]
"""What shim.js says, parsed from JSON."""

_STACK_BYTES = 6 << 20
_MEMORY_BYTES = 1 << 30
_GLOBALS = """
globalThis.console = {log() {}, warn() {}, error() {}};
globalThis.MathJax = {startup: {typeset: false}};
"""


class BootError(Exception):
    """The JavaScript engine or MathJax's files are not installed, or do not fit together."""


class EngineError(Exception):
    """JavaScript failed: a formula too deep or too long, or a fault of MathJax itself."""


class Context:
    """A booted MathJax; after an `EngineError` it is not to be used again.

    Args:
        time_limit_s: CPU time that one command may take.

    Raises:
        BootError: If a package is missing.
        MemoryError: If the machine has too little.
    """

    def __init__(self, time_limit_s: float) -> None:
        try:
            # Here, so that a build with nothing to set never loads it; and not its wrapper
            # `quickjs`, which starts a thread as soon as it is imported: that takes 45 ms and
            # makes a later fork() unsafe.
            import _quickjs  # type: ignore[import-not-found]  # noqa: PLC0415
        except ImportError as missing:
            raise BootError("cannot import quickjs: run pip install quickjs-ng") from missing
        self._failure: type[Exception] = _quickjs.JSException
        self._time_limit_s = time_limit_s
        self._quickjs = _quickjs.Context()
        self._quickjs.set_max_stack_size(_stack_bytes())
        self._quickjs.set_memory_limit(_MEMORY_BYTES)
        self._quickjs.set_time_limit(time_limit_s)
        try:
            for script in _scripts():
                self._quickjs.eval(script)
        except self._failure as failure:
            if "out of memory" in str(failure):
                raise MemoryError from failure
            raise BootError(f"MathJax does not start: {failure}") from failure

    def command(self, name: str, request: Mapping[str, object]) -> Answer:
        """Have shim.js do something.

        Raises:
            EngineError: If it fails; the message is for the author of the formula.
        """
        # JSON text, quoted once more by JSON, is a JavaScript string of plain ASCII.
        script = f"command({json.dumps(name)}, {json.dumps(json.dumps(request))})"
        try:
            text = self._quickjs.eval(script)
        except self._failure as failure:
            raise EngineError(self._explain(str(failure))) from failure
        answer: Answer = json.loads(text)
        return answer

    def _explain(self, failure: str) -> str:
        message = failure.strip().split("\n", 1)[0]
        if "stack" in message:
            return "formula is nested too deeply"
        if "interrupted" in message:
            return f"formula takes longer than {self._time_limit_s:g} s to set"
        if message in ("", "null") or "out of memory" in message:
            return "formula needs too much memory to set"
        return f"MathJax failed: {message}"


def engine_digest() -> str:
    """Digest MathJax's version and the code of this package, without booting anything."""
    digest = hashlib.sha256()
    own = sorted(Path(__file__).parent.glob("*.py"))
    for path in (_mathjax_root() / "package.json", _shim_path(), *own):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _scripts() -> Iterator[str]:
    root = _mathjax_root()
    yield _GLOBALS
    extensions = [f"input/tex/extensions/{name}" for name in _EXTENSIONS]
    for component in (*_COMPONENTS, *extensions):
        yield (root / "es5" / f"{component}.js").read_text(encoding="utf-8")
    packages = json.dumps(["base", *_EXTENSIONS])
    shim = _shim_path().read_text(encoding="utf-8")
    yield f"globalThis.command = (\n{shim})({packages}); 0"


def _stack_bytes() -> int:
    """Return what JavaScript may use of the machine stack: beyond that the process would die."""
    if sys.platform == "win32":
        return 1 << 20
    import resource  # noqa: PLC0415 - exists on Unix alone

    soft, _ = resource.getrlimit(resource.RLIMIT_STACK)
    return _STACK_BYTES if soft == resource.RLIM_INFINITY else min(_STACK_BYTES, soft * 3 // 4)


def _mathjax_root() -> Path:
    # find_spec locates a top-level package without executing anything of it.
    spec = importlib.util.find_spec("mathjax")
    for location in (spec and spec.submodule_search_locations) or ():
        root = Path(location) / "static" / "mathjax"
        if root.is_dir():
            return root
    raise BootError("cannot find MathJax: run pip install django-static-mathjax")


def _shim_path() -> Path:
    return Path(__file__).with_name("shim.js")
