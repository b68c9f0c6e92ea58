"""JSON Schemas of what writers write, made of what reads it: for editors and for linters."""

import ast
import inspect
import json
from collections.abc import Callable, Iterator, Mapping

from builder.config import SiteConfig
from builder.kinds import Schema
from builder.parse.front_matter import FRONT_MATTER
from builder.parse.options import options_schema
from builder.settings import READERS

_SITE = "#/properties/tool/properties/site/properties/"
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema_text(what: str) -> str:
    """The schema as a file has it."""
    return json.dumps(schema_of(what), indent=2, ensure_ascii=False) + "\n"


def schema_of(what: str) -> Schema:
    """The schema of `front-matter`, `block-options` or `settings`."""
    return {"$schema": _DRAFT, **SCHEMAS[what]()}


def _front_matter() -> Schema:
    properties = {
        name: {"description": key.meaning, **key.schema} for name, key in FRONT_MATTER.items()
    }
    return {"title": "Front matter of a post", "type": "object", "properties": properties}


def _block_options() -> Schema:
    return {"title": "Options of a code block", **options_schema()}


def _settings() -> Schema:
    """What stands in `pyproject.toml`, of which `[tool.site]` is a part."""
    meanings, defaults = dict(_meanings()), SiteConfig()
    properties = {}
    for name, read in READERS.items():
        default = getattr(defaults, name)
        is_told = isinstance(default, str | int | float) and default != ""
        told = {"default": default} if is_told else {}
        kind = options_schema() if name == "execute" else read.schema
        properties[name] = {"description": meanings[name], **told, **kind}
    hyphened = {
        f"^{name.replace('_', '-')}$": {"$ref": _SITE + name} for name in properties if "_" in name
    }
    site = {
        "type": "object",
        "properties": properties,
        "patternProperties": hyphened,
        "additionalProperties": False,
    }
    return {
        "title": "pyproject.toml of a site",
        "type": "object",
        "properties": {"tool": {"type": "object", "properties": {"site": site}}},
    }


def _meanings() -> Iterator[tuple[str, str]]:
    """The docstring below each setting."""
    (tree,) = ast.parse(inspect.getsource(SiteConfig)).body
    assert isinstance(tree, ast.ClassDef)
    for field, below in zip(tree.body, tree.body[1:], strict=False):
        match field, below:
            case ast.AnnAssign(ast.Name(name)), ast.Expr(ast.Constant(str(words))):
                yield name, " ".join(words.replace("`", "").split())


SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    "front-matter": _front_matter,
    "block-options": _block_options,
    "settings": _settings,
}
