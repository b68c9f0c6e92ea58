"""Read YAML: a mapping with the line of each key, a single value, or a whole file."""

import re
import reprlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import yaml
from yaml.reader import Reader
from yaml.resolver import BaseResolver

from builder.errors import Location, PostError, Problem

_FLOAT = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)[eE][-+]?\d+")
_SINGLE_QUOTES = "in double quotes YAML reads backslashes as its own: put TeX in single quotes"
_HINTS = {
    "mapping values are not allowed in this context": "put a text that holds ': ' in quotes",
    "did not find expected node content": "close the bracket, or put the text in quotes",
    "found undefined alias": "put a text that begins with '*' in quotes",
    "found character that cannot start any token": "put a text that begins like this in quotes",
    "found unknown escape character": _SINGLE_QUOTES,
}
_ESCAPED = re.compile(r"\$[^$]*[\0-\x1f\x7f-\xa0\u2028\u2029][A-Za-z][^$]*\$")
"""TeX of which YAML has read a command as an escape: `\\theta` as a tab and `heta`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping with its value and the place where it stands."""

    key: str
    value: object
    written: str | tuple[str, ...] | None
    """A scalar, or a list's scalars, as they are written: `no` and `1.10` are words too."""

    location: Location

    lines: Mapping[str, int] = field(default_factory=dict)
    """Where the keys of a mapping within it stand."""


def read_mapping(text: str, start: Location, what: str) -> tuple[Entry, ...]:
    """Read `text`, which begins at `start` in a post.

    Args:
        text: lines of YAML.
        start: its column is told with what is wrong only where `text` has the columns of the
            post, and is None where something stands before each line.
        what: names the text in messages.

    Raises:
        PostError: `text` is not a YAML mapping, says a key twice, or holds an
            impossible value.
    """
    refused = Reader.NON_PRINTABLE.search(text)
    if refused:
        raise _error(
            f"broken {what}: character {refused[0]!r}", _place(text, refused.start(), start)
        )
    loader = _loader_for(text)
    try:
        return tuple(_entries(loader, text, start, what))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _error(
            f"broken {what}: {error.problem or error.context}",
            _place(text, mark.index if mark else 0, start),
            next((h for told, h in _HINTS.items() if (error.problem or "").startswith(told)), None),
        ) from None
    except yaml.YAMLError as error:
        raise _error(f"broken {what}: {error}", replace(start, column=None)) from None
    except RecursionError:
        raise _error(f"broken {what}: nested too deeply", replace(start, column=None)) from None
    finally:
        loader.dispose()


def read_value(text: str, key: str, where: Location, what: str) -> object:
    """Read the value of one key, which stands in a line of something else.

    Raises:
        PostError: it is no YAML, or an impossible value.
    """
    (entry,) = read_mapping(f'"{key}": {text}', replace(where, column=None), what)
    return entry.value


def read_yaml(text: str) -> object:
    """Read a whole file.

    Raises:
        ValueError: it is no YAML, or holds an impossible value.
    """
    try:
        loader = _loader_for(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def write_line(key: str, value: object) -> str:
    """`key: value` in one line, which is read as it was."""
    is_flat = not isinstance(value, list | dict)
    return yaml.dump(
        {key: value},
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=False if is_flat else None,
        sort_keys=False,
        width=float("inf"),
    ).rstrip("\n")


def printable(text: str) -> str:
    """A text without the characters that no YAML holds."""
    return Reader.NON_PRINTABLE.sub("", text)


def shown(value: object) -> str:
    """A value for a message: `repr`, with a bound to its length."""
    short = reprlib.Repr()
    short.maxlevel, short.maxstring, short.maxother, short.maxlong = 2, 100, 100, 100
    return short.repr(value)


def _place(text: str, offset: int, start: Location) -> Location:
    """Where in a post, by its line feeds: YAML knows other ends of lines, too."""
    line = (start.line or 1) + text.count("\n", 0, offset)
    before = text.rfind("\n", 0, offset) + 1
    return Location(start.path, line, start.column and start.column + offset - before)


def _entries(loader: yaml.SafeLoader, text: str, start: Location, what: str) -> Iterator[Entry]:
    node = loader.get_single_node()
    if node is None:
        return
    if not isinstance(node, yaml.MappingNode):
        raise _error(f"{what} must be lines of 'key: value'", replace(start, column=None))
    seen = set()
    for key_node, value_node in node.value:
        location = _place(text, key_node.start_mark.index, replace(start, column=None))
        if not isinstance(key_node, yaml.ScalarNode):
            raise _error(f"a key of the {what} must be a word", location)
        key = key_node.value
        if key in seen:
            raise _error(f"{key!r} is said twice in the {what}", location)
        seen.add(key)
        try:
            value = loader.construct_object(value_node, deep=True)
        except ValueError as error:
            hint = error.hint if isinstance(error, _EscapeError) else None
            raise _error(f"{key}: {error}", location, hint, "wrong-value") from None
        yield Entry(key, value, _written(value_node), location, _lines(value_node, text, start))


def _lines(node: yaml.Node, text: str, start: Location) -> dict[str, int]:
    """The lines of the keys of a mapping; none where it is something else."""
    keys = [key for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
    return {
        str(key.value): _place(text, key.start_mark.index, start).line or 1
        for key in keys
        if isinstance(key, yaml.ScalarNode)
    }


def _written(node: yaml.Node) -> str | tuple[str, ...] | None:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if isinstance(node, yaml.SequenceNode):
        items = [str(item.value) for item in node.value if isinstance(item, yaml.ScalarNode)]
        return tuple(items) if len(items) == len(node.value) else None
    return None


def _error(
    message: str, location: Location, hint: str | None = None, code: str = "broken-yaml"
) -> PostError:
    return PostError(Problem(code=code, message=message, location=location, hint=hint))


class _EscapeError(ValueError):
    """A text holds what its writer has not meant."""

    hint = _SINGLE_QUOTES


def _guarded(
    construct: Callable[[yaml.SafeLoader, yaml.ScalarNode], object],
) -> Callable[[yaml.SafeLoader, yaml.ScalarNode], object]:
    def construct_or_refuse(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> object:
        kind = node.tag.rpartition(":")[2]
        try:
            value = construct(loader, node)
            str(value)  # Python refuses to write out a number of thousands of digits
        except (ValueError, LookupError, AttributeError, OverflowError) as error:
            is_told = kind == "timestamp" and isinstance(error, ValueError)
            reason = f": {error}" if is_told else f" is no {kind}"
            raise ValueError(f"{shown(node.value)}{reason}") from None
        return value

    return construct_or_refuse


def _construct_text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    """A text; one that an escape has brought a control character into is refused, as YAML does."""
    text = str(loader.construct_scalar(node))
    if node.style == '"' and _ESCAPED.search(text):
        raise _EscapeError(f"YAML has read a command of TeX as a character: {shown(text)}")
    refused = Reader.NON_PRINTABLE.search(text)
    if refused:
        raise ValueError(f"{shown(text)} holds a character that no page can: {refused[0]!r}")
    return text


def _loader(kind: type[yaml.SafeLoader]) -> type[yaml.SafeLoader]:
    """A loader that refuses a wrong scalar with a ValueError, whatever is wrong with it."""

    class Refusing(kind):  # type: ignore[misc, valid-type]  # the class is only known here
        pass

    for name in ("bool", "int", "float", "timestamp"):
        tag = f"tag:yaml.org,2002:{name}"
        Refusing.add_constructor(tag, _guarded(kind.yaml_constructors[tag]))
    Refusing.add_constructor("tag:yaml.org,2002:str", _construct_text)
    _know_floats(Refusing)
    return Refusing


def _know_floats(kind: type[BaseResolver]) -> None:
    """YAML 1.2, which writers and Quarto know: `1e-3` is a number without a dot, too."""
    kind.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))


class _Dumper(yaml.SafeDumper):
    """Quotes what would be read as something else."""


_know_floats(_Dumper)


# libyaml's loader is ten times faster, where PyYAML was built with it, but
# crashes on lists nested tens of thousands deep.
_FAST_LOADER = _loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader))
_CAREFUL_LOADER = _loader(yaml.SafeLoader)
_LONG = 10_000


def _loader_for(text: str) -> yaml.SafeLoader:
    return (_CAREFUL_LOADER if len(text) > _LONG else _FAST_LOADER)(text)
