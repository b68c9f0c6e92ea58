"""After every edit, what is served is what a build from nothing gives.

RANDOM_EDITS says how many there are; as few as a minute allows unless it is set.
"""

import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from builder.config import open_site
from tests.serving import Served, served
from tests.site.conftest import Blog

EDITS = int(os.environ.get("RANDOM_EDITS", "30"))
SETTINGS = '[tool.site]\ntitle = "Site"\nsocial_cards = false\n'
HEAD = "---\ntitle: {title}\n---\n"
BLOCK = "```{{python}}\n{code}\n```\n\n"


@dataclass
class Writer:
    """Edits a site at random, as writers do."""

    root: Path
    rng: random.Random
    wrong: set[str] = field(default_factory=set)
    """Posts that cannot be published as they are."""

    def path(self, name: str) -> Path:
        return self.root / "posts" / name

    def save(self, name: str, text: str) -> None:
        """Written in place, in two writes, or by a new file that takes the place of the old one."""
        path = self.path(name)
        match self.rng.randrange(3):
            case 0:
                path.write_text(text)
            case 1:
                with path.open("w") as file:
                    file.write(text[: len(text) // 2])
                    file.flush()
                    file.write(text[len(text) // 2 :])
            case _:
                scratch = path.with_name(f".{name}.swp")
                scratch.write_text(text)
                scratch.replace(path)

    def post(self) -> str:
        """A post of which most parts are those of others."""
        rng = self.rng
        title = rng.choice(["One", "Two", "$x$ and more"])
        kinds = (
            "Words, {}.\n\n".format(rng.choice(["many", "few", "$$x^2$$"])),
            BLOCK.format(code=f"x = {rng.randrange(3)}\nprint(x)"),
            BLOCK.format(code="print(open('data.txt').read())"),
            BLOCK.format(code="import helper\nprint(helper.value)"),
            BLOCK.format(code="import random\nrandom.random()"),
            "A value: `{python} 6 * 7`.\n\n",
            "> [!NOTE]\n> A note.\n\n",
        )
        return HEAD.format(title=title) + "".join(rng.choices(kinds, k=rng.randrange(1, 5)))

    def broken(self) -> str:
        """A post that cannot be published."""
        wrong = ["```{python}\n1 / 0\n```\n", "```{python}\nprint((\n```\n", "[[nowhere]]\n"]
        return self.post() + self.rng.choice([*wrong, "```{python}\n#| ehco: false\n1\n```\n"])

    def edit(self) -> str:
        """Do one; what was done."""
        rng, name = self.rng, f"2026-01-0{self.rng.randrange(1, 5)}-p.md"
        kinds = ["post", "post", "words", "broken", "delete", "data", "module", "settings"]
        kind = rng.choice(kinds)
        if self.wrong and rng.random() < 0.6:
            kind, name = "post", self.wrong.pop()
        self.wrong.discard(name)
        match kind:
            case "post":
                self.save(name, self.post())
            case "words":
                path = self.path(name)
                text = path.read_text() if path.exists() else self.post()
                self.save(name, text + f"More words, {rng.randrange(9)}.\n")
            case "broken":
                self.save(name, self.broken())
                self.wrong.add(name)
            case "delete":
                self.path(name).unlink(missing_ok=True)
            case "data":
                self.save("data.txt", f"data {rng.randrange(9)}")
            case "module":
                self.save("helper.py", f"value = {rng.randrange(9)}\n")
            case _:
                title = f"Site {rng.randrange(9)}"
                (self.root / "pyproject.toml").write_text(SETTINGS.replace("Site", title))
        return f"{kind} {name}"


def test_what_is_served_after_each_edit_is_what_a_clean_build_gives(
    make_blog: Callable[[str], Blog], tmp_path: Path
) -> None:
    root = tmp_path / "edited" / "site"
    writer = Writer(root, random.Random(7))
    (root / "posts").mkdir(parents=True)
    (root / "pyproject.toml").write_text(SETTINGS)
    writer.save("data.txt", "data")
    writer.save("helper.py", "value = 1\n")
    writer.save("2026-01-05-q.md", HEAD.format(title="Q") + "Words.\n")
    compared = failed = 0
    with served(root) as site:
        for number in range(EDITS):
            since = len(site.bulletins)
            told = _edit(writer)
            problems = site.settled(since)[-1]["problems"]
            clean = make_blog(f"clean-{number}")
            report = _build_anew(clean, root)
            what = (number, told)
            assert (report == 0) == (not problems), (what, problems)
            if report == 0:
                _compare(site, clean, what)
            compared, failed = compared + (report == 0), failed + (report > 0)
            shutil.rmtree(clean.root)
    assert compared > EDITS // 4
    assert failed > EDITS // 20


def _edit(writer: Writer) -> str:
    """An edit that changes something."""
    while True:
        before = _state(writer.root)
        what = writer.edit()
        if _state(writer.root) != before:
            return what


def _state(root: Path) -> dict[str, bytes]:
    files = (path for path in (root / "posts").iterdir() if path.is_file())
    return {path.name: path.read_bytes() for path in (*files, root / "pyproject.toml")}


def _build_anew(blog: Blog, root: Path) -> int:
    """Build a copy of a site's sources where nothing is known; the number of errors."""
    shutil.copytree(root / "posts", blog.root / "posts", dirs_exist_ok=True)
    shutil.copy(root / "pyproject.toml", blog.root / "pyproject.toml")
    today = open_site(root).config.today(datetime.now(UTC))
    return blog.build(today=today).errors


def _compare(site: Served, clean: Blog, what: object) -> None:
    """Every file, as it is served, with what a clean build has written."""
    for name, content in clean.files().items():
        address = f"/{name.removesuffix('index.html')}"
        if name.endswith(".html"):
            assert site.page(address) == content.decode(), (what, address)
        elif not name.startswith(("assets/", ".")):
            assert site.get(address)[2] == content, (what, address)
    ours = {p.relative_to(site.root / "_site") for p in (site.root / "_site").rglob("*")}
    theirs = {p.relative_to(clean.output) for p in clean.output.rglob("*")}
    assert ours == theirs, what
