"""The environment variables that posts run with: the builder's, some of them pinned."""

from collections.abc import Mapping

_PINNED = {
    # On a busy machine more BLAS threads are slower and give other bits.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # Other processor models give the same bits only with the same kernels.
    "OPENBLAS_CORETYPE": "Haswell",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "COLUMNS": "80",
    "MPLBACKEND": "module://builder.execute.pyplot_backend",
}
_UNSET = ("MATPLOTLIBRC", "FORCE_COLOR")
_KEPT = ("PYTHONHOME",)
"""Of the variables that change how Python itself works, what it may not start without."""


_HARMLESS = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "TMPDIR", "VIRTUAL_ENV"),
        *("LD_LIBRARY_PATH", "MPLCONFIGDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", *_KEPT),
    }
)
"""All that a post in a sandbox is given: others may be secrets."""


def post_environment(variables: Mapping[str, str], *, is_sandboxed: bool = False) -> dict[str, str]:
    """The environment that posts run in, made from the builder's."""
    passed = {n: value for n, value in variables.items() if _is_passed_on(n)} | _PINNED
    if is_sandboxed:
        return {n: value for n, value in passed.items() if n in _HARMLESS or n in _PINNED}
    return passed


def _is_passed_on(name: str) -> bool:
    return name in _KEPT or not (name in _UNSET or name.startswith("PYTHON"))
