"""Tell the shapes of the arrays in the line of a post that failed.

No code of the author's runs for it: names are looked up where they lie, properties are left
alone, and NumPy is asked only where the post has imported it.
"""

import ast
import inspect
import itertools
import sys
import types
from collections import deque
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from builder.execute.places import block_file
from builder.execute.protocol import BlockJob, Job

_MOST = 6
"""Arrays that are told."""

_DIFFERENT = 3
"""Shapes that are told of a list of arrays."""

_LOOKED_AT = 1_000
"""Items of a list, in search of arrays."""

_SMALL = 100_000
"""Elements of an array that are looked through for NaN."""

_FRAMES = 200
"""Of the post that are looked at, from the innermost on."""

_PLACES = 2
"""In the post that are told: the line that failed, and the one that called it."""

_LONGEST = 100
"""Characters of a shape and a dtype, which may have fields."""

_MISSING = object()


def tell_shapes(error: BaseException, job: Job) -> str:
    """Tell what is in the line that raised `error`, and in the line of the post that called it.

    Returns:
        `where X is (32, 784) float32, W is (10, 784) float32`, in one line for each place that
        has something to tell; `""` where there is nothing.
    """
    try:
        return "\n".join(_lines(error, job))
    except Exception:  # the error itself is what has to be told
        return ""


def _lines(error: BaseException, job: Job) -> Iterator[str]:
    blocks = {block_file(job.name, n): block for n, block in enumerate(job.blocks)}
    entries = deque(_entries(error.__traceback__, blocks), maxlen=_FRAMES)
    # A comprehension may be a frame of its own, in the line that it stands in.
    lines = {(e.tb_frame.f_code.co_filename, e.tb_lineno): e for e in entries}
    told: set[int] = set()
    for place, ((file, line), entry) in enumerate(list(lines.items())[: -_PLACES - 1 : -1]):
        tree = _parsed(blocks[file], line)
        found = [f for f in _found(_frame(entry), tree, error) if id(f.value) not in told]
        told |= {id(f.value) for f in found}
        if found:
            where = f"called in {file}:{line}, where" if place else "where"
            yield f"{where} {', '.join(f'{f.name} {f.told}' for f in found[:_MOST])}"


def _entries(
    entry: types.TracebackType | None, files: Container[str]
) -> Iterator[types.TracebackType]:
    while entry is not None:
        if entry.tb_frame.f_code.co_filename in files:
            yield entry
        entry = entry.tb_next


# ---- where it failed


@dataclass(frozen=True, slots=True)
class _Frame:
    line: int
    span: tuple[int | None, ...]
    """First and last line, first and last column in bytes, of what failed in it."""

    scopes: tuple[Mapping[str, object], ...]
    """Where its names lie, the nearest first."""


def _frame(entry: types.TracebackType) -> _Frame:
    frame = entry.tb_frame
    spans = itertools.islice(frame.f_code.co_positions(), entry.tb_lasti // 2, None)
    scopes = (frame.f_locals, frame.f_globals)
    # In the body of a class, names may lie in a mapping of the author's own.
    plain = tuple(s for s in scopes if type(s) is dict or type(s).__name__ == "FrameLocalsProxy")
    return _Frame(entry.tb_lineno, next(spans, (None,) * 4), plain)


def _parsed(block: BlockJob, line: int) -> ast.AST:
    """The tree of a block, or of one of its values."""
    if not block.is_values:
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        tree: ast.AST = compile(block.code, "", "exec", flags, True)
        return tree
    above, value = "\n" * (line - 1), block.code.split("\n")[line - 1]
    try:
        return ast.parse(f"{above}({value}\n)", mode="eval")
    except SyntaxError:  # it ends in a format
        return ast.parse(f"{above}f'''{{{value}}}'''", mode="eval")


def _failing(tree: ast.AST, frame: _Frame) -> ast.AST | None:
    """The smallest part that holds what failed; a whole statement where that is a target."""
    first, last, start, end = frame.span
    if first is None or last is None or start is None or end is None:
        lines = [n for n in _inside(tree) if n.lineno <= frame.line <= (n.end_lineno or 0)]
        return next((n for n in reversed(lines) if isinstance(n, ast.stmt)), None)
    around = [
        node
        for node in _inside(tree)
        if (node.lineno, node.col_offset) <= (first, start)
        and (node.end_lineno or 0, node.end_col_offset or 0) >= (last, end)
        and not isinstance(getattr(node, "ctx", None), ast.Store)
    ]
    return max(around, key=_how_deep, default=None)


def _how_deep(node: ast.expr | ast.stmt) -> tuple[int, int, int, int]:
    """For parts that hold one another."""
    return node.lineno, node.col_offset, -(node.end_lineno or 0), -(node.end_col_offset or 0)


def _inside(tree: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Expressions and statements, each before its parts."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.expr | ast.stmt):
            yield node
        yield from _inside(node)


# ---- what stands there


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    value: object
    told: str


def _found(frame: _Frame, tree: ast.AST, error: BaseException) -> list[_Found]:
    """What can be told of the values that are named where it failed, in their order."""
    node = _failing(tree, frame)
    if node is None:
        return []
    chains = sorted(_chains(node), key=lambda chain: (chain.lineno, chain.col_offset))
    found = _told_by(_array, chains, frame)
    if not found and isinstance(error, IndexError):
        return _told_by(_length, chains, frame)
    return found


def _told_by(tell: Callable[[object], str], chains: list[ast.expr], frame: _Frame) -> list[_Found]:
    found: dict[str, _Found] = {}
    for chain in chains:
        for part in _shorter_and_shorter(chain):
            value = _value(part, frame)
            told = tell(value)
            if told:
                name = ast.unparse(part)
                found.setdefault(name, _Found(name, value, told))
                break
    return list(found.values())


_BELOW = frozenset(("body", "orelse", "finalbody", "handlers", "cases"))


def _chains(node: ast.AST) -> Iterator[ast.expr]:
    """Names with what follows them, `model.layers[0]`, that are evaluated in a part of a post."""
    match node:
        case ast.Lambda() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            yield from _chains(node.generators[0].iter)  # the rest has names of its own
        case ast.Name() | ast.Attribute() | ast.Subscript():
            yield from _chains_in(node)
        case ast.AugAssign(ast.Name() as target):
            yield target
            yield from _chains(node.value)
        case _:
            for child in _evaluated(node):
                yield from _chains(child)


def _chains_in(chain: ast.Name | ast.Attribute | ast.Subscript) -> Iterator[ast.expr]:
    """A chain, if it begins with a name that has a value, and those within its indices."""
    inner: ast.expr = chain
    while isinstance(inner, ast.Attribute | ast.Subscript):
        if isinstance(inner, ast.Subscript):
            yield from _chains(inner.slice)
        inner = inner.value
    if not isinstance(inner, ast.Name):
        yield from _chains(inner)
    elif isinstance(inner.ctx, ast.Load):
        yield chain


def _evaluated(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of an expression, or of a statement without what stands below it."""
    for field, value in ast.iter_fields(node):
        if isinstance(node, ast.stmt) and field in _BELOW:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child


def _shorter_and_shorter(chain: ast.expr) -> Iterator[ast.expr]:
    """`a.b[0]`, `a.b`, `a`."""
    yield chain
    while isinstance(chain, ast.Attribute | ast.Subscript):
        chain = chain.value
        yield chain


def _value(node: ast.expr, frame: _Frame) -> object:
    """What a chain stands for; `_MISSING` where that cannot be told without running code."""
    match node:
        case ast.Name(name):
            return next((s[name] for s in frame.scopes if name in s), _MISSING)
        case ast.Attribute(inner, name):
            return _attribute(_value(inner, frame), name)
        case ast.Subscript(inner, key):
            return _item(_value(inner, frame), key)
    return _MISSING


def _attribute(value: object, name: str) -> object:
    found = inspect.getattr_static(value, name, _MISSING)
    if isinstance(found, types.MemberDescriptorType):  # a slot
        try:
            return found.__get__(value)
        except AttributeError:
            return _MISSING
    return found


def _item(value: object, key: ast.expr) -> object:
    try:
        place = ast.literal_eval(key)
    except ValueError:
        return _MISSING
    # `isinstance` would ask the value for its class.
    kind, items = type(value), cast(Any, value)
    if issubclass(kind, dict) and isinstance(place, str | int):
        return dict.get(items, place, _MISSING)
    is_within = kind in (list, tuple) and type(place) is int and -len(items) <= place < len(items)
    return items[place] if is_within else _MISSING


# ---- what is told


def _array(value: object) -> str:
    """`is (32, 784) float32`; `""` for what is no array."""
    if type(value) in (list, tuple):
        return _arrays(value)  # type: ignore[arg-type]
    told = _shape(value)
    return f"is {told}{_not_finite(value)}" if told else ""


def _arrays(values: list[object] | tuple[object, ...]) -> str:
    """`has 3 arrays: (2, 3) float64, (2, 4) float64`."""
    if not 0 < len(values) <= _LOOKED_AT:
        return ""
    shapes = [_shape(value) for value in values]
    if not all(shapes):
        return ""
    different = list(dict.fromkeys(shapes))
    more = ", …" if len(different) > _DIFFERENT else ""
    return f"has {len(values)} arrays: {', '.join(different[:_DIFFERENT])}{more}"


def _shape(value: object) -> str:
    kind = type(_untaped(value))
    for name in ("DataFrame", "Series"):
        known = _known("pandas", name)
        if issubclass(kind, known):
            return f"a {name} of {known.shape.fget(value)}"  # type: ignore[attr-defined]
    if issubclass(kind, _known("numpy", "generic")):
        return ""  # a number
    found = [inspect.getattr_static(kind, name, None) for name in ("shape", "dtype")]
    if not all(isinstance(each, types.GetSetDescriptorType) for each in found):
        return ""  # it has none, or one that is Python code
    shape, dtype = (each.__get__(_untaped(value)) for each in found)
    return f"{tuple(shape)} {dtype}"[:_LONGEST]


def _untaped(value: object) -> object:
    """The array of a tensor that remembers what it was computed from."""
    is_taped = issubclass(type(value), _known("builder.network.tensor", "Tensor"))
    return _attribute(value, "value") if is_taped else value


def _known(module: str, name: str) -> type:
    """A class of a module that the post has imported; one of nothing where it has not."""
    found = getattr(sys.modules.get(module), name, None)
    return found if isinstance(found, type) else _Nothing


class _Nothing:
    pass


def _not_finite(value: object) -> str:
    """` with NaN`, of an array that is soon looked through."""
    array: Any = _untaped(value)
    kind = type(array)
    if kind is not _known("numpy", "ndarray"):
        return ""
    numpy: Any = sys.modules["numpy"]
    if array.dtype.kind not in "fc" or array.size > _SMALL:
        return ""
    tests = (("NaN", numpy.isnan), ("infinity", numpy.isinf))
    has = [word for word, test in tests if test(array).any()]
    return f" with {' and '.join(has)}" if has else ""


def _length(value: object) -> str:
    """`has 3 items`, of what an index may be too large for."""
    if type(value) in (list, tuple, range):
        count = len(value)  # type: ignore[arg-type]
        return f"has {count} item{'' if count == 1 else 's'}"
    if type(value) in (str, bytes):
        return f"has a length of {len(value)}"  # type: ignore[arg-type]
    return ""
