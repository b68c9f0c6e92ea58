"""Each address has one file: an author's own comes before what is made of all posts."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from builder.errors import Location, PostError, Problem
from builder.model import LateFile, SiteFile


@dataclass(frozen=True, slots=True)
class Owned:
    """A file of the site, and whose it is."""

    file: SiteFile
    owner: Location
    """The post, or the file in `assets/`."""

    is_page: bool = False
    """Whether it is the page of a post, which may be elsewhere by its permalink."""


def together(own: Iterable[Owned], made: Iterable[SiteFile]) -> tuple[SiteFile, ...]:
    """All files; what is the author's own takes the place of what is made of all posts.

    Raises:
        PostError: two different ones of the author's have one address.
    """
    owned: dict[str, Owned] = {}
    for each in own:
        first = owned.setdefault(str(each.file.path), each)
        if first is not each and not _is_same(first.file, each.file):
            raise _taken(first, each)
    folders: set[str] = set()
    for name, each in owned.items():
        above = _above(name, folders)
        if not owned.keys().isdisjoint(above):
            raise _no_folder(next(owned[folder] for folder in above if folder in owned), each)
        folders.update(above)
    files = {name: each.file for name, each in owned.items()}
    for file in made:
        name = str(file.path)
        above = _above(name, folders)
        if name not in files and name not in folders and files.keys().isdisjoint(above):
            files[name] = file
            folders.update(above)
    return tuple(files.values())


def _above(name: str, known: Collection[str]) -> list[str]:
    """The folders that a file lies in, up to one that is known."""
    found = []
    while "/" in name:
        name = name.rpartition("/")[0]
        if name in known:
            break
        found.append(name)
    return found


def _is_same(one: SiteFile, other: SiteFile) -> bool:
    if isinstance(one, LateFile) and isinstance(other, LateFile) and one.key == other.key:
        return True
    return one.content == other.content


def _taken(first: Owned, second: Owned) -> PostError:
    address = f"/{second.file.path}"
    if first.owner.path == second.owner.path:
        message = f"two files of this post have the address {address!r}"
        return _clash(second, message, "rename the one that lies beside it")
    return _clash(
        second, f"{first.owner.path} has the address {address!r} already", _remedy(first, second)
    )


def _no_folder(file: Owned, within: Owned) -> PostError:
    message = (
        f"'/{within.file.path}' cannot lie below '/{file.file.path}', a file of {file.owner.path}"
    )
    return _clash(within, message, _remedy(file, within))


def _remedy(one: Owned, other: Owned) -> str:
    """What helps: pages lie where their permalinks say, other files have names."""
    if one.is_page and other.is_page:
        return "say another 'permalink'"
    or_move = ", or say another 'permalink'" if one.is_page or other.is_page else ""
    return f"rename the file{or_move}"


def _clash(whose: Owned, message: str, hint: str) -> PostError:
    return PostError(
        Problem(code="taken-address", message=message, location=whose.owner, hint=hint)
    )
