r"""TeX macros that a theme sets up: MathJax's configuration, and `\newcommand` in its templates."""

import re
from collections.abc import Iterable, Mapping

Macros = Mapping[str, str | tuple[str, int]]

_DOLLAR = re.compile(
    r"inlineMath\b[^;{}]*?\[\s*([\"'])\$\1\s*,\s*([\"'])\$\2\s*\]"
    r"|left\s*:\s*([\"'])\$\3\s*,\s*right\s*:\s*([\"'])\$\4"
)
_TABLE = re.compile(r"\bmacros[\"']?\s*:\s*\{", re.IGNORECASE)
_STRING = r"(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)"
_ENTRY = re.compile(
    rf"(?<![\w\\])[\"']?\\*(?P<name>[A-Za-z]+)[\"']?\s*:\s*"
    rf"(?:(?P<tex>{_STRING})|\[\s*(?P<body>{_STRING})\s*,\s*(?P<count>\d)\s*\])",
    re.DOTALL,
)
_COMMENT = re.compile(r"(?m)^\s*//.*$|/\*.*?\*/", re.DOTALL)
_COMMAND = re.compile(
    r"\\(?:(?:re|provide)?(?:new)?command\*?\s*\{?|def\s*)\\(?P<name>[A-Za-z]+)\}?"
    r"\s*(?:\[(?P<count>\d)\])?\s*\{"
    r"|\\DeclareMathOperator(?P<star>\*?)\s*\{?\\(?P<operator>[A-Za-z]+)\}?\s*\{"
)


def uses_single_dollars(texts: Iterable[str]) -> bool:
    """Whether a theme sets `$…$` up as a formula."""
    return any(_DOLLAR.search(_COMMENT.sub("", text)) for text in texts)


def find_macros(texts: Iterable[str]) -> Macros:
    """The macros of all `texts`; the last of a name holds."""
    found: dict[str, str | tuple[str, int]] = {}
    for text in (_COMMENT.sub("", text) for text in texts):
        for table in _TABLE.finditer(text):
            found |= _of_table(_inside(text, table.end()))
        for command in _COMMAND.finditer(text):
            tex = _inside(text, command.end())
            if not tex:
                continue
            if command["operator"]:
                found[command["operator"]] = f"\\operatorname{command['star']}{{{tex}}}"
            else:
                count = int(command["count"] or 0)
                found[command["name"]] = (tex, count) if count else tex
    return found


def _of_table(text: str) -> Macros:
    found: dict[str, str | tuple[str, int]] = {}
    for entry in _ENTRY.finditer(text):
        tex = _unquoted(entry["tex"] or entry["body"])
        # KaTeX counts the arguments itself.
        count = int(entry["count"] or max(map(int, re.findall(r"#(\d)", tex)), default=0))
        found[entry["name"]] = (tex, count) if count else tex
    return found


def _unquoted(literal: str) -> str:
    """What a text in JavaScript says."""
    return re.sub(r"\\(.)", r"\1", literal[1:-1], flags=re.DOTALL)


def _inside(text: str, start: int) -> str:
    """What stands from `start`, behind an opening brace, to the one that closes it."""
    depth = 1
    for brace in re.finditer(r"\\\\|\\[{}]|[{}]", text[start:]):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if depth == 0:
            return text[start : start + brace.start()]
    return ""
