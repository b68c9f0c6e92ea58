"""Make a new site; what is there already is never written over.

The files are those in `starter/`, where `@name@` stands for what is filled in.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from unicodedata import category

import tomlkit

from builder.config import CACHE, PROJECT, SETTINGS_FILE, SiteConfig
from builder.errors import SettingsError
from builder.hosting import read_address
from builder.scaffold.origin import Origin, find_origin
from builder.schemas import schema_text

_STARTER = Path(__file__).parent / "starter"
_WORKFLOW = ".github/workflows/pages.yml"
_EDITOR, _SCHEMA = ".vscode", "pyproject.schema.json"
_NOWHERE = "OWNER/NAME"


@dataclass(frozen=True, slots=True)
class Made:
    """What has become of a new site's files."""

    written: tuple[Path, ...]
    kept: tuple[Path, ...]
    """What was there already and is as it was; `posts/` as a whole, where it holds anything."""

    remarks: tuple[str, ...]
    """What is left to be done by hand, each with its file."""


def make_site(
    folder: Path, title: str, url: str | None, today: date, project: Path = PROJECT
) -> Made:
    """Write the files of a new site.

    Args:
        folder: the site's; made where there is none.
        title: of the site; white space of any kind becomes single spaces.
        url: where it will be published, with the path below which it lies, if any.
        today: the day of the first post.
        project: the builder's own folder, which is asked where it was got from.

    Raises:
        SettingsError: the title or the address is none, or the folder cannot be the site's.
    """
    address = read_address(SiteConfig().url if url is None else url)
    settings = {"title": _read_title(title), **address._asdict()}
    _check_folder(folder, project)
    origin = find_origin(project)
    posts = folder / "posts"
    has_posts = posts.is_dir() and any(not p.name.startswith(".") for p in posts.iterdir())
    texts = _texts(settings, origin, today)
    written: list[Path] = []
    kept: list[Path] = []
    for name, text in texts.items():
        is_post = name.startswith("posts/")
        is_written = not (is_post and has_posts) and _write(folder / name, text)
        path = posts if is_post and not is_written else folder / name
        (written if is_written else kept).append(path)
    remarks = [*_remarks_on_kept(folder, kept), *_remarks_on_origin(folder, written, origin)]
    return Made(tuple(written), tuple(kept), tuple(remarks))


def _read_title(title: str) -> str:
    line = " ".join(title.split())
    if not line or any(category(character) in ("Cc", "Cs") for character in line):
        raise SettingsError(f"title {title!r}: must be a line of text (name one with --title)")
    return line


def _check_folder(folder: Path, project: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"{folder} is a file (name a folder for the new site)")
    # There the site would be part of the builder's repository, or be lost with it.
    if folder.resolve().is_relative_to(project.resolve()):
        raise SettingsError(
            f"{folder} lies in the builder's own folder (name one beside it, as in ../blog)"
        )


def _texts(settings: Mapping[str, str], origin: Origin | None, today: date) -> Mapping[str, str]:
    """Every file of the site, by its name."""
    repository = origin.repository if origin else _NOWHERE
    as_toml = {key: tomlkit.item(value).as_string() for key, value in settings.items()}
    as_prose = re.sub(r"([^\w\s])", r"\\\1", settings["title"], flags=re.ASCII)
    return {
        SETTINGS_FILE: _fill("settings.toml", {**as_toml, "schema": f"{_EDITOR}/{_SCHEMA}"}),
        f"posts/{today}-first-topic.md": _fill("first-topic.md", {}),
        "README.md": _fill("README.md", {"title": as_prose, "repository": repository}),
        ".gitignore": _fill("gitignore", {}),
        _WORKFLOW: _fill("pages.yml", {"builder": _checkout(origin)}),
        f"{_EDITOR}/posts.code-snippets": _read(_STARTER / "posts.code-snippets"),
        f"{_EDITOR}/settings.json": _read(_STARTER / "vscode-settings.json"),
        f"{_EDITOR}/extensions.json": _read(_STARTER / "vscode-extensions.json"),
        f"{_EDITOR}/{_SCHEMA}": schema_text("settings"),
    }


def _checkout(origin: Origin | None) -> str:
    """What the workflow's step that gets the builder is told."""
    if origin is None:
        lines = ["# Say here where the builder is: owner/name", f"repository: {_NOWHERE}"]
    else:
        lines = [
            "# The builder as it was when this site was made; a branch's name will do, too.",
            f'repository: "{origin.repository}"',
            f'ref: "{origin.commit}"',
        ]
    return f"\n{' ' * 10}".join(lines)


def _fill(name: str, values: Mapping[str, str]) -> str:
    # In one go, so that nothing is filled into what was filled in.
    text = (_STARTER / name).read_text(encoding="utf-8")
    return re.sub(r"@([a-z_]+)@", lambda match: values[match[1]], text)


def _write(path: Path, text: str) -> bool:
    """Write a new file; whether it was none before."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{path.parent} cannot be made: {error.strerror}") from None
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        return False
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}") from None
    return True


def _remarks_on_kept(folder: Path, kept: list[Path]) -> list[str]:
    remarks = []
    settings, ignored = folder / SETTINGS_FILE, folder / ".gitignore"
    if settings in kept and not _has_settings(settings):
        remarks.append(
            f"{settings}: there is no [tool.site] in it, so the builder's own settings hold "
            "(add one, with a title and a url)"
        )
    if ignored in kept:
        lines = {line.strip().strip("/") for line in _read(ignored).splitlines()}
        missing = [f"{name}/" for name in ("_site", CACHE) if name not in lines]
        if missing:
            remarks.append(f"{ignored}: add {' and '.join(missing)}, which builds write")
    return remarks


def _has_settings(path: Path) -> bool:
    try:
        tools = tomllib.loads(_read(path)).get("tool")
    except tomllib.TOMLDecodeError:
        return False
    return isinstance(tools, dict) and "site" in tools


def _read(path: Path) -> str:
    """The text of a file; nothing where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _remarks_on_origin(folder: Path, written: list[Path], origin: Origin | None) -> list[str]:
    workflow = folder / _WORKFLOW
    if origin is None:
        return [
            f"{path}: say where the builder is, in place of {_NOWHERE} "
            "(its folder is no clone of a repository on GitHub)"
            for path in written
            if path in (workflow, folder / "README.md")
        ]
    if workflow in written and not origin.is_pushed:
        return [
            f"{workflow}: push the builder's commit {origin.commit[:12]}, which it names, "
            f"to {origin.repository}"
        ]
    return []
