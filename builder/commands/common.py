"""Options that several commands have."""

from argparse import ArgumentParser

from builder.arguments import read_cluster, read_positive

_FORMATS = ("full", "concise", "github")


def add_choice_of_posts(parser: ArgumentParser) -> None:
    """Let a command take posts that are not to be published yet."""
    parser.add_argument("--drafts", action="store_true", help="with drafts")
    parser.add_argument("--future", action="store_true", help="with posts of days to come")


def add_jobs(parser: ArgumentParser) -> None:
    """Let a command say how many posts run at once."""
    parser.add_argument(
        "--jobs",
        type=read_positive,
        metavar="N",
        help="posts that run at once (default: all cores)",
    )


def add_executor(parser: ArgumentParser) -> None:
    """Let a command run posts on other machines."""
    parser.add_argument(
        "--executor",
        type=read_cluster,
        metavar="dask://HOST:PORT",
        help="run posts on the workers of a Dask scheduler",
    )


def add_sandbox(parser: ArgumentParser) -> None:
    """Let a command that runs posts confine them."""
    parser.add_argument(
        "--sandbox",
        action="store_true",
        help="posts have no network, and write nothing outside of a scratch folder",
    )


def add_untrusted(parser: ArgumentParser) -> None:
    """Let a command build posts of people who are not trusted."""
    parser.add_argument(
        "--untrusted",
        action="store_true",
        help="posts are not trusted: nothing in them runs, and only harmless HTML stays",
    )


def add_loudness(parser: ArgumentParser) -> None:
    """Let a command say less, or more."""
    parser.add_argument("-q", "--quiet", action="store_true", help="say errors only")
    parser.add_argument("-v", "--verbose", action="store_true", help="say what runs, and why")


def add_format(parser: ArgumentParser, *others: str) -> None:
    """Let a command tell problems in several forms, and perhaps in `others`."""
    parser.add_argument(
        "--output-format",
        choices=(*_FORMATS, *others),
        default="full",
        help="how problems are told: with their lines (default), in one line each, as GitHub's "
        f"annotations{''.join(f', or in the {other.upper()} report alone' for other in others)}",
    )
