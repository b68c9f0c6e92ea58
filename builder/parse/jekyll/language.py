"""Liquid as Jekyll speaks it, for one post: what is wrong is told and the rest goes on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

from liquid import BoundTemplate, Environment, Node, Token, TokenStream
from liquid.exceptions import FilterArgumentError, LiquidError

from builder.errors import Location as Place
from builder.errors import Problem, Severity, did_you_mean, warning
from builder.parse.jekyll.filters import FILTERS
from builder.parse.jekyll.site import INCLUDES, JekyllSite
from builder.parse.jekyll.tags import TAGS

_RAW = "put it between {% raw %} and {% endraw %}"
_PLUGIN = "plugins do not run: write HTML, or an include; or {% raw %} where it is only shown"
_INNER = ("else", "elsif", "when", "break", "continue", "raw")


class Language(Environment):
    """Reads and runs the Liquid of one post.

    Args:
        site: what it may refer to.
        place: where an offset in the post's body stands in its file.
        problems: takes what is wrong.
    """

    loop_iteration_limit = 1_000_000

    def __init__(
        self, site: JekyllSite, place: Callable[[int], Place], problems: list[Problem]
    ) -> None:
        super().__init__()
        self.site = site
        self._place = place
        self._problems = problems
        self._included: list[tuple[str, Token]] = []
        self._templates: dict[str, BoundTemplate] = {}
        self._unknown: set[str] = set()
        self._told: set[tuple[str, int]] = set()
        for tag in TAGS:
            self.add_tag(tag)
        for name, function in (self.filters | FILTERS).items():
            self.add_filter(name, _told(name, function))
        self._read: list[Token] = []
        """The tags that are being read, the innermost last."""
        for known in self.tags.values():
            setattr(known, "get_node", self._noting(known.get_node))  # noqa: B010  # one tag's own

    @property
    def names(self) -> frozenset[str]:
        """The names of all tags."""
        return frozenset((*self.tags, *_INNER))

    @contextmanager
    def including(self, name: str, token: Token) -> Iterator[BoundTemplate | None]:
        """The template of a file below `_includes`; None where there is none."""
        text = self.site.includes.get(name)
        if text is None:
            near = did_you_mean(name, self.site.includes)
            self._tell("missing-include", token, f"there is no {INCLUDES}/{name}", near)
            yield None
            return
        self._included.append((name, token))
        try:
            if name not in self._templates:
                self._templates[name] = self.from_string(text, name=name)
            yield self._templates[name]
        finally:
            self._included.pop()

    def error(
        self,
        exc: type[LiquidError] | LiquidError,
        msg: str | None = None,
        token: Token | None = None,
    ) -> None:
        """Tell of an error; Liquid calls it, and leaves out what is wrong."""
        error = exc if isinstance(exc, LiquidError) else exc(msg, token=token)
        places = (error.token, token, *reversed(self._read))
        where = next((t for t in places if t is not None and t.start_index >= 0), None)
        self._tell("liquid-error", where, f"Liquid: {error.message}")

    def tell_unknown(self, token: Token, name: str) -> None:
        """Tell of a variable that nothing knows; a file that is included may ask for any."""
        if not self._included and (name, token.start_index) not in self._told:
            self._told.add((name, token.start_index))
            where = self._place(token.start_index)
            hint = "say it in the front matter, or as site.NAME under [tool.site.variables]"
            message = f"unknown variable {name!r}"
            self._problems.append(warning("unknown-variable", message, where, hint))

    def tell_left(self, token: Token, error: LiquidError) -> None:
        """Tell of braces that hold no expression."""
        shown = " ".join(token.value.split())
        message = f"{shown!r} is left as it is: {error.message}"
        self._tell("liquid-not-run", token, message, _RAW, is_error=False)

    def tell_unknown_tag(self, token: Token) -> None:
        """Tell of a tag that nothing knows, and not of its end."""
        name = token.value
        if name.removeprefix("end") in self._unknown:
            return
        self._unknown.add(name)
        if name == "raw":
            hint = "close it with {% endraw %}"
            self._tell("liquid-error", token, "'raw' is never closed", hint)
        elif name in _INNER:
            self._tell("liquid-error", token, f"{name!r} stands outside of a block")
        elif name.removeprefix("end") in (*self.tags, "raw"):
            self._tell("liquid-error", token, f"{name!r} closes nothing")
        else:
            near = did_you_mean(name, self.names - {"content", "illegal", "output"})
            self._tell("unknown-tag", token, f"unknown Liquid tag {name!r}", near or _PLUGIN)

    def _noting(self, read: Callable[[TokenStream], Node]) -> Callable[[TokenStream], Node]:
        """Read a tag, and know which one it is meanwhile."""

        def read_noted(stream: TokenStream) -> Node:
            self._read.append(stream.current)
            try:
                return read(stream)
            finally:
                self._read.pop()

        return read_noted

    def _tell(
        self,
        code: str,
        token: Token | None,
        message: str,
        hint: str | None = None,
        *,
        is_error: bool = True,
    ) -> None:
        if self._included:
            name = self._included[-1][0]
            line = token.source.count("\n", 0, token.start_index) + 1 if token else None
            message = f"in {INCLUDES}/{name}{f':{line}' if line else ''}: {message}"
            token = self._included[0][1]
        where = self._place(token.start_index if token is not None else 0)
        severity = Severity.ERROR if is_error else Severity.WARNING
        self._problems.append(
            Problem(code=code, message=message, location=where, hint=hint, severity=severity)
        )


def _told(name: str, function: Callable[..., object]) -> Callable[..., object]:
    """A filter whose errors are Liquid's, whatever it is given."""

    @wraps(function)
    def careful(*values: object, **options: object) -> object:
        try:
            return function(*values, **options)
        except (ArithmeticError, LookupError, ValueError, AttributeError) as error:
            raise FilterArgumentError(f"{name}: {error}", token=None) from error

    return careful
