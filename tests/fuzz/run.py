"""Search for texts that the parser fails on, guided by which of its lines they reach.

    make fuzz SECONDS=600

runs each target for so many seconds, by Atheris, which is libFuzzer for Python:

- `post`: a whole post, split into front matter, prose, formulas and blocks;
- `formulas`: the scanner of formulas and that of fenced blocks;
- `front`: front matter and block options, as YAML.

What must hold is what `tests/properties/laws.py` says, by which Hypothesis searches, too.
A text that breaks a law ends the run: its traceback is shown, and it lies in
`.cache/fuzz/crash-…`. Run it again by `python -m tests.fuzz.run TARGET .cache/fuzz/crash-…`,
mend the builder, and put the shortest text that shows it among the tests of what was mended.

What reaches something new is kept in `.cache/fuzz/TARGET`, from which the next run goes on.
The first one begins with the golden cases and the posts.
"""

import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import atheris

from tests.properties.texts import PIECES, front_pieces

with atheris.instrument_imports(include=["builder"]):
    from builder.parse.front_matter import FRONT_MATTER
    from builder.parse.options import BLOCK_OPTIONS
    from tests.properties.laws import check_fences, check_formulas, check_front, check_post

KEPT = Path(".cache/fuzz")
SEEDS = ("tests/golden/cases", "posts")
LONGEST = 1024
WORDS = (*PIECES, *front_pieces, *FRONT_MATTER, *BLOCK_OPTIONS)
"""What is put in whole, as a writer does."""


def _post(text: str) -> None:
    check_post(text if text.startswith("---") else f"---\n---\n{text}")


def _formulas(text: str) -> None:
    check_fences(text)
    for dollar in (None, "pandoc", "kramdown"):
        check_formulas(text, dollar)


def _front(text: str) -> None:
    check_front(text.removeprefix("---\n").partition("\n---")[0])


TARGETS: Mapping[str, Callable[[str], None]] = {
    "post": _post,
    "formulas": _formulas,
    "front": _front,
}


def _dictionary(pieces: Iterable[str]) -> str:
    """Pieces as libFuzzer reads them: each in quotes, what is no letter as a number."""
    quoted = ("".join(f"\\x{byte:02x}" for byte in piece.encode()) for piece in pieces)
    return "".join(f'"{piece}"\n' for piece in quoted)


def main(target: str, arguments: list[str]) -> None:
    """Fuzz one target; `arguments` are libFuzzer's own, or files to run once."""
    check = TARGETS[target]
    corpus = KEPT / target
    corpus.mkdir(parents=True, exist_ok=True)

    def run(data: bytes) -> None:
        # Reading a file leaves neither of the two in a post.
        check(data.decode(errors="ignore").replace("\r", "\n").replace("\0", ""))

    with tempfile.NamedTemporaryFile("w", suffix=".dict") as pieces:
        pieces.write(_dictionary(WORDS))
        pieces.flush()
        options = (
            f"-dict={pieces.name}",
            f"-artifact_prefix={KEPT}/",
            f"-max_len={LONGEST}",
            "-timeout=10",
            "-print_final_stats=1",
        )
        is_search = all(each.startswith("-") for each in arguments)
        inputs = (str(corpus), *SEEDS) if is_search else ()
        atheris.Setup([sys.argv[0], *options, *arguments, *inputs], run)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
