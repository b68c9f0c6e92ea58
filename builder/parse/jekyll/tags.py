"""The tags of Jekyll: `include`, `highlight`, `post_url`, `link`, `gist`; and Liquid's, traced."""

import re
from collections.abc import Mapping
from io import StringIO
from typing import TYPE_CHECKING, TextIO

from liquid import Environment, Node, RenderContext, Tag, Token, TokenStream
from liquid.ast import BlockNode
from liquid.builtin.content import ContentNode, Literal
from liquid.builtin.expressions import FilteredExpression, tokenize
from liquid.builtin.illegal import Illegal
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import LiquidError, LiquidSyntaxError
from liquid.expression import Expression
from liquid.parser import get_parser
from liquid.stringify import to_liquid_string
from liquid.token import TOKEN_CONTENT, TOKEN_EOF, TOKEN_EXPRESSION, TOKEN_TAG
from liquid.undefined import is_undefined

from builder.errors import did_you_mean
from builder.fencing import fence_around
from builder.parse.jekyll.filters import jsonify
from builder.parse.jekyll.trace import Trace

if TYPE_CHECKING:
    from builder.parse.jekyll.language import Language

_ARGUMENT = re.compile(
    r"""(?P<key>[\w-]+)\s*=\s*(?:(?P<value>"[^"]*"|'[^']*'|[\w.\[\]"'-]+)|\{\{(?P<liquid>.*?)\}\})"""
)
_QUOTED = re.compile(r"""(["'])(.*)\1""", re.DOTALL)
_HIGHLIGHTED = re.compile(r"""(\w+)(?:=("[^"]*"|'[^']*'|\S+))?""")
_CONTAINER = re.compile(r"[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?")


def _note(buffer: TextIO, token: Token, written_at: int | None = None) -> None:
    if isinstance(buffer, Trace):
        buffer.note(token, written_at)


class TracedContent(ContentNode):
    """Text as it stands, which says where it stood."""

    def render_to_output(self, _: RenderContext, buffer: TextIO) -> int:
        """Write it."""
        # Its token may begin with white space that was taken away, or with `{% raw %}`.
        place = self.token.source.find(self.text, max(self.token.start_index, 0))
        _note(buffer, self.token, place)
        return buffer.write(self.text)


class TracedLiteral(Literal):
    """Reads text."""

    node_class = TracedContent


class TracedOutput(OutputNode):
    """`{{ … }}`, which tells of variables that nothing knows."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the value."""
        _note(buffer, self.token)
        value = self.expression.evaluate(context)
        if is_undefined(value):
            _language(context.env).tell_unknown(self.token, str(self.expression))
            return 0
        if isinstance(value, Mapping):
            return buffer.write(jsonify(value))
        return buffer.write(to_liquid_string(value, context.autoescape))


class JekyllOutput(Output):
    """Reads `{{ … }}`; what is no expression stays as it is."""

    node_class = TracedOutput

    def get_node(self, stream: TokenStream) -> Node:
        """Read it, or leave it."""
        token = stream.current
        try:
            return self.parse(stream)
        except LiquidSyntaxError as error:
            _language(self.env).tell_left(token, error)
            return TracedContent(token, token.value)


class UnknownTag(Illegal):
    """Tells of a tag that nothing knows, and leaves it as it is."""

    def get_node(self, stream: TokenStream) -> Node:
        """Tell of it."""
        token = stream.current
        if stream.peek.kind == TOKEN_EXPRESSION:
            next(stream)
        _language(self.env).tell_unknown_tag(token)
        start = token.source.rfind("{%", 0, token.start_index + 1)
        end = token.source.find("%}", token.start_index) + 2
        return TracedContent(Token(TOKEN_CONTENT, "", start, token.source), token.source[start:end])


class _IncludeNode(Node):
    def __init__(self, token: Token, name: str, given: Mapping[str, Expression]) -> None:
        super().__init__(token)
        self.name, self.given, self.blank = name, given, False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        _note(buffer, self.token)
        language = _language(context.env)
        name = self.name
        if "{{" in name:
            name = language.from_string(name).render(dict(context.scope))
        given = {key: value.evaluate(context) for key, value in self.given.items()}
        with language.including(name, self.token) as template:
            if template is None:
                return 0
            with context.extend({"include": given}, template=template):
                template.render_with_context(context, buffer, partial=True)
        return 1


class IncludeTag(Tag):
    """`{% include figure.html caption="…" src=page.picture %}`."""

    name = "include"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        """Read the file's name and what is given to it."""
        token, told = _tag_and_words(stream)
        name = re.match(r"(?:\{\{.*?\}\}|[^\s{])+", told.value)
        if not name:
            raise LiquidSyntaxError("no file is named", token=token)
        given = {}
        for argument in _ARGUMENT.finditer(told.value, name.end()):
            text = argument["value"] or argument["liquid"]
            given[argument["key"]] = _expression(self.env, text.strip(), told)
        quoted = _QUOTED.fullmatch(name[0])
        return _IncludeNode(token, quoted[2] if quoted else name[0], given)


class CachedIncludeTag(IncludeTag):
    """The same, by the name that a plugin gives it."""

    name = "include_cached"


class _HighlightNode(Node):
    def __init__(self, token: Token, info: str, block: BlockNode, *, is_followed: bool) -> None:
        super().__init__(token)
        self.info, self.block, self.blank = info, block, False
        self.is_followed = is_followed
        """Text follows on the line of the last tag."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write a fenced block, in the list or quote that the tag stands in."""
        inner = StringIO()
        self.block.render(context, inner)
        code = re.sub(r"\n[ \t]*\Z", "", inner.getvalue().strip("\r\n"))
        _note(buffer, self.token)
        line = buffer.getvalue().rpartition("\n")[2] if isinstance(buffer, StringIO) else ""
        container = _CONTAINER.fullmatch(line)
        begin = "" if container else "\n\n"
        indent = re.sub(r"[^\s>]", " ", container[0]) if container else ""
        for _ in range(indent.count(">")):
            code = re.sub(r"(?m)^[ \t]*>[ \t]?", "", code)
        common = min((_indent(line) for line in code.split("\n") if line.strip()), default=0)
        taken = re.compile(rf"(?m)^[ \t]{{0,{min(common, len(indent))}}}")
        fence = fence_around(code)
        lines = [f"{fence}{self.info}", *taken.sub("", code).split("\n"), fence]
        lines += [""] if self.is_followed else []
        return buffer.write(begin + f"\n{indent}".join(lines))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


class HighlightTag(Tag):
    """`{% highlight python linenos %}` … `{% endhighlight %}`."""

    name = "highlight"
    end = "endhighlight"

    def parse(self, stream: TokenStream) -> Node:
        """Read the language, the options and what stands between the tags."""
        token, words = _tag_and_words(stream)
        told = words.value
        next(stream)
        block = get_parser(self.env).parse_block(stream, (self.end, TOKEN_EOF))
        stream.expect(TOKEN_TAG, value=self.end)
        language, _, options = told.partition(" ")
        given = {m[1]: (m[2] or "").strip("\"'") for m in _HIGHLIGHTED.finditer(options)}
        info = language
        if given.keys() & {"linenos"}:
            info += " linenos"
        if "hl_lines" in given:
            info += f' hl_lines="{",".join(given["hl_lines"].split())}"'
        rest = stream.peek
        is_blank = rest.kind == TOKEN_CONTENT and re.match(r"[ \t]*(?:\n|\Z)", rest.value)
        is_followed = rest.kind != TOKEN_EOF and not is_blank
        return _HighlightNode(token, info, block, is_followed=is_followed)


class _PlainNode(Node):
    """A tag that stands for a text known once it is read."""

    def __init__(self, token: Token, text: str) -> None:
        super().__init__(token)
        self.text, self.blank = text, False

    def render_to_output(self, _: RenderContext, buffer: TextIO) -> int:
        _note(buffer, self.token)
        return buffer.write(self.text)


class PostUrlTag(Tag):
    """`{% post_url 2026-11-23-slug %}`: the address of another post."""

    name = "post_url"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        """Look for the post."""
        token, words = _tag_and_words(stream)
        name = words.value.strip("\"' ")
        site = _language(self.env).site
        post = site.post(name)
        if post is None:
            names = (_file_name(str(p.source.path)) for p in site.posts)
            raise LiquidError(_missing(f"no post is called {name!r}", name, names), token=token)
        return _PlainNode(token, post.address)


class LinkTag(Tag):
    """`{% link _posts/2026-11-23-slug.md %}`, `{% link assets/paper.pdf %}`."""

    name = "link"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        """Look for the post; other files are looked for where the page is made."""
        token, words = _tag_and_words(stream)
        path = words.value.strip("\"' ").lstrip("/")
        stem, _, ending = path.rpartition(".")
        stem = stem.removesuffix("/index")
        if ending not in ("md", "markdown", "html"):
            return _PlainNode(token, f"/{path}")
        site = _language(self.env).site
        post = site.post(_file_name(stem))
        if post is None:
            names = (str(p.source.path) for p in site.posts)
            raise LiquidError(_missing(f"there is no {path!r}", path, names), token=token)
        return _PlainNode(token, post.address)


class GistTag(Tag):
    """`{% gist user/id %}`: a link, as pages load nothing from other hosts."""

    name = "gist"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        """Read whose it is."""
        token, words = _tag_and_words(stream)
        name = words.value.split()[0].strip("\"'")
        return _PlainNode(token, f"[gist: {name}](https://gist.github.com/{name})")


TAGS = (
    TracedLiteral,
    JekyllOutput,
    UnknownTag,
    IncludeTag,
    CachedIncludeTag,
    HighlightTag,
    PostUrlTag,
    LinkTag,
    GistTag,
)


def _tag_and_words(stream: TokenStream) -> tuple[Token, Token]:
    """The tag, and what it says behind its name, where the stream stands from now on."""
    token = stream.current
    if stream.peek.kind != TOKEN_EXPRESSION:
        raise LiquidSyntaxError(f"{token.value!r} says nothing behind its name", token=token)
    next(stream)
    return token, stream.current


def _expression(env: Environment, text: str, token: Token) -> Expression:
    return FilteredExpression.parse(env, TokenStream(tokenize(text, token)))


def _file_name(path: str) -> str:
    """`2026-11-23-slug` of a path."""
    name = path.rpartition("/")[2]
    return re.sub(r"\.(?:md|markdown)$", "", name)


def _missing(message: str, name: str, known: "object") -> str:
    near = did_you_mean(name, known)  # type: ignore[arg-type]
    return f"{message} ({near})" if near else message


def _language(env: Environment) -> "Language":
    return env  # type: ignore[return-value]  # the only kind that these tags are given to
