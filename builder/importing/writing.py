"""Write the post that a notebook becomes, with its pictures; nothing is ever overwritten."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from builder.errors import SettingsError
from builder.importing.notebook import ImportedPost, read_notebook, to_post
from builder.slugs import slug_of_title


@dataclass(frozen=True, slots=True)
class Written:
    """A post that has been made."""

    path: Path
    notes: tuple[str, ...]
    """What was left out or may need a look."""


def import_notebook(notebook: Path, posts: Path, day: date) -> Written:
    """Make a post of a notebook, a file of its own or a folder with its pictures.

    Args:
        notebook: the file.
        posts: the folder of posts; made where there is none.
        day: of the post.

    Raises:
        SettingsError: the notebook cannot be read, or the post is there already.
    """
    try:
        content = notebook.read_bytes()
    except OSError as error:
        raise SettingsError(f"{notebook} cannot be read: {error.strerror}") from None
    imported = read_notebook(content, notebook.name)
    name = f"{day}-{slug_of_title(imported.title) or 'notebook'}"
    for taken in (posts / f"{name}.md", posts / f"{name}.markdown", posts / name):
        if taken.exists():
            raise SettingsError(f"{taken} is there already (name another day with --date)")
    try:
        posts.mkdir(parents=True, exist_ok=True)
        path, missing = _write(imported, notebook.parent, posts / name, to_post(imported))
    except OSError as error:
        raise SettingsError(f"{posts / name} cannot be written: {error.strerror}") from None
    return Written(path, (*imported.notes, *missing))


def _write(imported: ImportedPost, source: Path, target: Path, text: str) -> tuple[Path, list[str]]:
    """Write all of it or nothing; the post's file, and what pictures are missing."""
    missing: list[str] = []
    with tempfile.TemporaryDirectory(prefix=".import-", dir=target.parent) as scratch:
        folder = Path(scratch) / "post"
        folder.mkdir()
        (folder / "index.md").write_text(text, encoding="utf-8", newline="\n")
        for name, content in imported.files:
            (folder / name).write_bytes(content)
        for name in imported.pictures:
            if (source / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / name, folder / name)
            else:
                missing.append(f"there is no picture {name!r} beside the notebook")
        if len(list(folder.iterdir())) > 1:
            os.rename(folder, target)
            return target / "index.md", missing
        path = target.with_name(f"{target.name}.md")
        os.rename(folder / "index.md", path)
        return path, missing
