"""What a block's result depends on beside its code, and whether that still holds."""

import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from sysconfig import get_path

from builder.cache.store import digest

_ABSENT = "absent"


class Surroundings:
    """Files, folders, variables and packages as they are now, each looked at once.

    Args:
        roots: folders by the name that stands for them in keys (`site`, `project`),
            so that a cache holds in another folder and on another machine.
        variables: the environment that blocks run in.
    """

    def __init__(self, roots: Mapping[str, Path], variables: Mapping[str, str]) -> None:
        # The deepest first: a site may lie inside the project.
        by_depth = sorted(roots.items(), key=lambda item: -len(str(item[1])))
        self._roots = {name: str(path.resolve()) + os.sep for name, path in by_depth}
        self._variables = variables
        self._digests: dict[str, str] = {}

    def name(self, kind: str, path: str) -> str:
        """The dependency on the file or folder at an absolute path: `file:site/posts/x.csv`."""
        for root, prefix in self._roots.items():
            if f"{path}{os.sep}" == prefix:
                return f"{kind}:{root}/"
            if path.startswith(prefix):
                return f"{kind}:{root}/{path[len(prefix) :]}"
        return f"{kind}:{path}"

    def state(self, dependency: str) -> str:
        """A digest of what the dependency is now."""
        if dependency not in self._digests:
            kind, _, name = dependency.partition(":")
            read = {
                "file": self._file,
                "folder": self._folder,
                "variable": self._variable,
                "package": self._package,
            }[kind]
            self._digests[dependency] = read(name)
        return self._digests[dependency]

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

    def _path(self, name: str) -> str:
        root, _, rest = name.partition("/")
        return self._roots[root] + rest if root in self._roots else name

    def _file(self, name: str) -> str:
        try:
            with open(self._path(name), "rb") as file:
                return digest(file.read())
        except OSError:
            return _ABSENT

    def _folder(self, name: str) -> str:
        try:
            return digest(*sorted(os.listdir(self._path(name))))
        except OSError:
            return _ABSENT

    def _variable(self, name: str) -> str:
        """Values are kept as digests: some are secrets."""
        value = self._variables.get(name)
        return _ABSENT if value is None else digest(name, value)

    def _package(self, name: str) -> str:
        return self._installed.get(name, _ABSENT)

    @cached_property
    def _installed(self) -> Mapping[str, str]:
        """Versions by name, from one listing of the folder of packages."""
        names = (
            entry.removesuffix(".dist-info").rpartition("-")
            for folder in {get_path("purelib"), get_path("platlib")}
            for entry in os.listdir(folder)
            if entry.endswith(".dist-info")
        )
        return {_normal(name): version for name, _, version in names}

    @cached_property
    def _distributions_of(self) -> Mapping[str, list[str]]:
        # It reads every package's list of files: only for a build that has run something.
        from importlib.metadata import packages_distributions  # noqa: PLC0415

        return packages_distributions()


def _normal(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")
