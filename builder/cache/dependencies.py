"""What a block's result depends on beside its code, and whether that still holds."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from sysconfig import get_path

from builder.cache.files import (
    ABSENT,
    Signature,
    content_of,
    is_settled,
    names_in,
    signature_of,
)
from builder.cache.store import digest

EVERY_VARIABLE = "*"
"""Stands for the names of all environment variables."""

SANDBOX = "option:--sandbox"
"""On it depends what does, or tries to do, what a sandbox refuses."""

_OTHER_NAMES: Mapping[str, str] = {
    "PIL": "pillow",
    "dateutil": "python-dateutil",
    "mpl_toolkits": "matplotlib",
    "pylab": "matplotlib",
    "sklearn": "scikit-learn",
}
"""Distributions of some modules that are known without reading what each one installs."""

_ON_DISK: Mapping[str, Callable[[str], str]] = {"file": content_of, "folder": names_in}


class Surroundings:
    """Files, folders, variables and packages, each as it was when it was looked at first.

    Args:
        roots: folders by the name that stands for them in keys (`site`, `project`),
            so that a cache holds in another folder and on another machine.
        variables: the environment that blocks run in.
        is_sandboxed: whether they are confined.
    """

    def __init__(
        self, roots: Mapping[str, Path], variables: Mapping[str, str], *, is_sandboxed: bool = False
    ) -> None:
        # The deepest first: a site may lie inside the project.
        by_depth = sorted(roots.items(), key=lambda item: -len(str(item[1])))
        self._roots = {name: str(path.resolve()) + os.sep for name, path in by_depth}
        self._variables = variables
        self._sandbox = "on" if is_sandboxed else "off"
        self._states: dict[str, str] = {}
        self._signatures: dict[str, Signature] = {}

    def name(self, kind: str, path: str) -> str:
        """The dependency on the file or folder at an absolute path: `file:site/posts/x.csv`.

        A path that ends in a separator is a folder's.
        """
        if path.endswith(os.sep):
            kind, path = "folder", path.rstrip(os.sep)
        for root, prefix in self._roots.items():
            if f"{path}{os.sep}" == prefix:
                return f"{kind}:{root}/"
            if path.startswith(prefix):
                return f"{kind}:{root}/{path[len(prefix) :]}"
        return f"{kind}:{path}"

    def state(self, dependency: str) -> str:
        """A digest of what the dependency is, or was when it was first asked for."""
        if dependency not in self._states:
            self._states[dependency] = self._look(dependency)
        return self._states[dependency]

    def state_now(self, dependency: str) -> str:
        """A digest of what the dependency is now: it may have changed during the build."""
        kind, _, name = dependency.partition(":")
        known = self._signatures.get(dependency)
        if kind in _ON_DISK and (known is None or known != signature_of(self._path(name))):
            self._states[dependency] = self._look(dependency)
        return self.state(dependency)

    def path(self, dependency: str) -> str:
        """The absolute path of a file or folder that blocks depend on."""
        return self._path(dependency.partition(":")[2])

    @property
    def installed(self) -> str:
        """Every package with its version, in one text."""
        return " ".join(f"{name}=={version}" for name, version in sorted(self._installed.items()))

    def holds(self, dependencies: Mapping[str, str]) -> bool:
        """Whether each dependency is now what it was."""
        return all(self.state(name) == was for name, was in dependencies.items())

    def packages(self, modules: Iterable[str]) -> set[str]:
        """The dependencies on the packages that give these modules."""
        return {
            f"package:{_normal(distribution)}"
            for module in modules
            for distribution in self._distributions_of.get(module, ())
        }

    def packages_of(self, module: str) -> list[str]:
        """The distributions that give a module, by a look at the names of all of them first."""
        own = _normal(_OTHER_NAMES.get(module, module))
        if own in self._installed:
            return [own]
        return sorted(map(_normal, set(self._distributions_of.get(module, ()))))

    def _path(self, name: str) -> str:
        root, _, rest = name.partition("/")
        return self._roots[root] + rest if root in self._roots else name

    def _look(self, dependency: str) -> str:
        if dependency == SANDBOX:
            return self._sandbox
        kind, _, name = dependency.partition(":")
        if kind in _ON_DISK:
            path = self._path(name)
            seen = signature_of(path)
            if is_settled(seen):
                self._signatures[dependency] = seen
            return _ON_DISK[kind](path)
        return self._variable(name) if kind == "variable" else self._package(name)

    def _variable(self, name: str) -> str:
        """Values are kept as digests: some are secrets."""
        if name == EVERY_VARIABLE:
            return digest(*sorted(self._variables))
        value = self._variables.get(name)
        return ABSENT if value is None else digest(name, value)

    def _package(self, name: str) -> str:
        return self._installed.get(name, ABSENT)

    @cached_property
    def _installed(self) -> Mapping[str, str]:
        """Versions by name, from one listing of each folder of packages."""
        folders = [p for p in sys.path if p.endswith(("site-packages", "dist-packages"))]
        folders += [get_path("purelib"), get_path("platlib")]
        found: dict[str, str] = {}
        for folder in filter(os.path.isdir, folders):
            for entry in sorted(os.listdir(folder)):
                stem, ending = os.path.splitext(entry)
                if ending in (".dist-info", ".egg-info"):
                    name, version, *_ = (*stem.split("-"), "")
                    found.setdefault(_normal(name), version)  # as Python does, the first counts
        return found

    @cached_property
    def _distributions_of(self) -> Mapping[str, list[str]]:
        # It reads every package's list of files: only for a build that has run something.
        from importlib.metadata import packages_distributions  # noqa: PLC0415

        return packages_distributions()


def _normal(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")
