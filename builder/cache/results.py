"""Results of blocks, found again by all that they depend on.

The key of a block is a chain: it is made from the state before it and its code;
the state after it, from its key and what it was seen to use. What a block uses is
known only once it has run, so each key has a list of variants, and the one whose
dependencies still hold is the result.
"""

import json
import platform
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from builder.cache.dependencies import EVERY_VARIABLE, Surroundings
from builder.cache.files import NO_SIGNATURE, Signature, signature
from builder.cache.store import Store, digest
from builder.model import BlockResult, Display, Output, Step, Stream, Trial, ValueGroup

ENGINE = "8"
"""Raised when the same block would give another result in a new version of `execute`."""

ALWAYS_LOADED = (
    "numpy",
    "matplotlib",
    "pillow",
    "contourpy",
    "cycler",
    "fonttools",
    "kiwisolver",
    "packaging",
    "pyparsing",
    "python_dateutil",
)
VARIANTS_KEPT = 8
_CHANGED_MEANWHILE = "changed meanwhile"
"""What nothing ever is: for a file that two posts of one build have seen with other content."""


@dataclass(frozen=True)
class Basis:
    """What all results of a post rest on: while it holds, they need no look."""

    start: str
    """The state before the first block."""

    uses: Mapping[str, str]
    """The dependencies of all blocks, as they were."""

    keys: Mapping[str, Signature]
    """Of the blocks, each in its state, with what the file is like that names its result."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a post's blocks, from the first on."""

    results: tuple[BlockResult, ...]
    states: tuple[str, ...]
    """Before the first block, and after each of `results`."""

    reason: str | None
    """Why the next block is not known; None where all are."""

    branches: Mapping[int, BlockResult] = field(default_factory=dict)
    """What is known of the branches behind it: they leave no state, so one more changes none."""

    basis: Basis | None = None
    """Where all are known."""


@dataclass(frozen=True, slots=True)
class _Recalled:
    """A result that is known."""

    result: BlockResult
    key: str
    """Of the block in its state."""

    uses: Mapping[str, str]
    """What it depends on, as that was."""


@dataclass(frozen=True, slots=True)
class History:
    """What is remembered of a post's last run."""

    seconds: float
    base: Mapping[str, str]
    """Versions of Python, the engine and the packages that are always loaded."""

    codes: tuple[str, ...]
    """Digests of its blocks."""


class ResultCache:
    """Finds and keeps the results of blocks.

    Args:
        store: where they are.
        surroundings: knows what they depend on.
        output_limit: of the site, for what is kept is cut at it.
    """

    def __init__(self, store: Store, surroundings: Surroundings, output_limit: int = 0) -> None:
        self._output_limit = output_limit
        self._store = store
        self._now = surroundings
        self.dependencies: dict[str, str] = {}
        """Of all results found or kept, with what they are."""

        self.keys: list[str] = []
        """Of all that was found or kept."""

    def find(self, post: str, blocks: Sequence[Step]) -> Known:
        """Look up the blocks of the post at path `post`, up to the first that is not known."""
        self.keys.append(digest(post))
        results: list[BlockResult] = []
        states, uses, keys = [self.start(post)], dict[str, str](), dict[str, Signature]()
        for block in blocks:
            found = self._recall(states[-1], block)
            if found is None:
                key = _key(states[-1], block)
                reason = self._reason(post, blocks, len(results), key)
                branches = self._branches(blocks, len(results), states[-1])
                return Known(tuple(results), tuple(states), reason, branches)
            results.append(found.result)
            states.append(_after(states[-1], block, found.key, found.uses))
            keys[found.key] = self._touched(found.key)
            # Those of many posts are the same, and are kept as one.
            uses |= {sys.intern(name): sys.intern(was) for name, was in found.uses.items()}
        return Known(tuple(results), tuple(states), None, basis=Basis(states[0], uses, keys))

    def rests_on(self, post: str, basis: Basis) -> bool:
        """Whether all results of a post are known, by what they rest on; as `find` would tell."""
        if basis.start != self.start(post) or not self._now.holds(basis.uses):
            return False
        if any(self._touched(key) != was for key, was in basis.keys.items()):
            return False
        self._depend_on(basis.uses)
        self.keys += (digest(post), *basis.keys)
        return True

    def _recall(self, state: str, block: Step) -> _Recalled | None:
        """What a block has given in a state; None where it must run."""
        key = _key(state, block)
        variant = self._holding(key) if block.options.is_kept else None
        result = self._read(variant["result"]) if variant else None
        if variant is None or result is None:
            return None
        self._depend_on(variant["dependencies"])
        self.keys.append(key)
        return _Recalled(result, key, variant["dependencies"])

    def _branches(
        self, blocks: Sequence[Step], start: int, state: str
    ) -> Mapping[int, BlockResult]:
        """What is known of the branches from an unknown one on."""
        found: dict[int, BlockResult] = {}
        for place, block in enumerate(blocks[start:], start):
            if not (isinstance(block, Trial) and block.is_branch):
                break
            recalled = self._recall(state, block)
            if recalled is not None:
                found[place] = recalled.result
        return found

    def start(self, post: str) -> str:
        """The state before the first block of a post."""
        return digest(post, str(self._output_limit), json.dumps(self._base(), sort_keys=True))

    def keep(self, state: str, block: Step, result: BlockResult, uses: Mapping[str, str]) -> str:
        """Keep the result of a block that ran in `state`; the state after it.

        Args:
            state: of the post, before the block.
            block: that ran.
            result: what it gave.
            uses: what it depends on, as that was.
        """
        key = _key(state, block)
        dependencies = dict(sorted(uses.items()))
        self._depend_on(dependencies)
        self.keys.append(key)
        body = json.dumps(_encode(result), sort_keys=True).encode()
        name = digest(body)
        self._store.put("results", name, body)
        others = (v for v in self._variants(key) if v["dependencies"] != dependencies)
        variants = [{"dependencies": dependencies, "result": name}, *others][:VARIANTS_KEPT]
        self._store.put("variants", key, json.dumps(variants, sort_keys=True).encode())
        return _after(state, block, key, dependencies)

    def uses(self, post: str, blocks: Sequence[Step]) -> tuple[tuple[str, ...], ...]:
        """What each known block of a post was seen to use."""
        found, state = [], self.start(post)
        for block in blocks:
            key = _key(state, block)
            variant = self._holding(key)
            if variant is None:
                break
            found.append(tuple(variant["dependencies"]))
            state = _after(state, block, key, variant["dependencies"])
        return tuple(found)

    def note_files(self, paths: Iterable[str]) -> None:
        """Know files that the pages depend on, beside what blocks have used."""
        names = [self._now.name("file", path) for path in paths]
        self._depend_on({name: self._now.state(name) for name in names})

    def _touched(self, key: str) -> Signature:
        state = self._store.touch("variants", key)
        return signature(state) if state else NO_SIGNATURE

    # ---- history

    def remember(self, post: str, blocks: Sequence[Step], seconds: float) -> None:
        """Know how long a post has run, and with what."""
        told = {
            "seconds": seconds,
            "base": self._base(),
            "codes": [code_of(b) for b in blocks],
        }
        self._store.put("history", digest(post), json.dumps(told, sort_keys=True).encode())

    def history(self, post: str) -> History | None:
        """What is remembered of a post; None where it has not run."""
        body = self._store.get("history", digest(post))
        told = json.loads(body) if body is not None else None
        return History(told["seconds"], told["base"], tuple(told["codes"])) if told else None

    def _reason(self, post: str, blocks: Sequence[Step], index: int, key: str) -> str:
        """Why block `index` is not known, as the writer would say it."""
        block, before = blocks[index], self.history(post)
        where = f"block {index + 1} (line {block.line})"
        if not block.options.is_kept:
            return f"{where} says 'cache: false'"
        if before is None:
            return "it has not run before"
        for name, version in self._base().items():
            if before.base.get(name) != version:
                return f"{name} was {before.base.get(name, 'absent')} and is {version}"
        codes = [code_of(b) for b in blocks]
        edited = next(
            (n for n, code in enumerate(codes) if before.codes[n : n + 1] != (code,)), None
        )
        if edited is not None and edited <= index:
            return f"block {edited + 1} (line {blocks[edited].line}) is new or was edited"
        variants = self._variants(key)
        if variants and self._holding(key) is None:
            return f"{where} uses {self._changed(variants)}"
        return f"{where} has no result that could be read, or ran no further last time"

    def _changed(self, variants: Sequence[Any]) -> str:
        """What differs from the variant that differs least."""
        differing = min(
            (
                [name for name, was in v["dependencies"].items() if self._now.state(name) != was]
                for v in variants
            ),
            key=len,
        )
        kind, _, name = differing[0].partition(":")
        name = name.removeprefix("site/").removeprefix("project/")
        more = f", and {len(differing) - 1} more" if len(differing) > 1 else ""
        if name == EVERY_VARIABLE:
            return f"the names of all variables, which have changed{more}"
        return f"the {kind} {name}, which has changed{more}"

    # ---- the store

    def _depend_on(self, dependencies: Mapping[str, str]) -> None:
        for name, state in dependencies.items():
            if self.dependencies.setdefault(name, state) != state:
                self.dependencies[name] = _CHANGED_MEANWHILE

    def _base(self) -> dict[str, str]:
        return base_of(self._now)

    def _holding(self, key: str) -> Any:
        """The variant whose dependencies hold."""
        held = (v for v in self._variants(key) if self._now.holds(v["dependencies"]))
        return next(held, None)

    def _variants(self, key: str) -> list[Any]:
        body = self._store.get("variants", key)
        return json.loads(body) if body is not None else []

    def _read(self, name: str) -> BlockResult | None:
        body = self._store.get("results", name)
        return _decode(json.loads(body)) if body is not None else None


def base_of(now: Surroundings) -> dict[str, str]:
    """Versions of Python, the engine and the packages that are always loaded."""
    packages = {name: now.state(f"package:{name}") for name in ALWAYS_LOADED}
    python = f"{platform.python_version()} on {sys.platform} {platform.machine()}"
    return {platform.python_implementation(): python, "the engine": ENGINE, **packages}


def code_of(block: Step) -> str:
    """A digest of the code and of the options that change what it gives."""
    options = block.options
    told = (
        options.seed,
        options.expected_error,
        options.fig_width_in,
        options.fig_height_in,
        options.fig_format,
        options.fig_dpi,
        block.setting if isinstance(block, Trial) else (),
        options.output_limit,  # the only limit that shows in what is kept: the text beyond it
    )
    kind = "values" if isinstance(block, ValueGroup) else "code"
    return digest(kind, block.code, *options.depends, repr(told))


def _key(state: str, block: Step) -> str:
    return digest(state, code_of(block))


def _after(state: str, block: Step, key: str, dependencies: Mapping[str, str]) -> str:
    """The state after a block; a branch changes none."""
    if isinstance(block, Trial) and block.is_branch:
        return state
    return digest(key, json.dumps(dependencies, sort_keys=True))


def _encode(result: BlockResult) -> dict[str, object]:
    return {
        "seconds": result.seconds,
        "processor_s": result.processor_s,
        "outputs": [encode_output(o) for o in result.outputs],
        "untraceable": result.untraceable,
        "packages": result.packages,
    }


def encode_output(output: Output) -> dict[str, object]:
    """An output as JSON has it.

    Raises:
        TypeError: it tells of a failure.
    """
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
    outputs = tuple(map(decode_output, value["outputs"]))
    untraceable = tuple((what, line) for what, line in value["untraceable"])
    packages = tuple(value["packages"])
    return BlockResult(outputs, value["seconds"], untraceable, packages, value["processor_s"])


def decode_output(value: Any) -> Output:
    """The output that `encode_output` was given."""
    if "stream" in value:
        return Stream(value["stream"], value["text"])
    content = {kind: b64decode(body) for kind, body in value["content"].items()}
    return Display(content, value["alt"])
