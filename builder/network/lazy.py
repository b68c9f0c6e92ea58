"""Import a name when it is first used, so that a post loads only the files it needs."""

import sys
from collections.abc import Mapping
from importlib import import_module


def lazy_names(
    package: str, homes: Mapping[str, str], noun: str, elsewhere: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Give a package its `__getattr__` and `__dir__`, and return what belongs into its `__all__`.

    Set here and not in the package, they are hidden from type checkers, which would take
    any name, `nn.Dens` too, for an attribute.

    Args:
        package: Its `__name__`.
        homes: Names, parted by spaces, by the module in the package that has them; a
            module's own name stands for the module itself.
        noun: What a message calls the package.
        elsewhere: What names of other libraries are called here.
    """
    home_of = {name: home for home, names in homes.items() for name in names.split()}
    names, module = tuple(sorted(home_of)), sys.modules[package]

    def find(name: str) -> object:
        if name not in home_of:
            raise AttributeError(
                f"{noun} has no {name!r}{_nearest(name, home_of, elsewhere or {})}"
            )
        home = import_module(f"{package}.{home_of[name]}")
        found = home if name == home_of[name] else getattr(home, name)
        setattr(module, name, found)
        return found

    vars(module).update(__getattr__=find, __dir__=lambda: names)
    return names


def _nearest(name: str, known: Mapping[str, str], elsewhere: Mapping[str, str]) -> str:
    if name in elsewhere:
        return f" (did you mean {elsewhere[name]!r}?)"
    from difflib import get_close_matches  # noqa: PLC0415 - only mistakes pay for it

    # Letter case is the likeliest slip (nn.relu, nn.dense), so it counts for nothing.
    by_lower = {each.lower(): each for each in known}
    nearest = get_close_matches(name.lower(), by_lower, n=1)
    return f" (did you mean {by_lower[nearest[0]]!r}?)" if nearest else ""
