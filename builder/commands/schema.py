"""`schema`: print what editors and linters are told of front matter, block options or settings."""

from argparse import ArgumentParser, Namespace

from builder.console import Console
from builder.schemas import SCHEMAS, schema_text


def add_options(parser: ArgumentParser) -> None:
    """Say what it understands."""
    parser.add_argument("what", choices=tuple(SCHEMAS), help="what the JSON Schema is of")


def run(options: Namespace, _: Console) -> int:
    """Do it; the exit status."""
    print(schema_text(options.what), end="")
    return 0
