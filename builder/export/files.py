"""The forms of a post that readers take away, beside its page."""

from pathlib import PurePosixPath

from builder.export.notebook import to_notebook
from builder.export.script import to_script
from builder.model import ExecutedPost, Failure, OutputFile

FORMS = {"ipynb": to_notebook, "py": to_script}
"""By the endings of their files."""


def downloads_of(executed: ExecutedPost) -> tuple[OutputFile, ...]:
    """A post in every form; none where nothing runs, or something has failed."""
    parsed = executed.parsed
    outputs = (output for result in executed.results for output in result.outputs)
    is_whole = len(executed.results) == len(parsed.steps)
    if not parsed.blocks or not is_whole or any(isinstance(o, Failure) for o in outputs):
        return ()
    page = PurePosixPath(parsed.address.lstrip("/"))
    is_folder = parsed.address.endswith("/")
    folder, name = (page, parsed.source.slug) if is_folder else (page.parent, page.stem)
    return tuple(
        OutputFile(folder / f"{name}.{ending}", write(executed).encode())
        for ending, write in FORMS.items()
    )
