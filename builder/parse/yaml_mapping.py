"""Read a YAML mapping and remember the line of each key."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import yaml

from builder.errors import Location, PostError, Problem

# libyaml's loader is ten times faster, where PyYAML was built with it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping with its value and the place where it stands."""

    key: str
    value: object
    location: Location


def read_mapping(text: str, path: PurePosixPath, first_line: int, what: str) -> tuple[Entry, ...]:
    """Read `text`, whose first line is line `first_line` of the post `path`.

    Raises:
        PostError: `text` is not a YAML mapping, says a key twice, or holds an
            impossible value; `what` names the text in the message.
    """
    loader = _Loader(text)
    try:
        return tuple(_entries(loader, path, first_line, what))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (min(mark.line, text.count("\n")) if mark else 0)
        raise _error(
            f"broken {what}: {error.problem or error.context}",
            Location(path, line, mark.column + 1 if mark else None),
        ) from None
    except yaml.YAMLError as error:
        raise _error(f"broken {what}: {error}", Location(path, first_line)) from None
    finally:
        loader.dispose()


def _entries(
    loader: yaml.SafeLoader, path: PurePosixPath, first_line: int, what: str
) -> Iterator[Entry]:
    node = loader.get_single_node()
    if node is None:
        return
    if not isinstance(node, yaml.MappingNode):
        raise _error(f"{what} must be lines of 'key: value'", Location(path, first_line))
    seen = set()
    for key_node, value_node in node.value:
        location = Location(path, first_line + key_node.start_mark.line)
        key = str(loader.construct_object(key_node, deep=True))
        if key in seen:
            raise _error(f"{key!r} is said twice in the {what}", location)
        seen.add(key)
        try:
            value = loader.construct_object(value_node, deep=True)
        except ValueError as error:
            raise _error(f"{key}: {value_node.value!r}: {error}", location) from None
        yield Entry(key, value, location)


def _error(message: str, location: Location) -> PostError:
    return PostError(Problem(message=message, location=location))
