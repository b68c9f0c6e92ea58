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
_UNSET = ("PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONWARNINGS", "MATPLOTLIBRC", "FORCE_COLOR")


def post_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment that posts run in, made from the builder's."""
    return {name: value for name, value in variables.items() if name not in _UNSET} | _PINNED
