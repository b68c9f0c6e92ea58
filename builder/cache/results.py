"""Results of blocks, found again by all that they depend on.

The key of a block is a chain: it is made from the state before it, its code and
its options; the state after it, from its key and what it was seen to use. What a
block uses is known only once it has run, so each key has a list of variants, and
the one whose dependencies still hold is the result.
"""

import json
import platform
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from builder.cache.dependencies import Surroundings
from builder.cache.store import Store, digest
from builder.model import BlockResult, CodeBlock, Display, Output, Stream

ENGINE = "1"
"""Raised when the same block would give another result in a new version of `execute`."""

_ALWAYS_LOADED = ("numpy", "matplotlib", "pillow", "contourpy", "fonttools", "kiwisolver")
_VARIANTS_KEPT = 8


class ResultCache:
    """Finds and keeps the results of blocks."""

    def __init__(self, store: Store, surroundings: Surroundings) -> None:
        self._store = store
        self._now = surroundings

    def start(self, post: str) -> str:
        """The state before the first block of the post at path `post`."""
        packages = (self._now.state(f"package:{name}") for name in _ALWAYS_LOADED)
        python = (
            platform.python_implementation(),
            platform.python_version(),
            sys.platform,
            platform.machine(),
        )
        return digest(ENGINE, post, *python, *packages)

    def find(self, post: str, blocks: Iterable[CodeBlock]) -> tuple[BlockResult, ...]:
        """The results still valid, from the first block on, up to the first that is not."""
        found, state = [], self.start(post)
        for block in blocks:
            key = _key(state, block)
            for variant in self._variants(key):
                result = self._read(variant["result"])
                if result is not None and self._now.holds(variant["dependencies"]):
                    found.append(result)
                    state = _after(key, variant["dependencies"])
                    break
            else:
                break
        return tuple(found)

    def keep(self, state: str, block: CodeBlock, result: BlockResult, uses: Iterable[str]) -> str:
        """Keep the result of a block that ran in `state`; the state after it."""
        key = _key(state, block)
        dependencies = {name: self._now.state(name) for name in sorted(uses)}
        body = json.dumps(_encode(result), sort_keys=True).encode()
        name = digest(body)
        self._store.put("results", name, body)
        others = (v for v in self._variants(key) if v["dependencies"] != dependencies)
        variants = [{"dependencies": dependencies, "result": name}, *others][:_VARIANTS_KEPT]
        self._store.put("variants", key, json.dumps(variants, sort_keys=True).encode())
        return _after(key, dependencies)

    def _variants(self, key: str) -> list[Any]:
        body = self._store.get("variants", key)
        return json.loads(body) if body is not None else []

    def _read(self, name: str) -> BlockResult | None:
        body = self._store.get("results", name)
        return _decode(json.loads(body)) if body is not None else None


def _key(state: str, block: CodeBlock) -> str:
    return digest(state, block.code)


def _after(key: str, dependencies: Mapping[str, str]) -> str:
    return digest(key, json.dumps(dependencies, sort_keys=True))


def _encode(result: BlockResult) -> dict[str, object]:
    return {"seconds": result.seconds, "outputs": [_encode_output(o) for o in result.outputs]}


def _encode_output(output: Output) -> dict[str, object]:
    match output:
        case Stream(name, text):
            return {"stream": name, "text": text}
        case Display(content, alt):
            return {
                "alt": alt,
                "content": {kind: b64encode(body).decode() for kind, body in content.items()},
            }
        case _:
            raise TypeError("the result of a block that failed is not kept")


def _decode(value: Any) -> BlockResult:
    return BlockResult(tuple(map(_decode_output, value["outputs"])), value["seconds"])


def _decode_output(value: Any) -> Output:
    if "stream" in value:
        return Stream(value["stream"], value["text"])
    content = {kind: b64decode(body) for kind, body in value["content"].items()}
    return Display(content, value["alt"])
