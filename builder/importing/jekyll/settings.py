"""What `_config.yml` says, as settings of this builder."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from builder.config import SETTINGS_FILE, read_config
from builder.errors import SettingsError
from builder.importing.jekyll.macros import Macros
from builder.settings import PLACEHOLDERS

_STYLES = {
    "date": "/:categories/:year/:month/:day/:title.html",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title.html",
    "none": "/:categories/:title.html",
    "weekdate": "/:categories/:year/W:week/:short_day/:title.html",
}
_PLAIN = {"title": "title", "description": "description", "timezone": "time_zone"}


@dataclass(frozen=True, slots=True)
class Told:
    """What of the posts bears on the settings."""

    variables: Collection[str]
    """Names that Liquid reads of `site`."""

    layouts: Collection[str]
    """Layouts that the posts name and that are not there."""

    macros: Macros
    has_dollars: bool
    """Whether single dollars are formulas."""


def settings_of(config: Mapping[str, object], told: Told, remarks: list[str]) -> dict[str, object]:
    """The settings that mean here what `config` means to Jekyll; what has none is remarked."""
    settings: dict[str, object] = {}
    for theirs, ours in _PLAIN.items():
        if isinstance(config.get(theirs), str):
            settings[ours] = " ".join(str(config[theirs]).split())
    settings |= _address(config)
    author = config.get("author")
    name = author.get("name") if isinstance(author, dict) else author
    settings |= {"author": name} if isinstance(name, str) else {}
    language = config.get("lang") or config.get("locale")
    settings |= {"language": language.replace("_", "-")} if isinstance(language, str) else {}
    settings["permalink"] = _permalink(config, remarks)
    settings |= {"liquid": True, "smart_quotes": _has_smart_quotes(config)}
    settings |= {"math": {"dollar": "kramdown"}} if told.has_dollars else {}
    settings |= {"layouts": dict.fromkeys(sorted(told.layouts), "post")} if told.layouts else {}
    macros = {n: list(tex) if isinstance(tex, tuple) else tex for n, tex in told.macros.items()}
    settings |= {"macros": macros} if macros else {}
    variables = {n: v for n in sorted(told.variables) if (v := _plain(config.get(n))) is not None}
    settings |= {"variables": variables} if variables else {}
    if config.get("future"):
        remarks.append("future: true: posts of days to come are built with --future")
    return {key: v for key, v in settings.items() if v != "" and _is_possible(key, v, remarks)}


def _is_possible(key: str, value: object, remarks: list[str]) -> bool:
    """Whether a setting may have this value; where not, it is remarked and left out."""
    try:
        read_config({key: value}, Path(SETTINGS_FILE))
    except SettingsError as error:
        reason = str(error).rpartition(": ")[2]
        remarks.append(f"{key} = {value!r} is left out: {reason}")
        return False
    return True


def write_settings(root: Path, settings: Mapping[str, object]) -> list[str]:
    """Set what the site's settings do not say yet.

    Returns:
        What is set otherwise already and stays so.

    Raises:
        SettingsError: the file cannot be read or written, or a setting is not possible.
    """
    path = root / SETTINGS_FILE
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8") if path.exists() else "")
        tools = document.setdefault("tool", tomlkit.table(is_super_table=True))
        site = tools.setdefault("site", tomlkit.table())
        known = {name.replace("-", "_"): value for name, value in site.unwrap().items()}
        kept = [
            f"{key} stays {known[key]!r}; the blog says {value!r}"
            for key, value in settings.items()
            if key in known and known[key] != value
        ]
        new = {key: value for key, value in settings.items() if key not in known}
        read_config(new, path)
        for key, value in new.items():
            site[key] = value
        if new:
            path.write_text(tomlkit.dumps(document), encoding="utf-8", newline="\n")
    except (TOMLKitError, ValueError, AttributeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}") from None
    return kept


def _address(config: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Scheme and host, and the path below which the site is served."""
    match = re.fullmatch(r"(https?://[^/\s]+)(/\S*)?", str(config.get("url") or "").strip())
    if match:
        yield "url", match[1]
    base = str(config.get("baseurl") or (match and match[2]) or "").strip("/")
    if base:
        yield "base_path", f"/{base}"


def _permalink(config: Mapping[str, object], remarks: list[str]) -> str:
    told = str(config.get("permalink") or _default(config, "permalink", remarks) or "date")
    pattern = _STYLES.get(told, told).replace(":output_ext", ".html")
    pattern = pattern if pattern.startswith("/") else f"/{pattern}"
    unknown = [name for name in re.findall(r":(\w+)", pattern) if name not in PLACEHOLDERS]
    if unknown:
        remarks.append(f"permalink: {told!r}: there is no ':{unknown[0]}' here; addresses change")
        return _STYLES["pretty"]
    return pattern


def _default(config: Mapping[str, object], key: str, remarks: list[str]) -> object:
    """What is said for all posts."""
    match config.get("collections"):
        case {"posts": {**told}} if key in told:
            return told[key]
    defaults = config.get("defaults")
    for each in defaults if isinstance(defaults, list) else ():
        match each:
            case {"scope": {**scope}, "values": {**values}} if key in values:
                path = str(scope.get("path") or "").strip("/")
                if scope.get("type") not in (None, "", "posts"):
                    continue
                if path in ("", "_posts"):
                    return values[key]
                if scope.get("type") or path.startswith("_posts"):
                    remarks.append(f"{key}: {values[key]!r} of {path}: say it in each post there")
    return None


def _has_smart_quotes(config: Mapping[str, object]) -> bool:
    """Whether quotes become typographic ones; kramdown's do, unless it is told otherwise."""
    match config.get("kramdown"):
        case {"smart_quotes": "apos,apos,quot,quot" | ["apos", "apos", "quot", "quot"]}:
            return False
    return str(config.get("markdown", "kramdown")).lower() == "kramdown"


def _plain(value: object) -> object:
    """A value that TOML can hold; None where there is nothing."""
    match value:
        case dict():
            inner = {str(k): p for k, v in value.items() if (p := _plain(v)) is not None}
            return inner or None
        case list():
            return [p for v in value if (p := _plain(v)) is not None]
        case str() | int() | float() | None:
            return value
    return str(value)
