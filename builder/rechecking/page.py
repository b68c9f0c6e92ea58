"""The report of a recheck: one page of HTML that needs nothing else, for people."""

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from html import escape

from builder.comparison.outputs import ComparedPicture
from builder.comparison.posts import PostDifference
from builder.comparison.text import Hunk
from builder.errors import Problem
from builder.model import ValueGroup
from builder.rechecking.recheck import PostCheck, Recheck
from builder.rechecking.style import STYLE
from builder.report import counted

_CONTEXT = 3
"""Equal lines that are shown before and after others."""

_MOST_LINES = 200
_TOKEN = re.compile(r"(\s*)([-+]?\w+(?:[.,]\w+)*|\S|$)")


def report_page(site_title: str, found: Recheck) -> str:
    """The page; posts that show something else come first."""
    checks = sorted(found.checks, key=lambda check: check.holds)
    body = "\n".join(
        (
            f'<p class="site">{escape(site_title)}</p>',
            "<h1>Do the old posts still hold?</h1>",
            f'<p class="sum">{escape(tell_sum(found))}</p>',
            *(_post(check) for check in checks if not check.holds or check.notes),
            _held(checks),
        )
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Recheck of {escape(site_title) or "posts"}</title>
<style>
{STYLE}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def tell_sum(found: Recheck) -> str:
    """`3 posts run afresh: 2 show what they did, 1 does not`."""
    if not found.checks:
        return "no post has run"
    held = sum(check.holds and check.has_record for check in found.checks)
    others = sum(not check.holds for check in found.checks)
    unknown = len(found.checks) - held - others
    parts = [f"{held} {'shows what it did' if held == 1 else 'show what they did'}"]
    parts += [f"{others} {'does' if others == 1 else 'do'} not"] if others else []
    parts += [f"{unknown} {'has' if unknown == 1 else 'have'} no record"] if unknown else []
    return f"{counted(len(found.checks), 'post')} run afresh: {', '.join(parts)}"


def _post(check: PostCheck) -> str:
    source = check.post.source
    parts = [
        f"<h2>{escape(check.post.target.title)}</h2>",
        f'<p class="path"><code>{escape(str(source.path))}</code></p>',
    ]
    if check.reason and (check.differences or check.failures):
        parts.append(f'<p class="versions">{escape(_sentence(check.reason))}</p>')
    parts += [_problem(problem, "note") for problem in check.notes]
    parts += [_problem(problem, "failure") for problem in check.failures]
    parts += map(_difference, check.differences)
    return "<section>\n{}\n</section>".format("\n".join(parts))


def _problem(problem: Problem, kind: str) -> str:
    line = problem.location.line
    where = f'<span class="line">line {line}</span> ' if line else ""
    detail = f'<pre tabindex="0">{escape(problem.detail)}</pre>' if problem.detail else ""
    hint = f" ({problem.hint})" if problem.hint else ""
    return f'<div class="{kind}"><p>{where}{escape(problem.message + hint)}</p>{detail}</div>'


def _difference(found: PostDifference) -> str:
    step, line = found.step, found.where.line
    code = step.code
    if isinstance(step, ValueGroup):
        code = step.values[min(found.difference.place, len(step.values) - 1)].expression
    parts = [
        f'<h3><span class="line">line {line}</span> {escape(_sentence(found.message))}</h3>',
        f'<details><summary>The code</summary><pre tabindex="0">{escape(code)}</pre></details>',
    ]
    if found.difference.hunks:
        lines = "\n".join(_marked_lines(found.difference.hunks))
        parts.append(f'<pre class="lines" tabindex="0">{lines}</pre>')
    if found.difference.pictures:
        parts.append(_pictures(found.difference.pictures))
    return "<article>\n{}\n</article>".format("\n".join(parts))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


# ---- text


def _marked_lines(hunks: Sequence[Hunk]) -> Iterator[str]:
    count = 0
    for number, hunk in enumerate(hunks):
        if count > _MOST_LINES:
            yield '<span class="gap">… and more</span>'
            return
        if hunk.is_same:
            before, after = _CONTEXT * (number > 0), _CONTEXT * (number < len(hunks) - 1)
            shown = list(_context(hunk.new, before, after))
        elif len(hunk.old) == len(hunk.new):
            pairs = zip(hunk.old, hunk.new, strict=True)
            shown = [line for pair in pairs for line in _changed(*pair)]
        else:
            shown = [
                *(f"<del>{escape(line)}</del>" for line in hunk.old[:_MOST_LINES]),
                *(f"<ins>{escape(line)}</ins>" for line in hunk.new[:_MOST_LINES]),
            ]
        count += len(shown)
        yield from shown


def _context(lines: Sequence[str], before: int, after: int) -> Iterator[str]:
    """Equal lines, of which only those beside others are shown."""
    if len(lines) <= before + after + 1:
        shown: list[str | None] = list(lines)
    else:
        shown = [*lines[:before], None, *lines[len(lines) - after :]]
    gap = f'<span class="gap">… {counted(len(lines) - before - after, "equal line")}</span>'
    yield from (gap if line is None else f"<span>{escape(line)}</span>" for line in shown)


def _changed(old: str, new: str) -> tuple[str, str]:
    """Two lines, with what differs marked."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    words = [word for _, word in before], [word for _, word in after]
    parts: tuple[list[str], list[str]] = ([], [])
    for tag, i, j, k, m in SequenceMatcher(None, *words, autojunk=False).get_opcodes():
        for part, tokens in zip(parts, (before[i:j], after[k:m]), strict=True):
            for space, word in tokens:
                told = escape(word)
                part.append(
                    space + (told if tag == "equal" or not word else f"<mark>{told}</mark>")
                )
    return f"<del>{''.join(parts[0])}</del>", f"<ins>{''.join(parts[1])}</ins>"


# ---- pictures


def _pictures(pictures: Sequence[ComparedPicture]) -> str:
    """Before, now, and what differs, each in the theme of whoever looks."""
    columns = (
        ("Before", [(p.theme, p.old) for p in pictures]),
        ("Now", [(p.theme, p.new) for p in pictures]),
        (
            "What differs",
            [(p.theme, ("image/png", p.difference) if p.difference else None) for p in pictures],
        ),
    )
    shown = (_column(name, variants) for name, variants in columns)
    return f'<div class="pictures">{"".join(shown)}</div>'


def _column(name: str, variants: Sequence[tuple[str | None, tuple[str, bytes] | None]]) -> str:
    found = {theme: picture for theme, picture in variants if picture}
    if not found:
        return ""
    first = next(iter(found))
    dark = found.get("dark") if first != "dark" else None
    image = f'<img src="{_address(found[first])}" alt="{name}">'
    source = (
        f'<source media="(prefers-color-scheme: dark)" srcset="{_address(dark)}">' if dark else ""
    )
    # A picture of one theme alone lies on the paper that it was made for.
    paper = "" if dark else f' class="on-{"dark" if first == "dark" else "light"}"'
    told = name if first != "dark" else f"{name}, in the dark"
    return (
        f"<figure{paper}><figcaption>{told}</figcaption><picture>{source}{image}</picture></figure>"
    )


def _address(picture: tuple[str, bytes]) -> str:
    kind, content = picture
    return f"data:{kind};base64,{b64encode(content).decode()}"


def _held(checks: Sequence[PostCheck]) -> str:
    held = [check.post for check in checks if check.holds and not check.notes]
    if not held:
        return ""
    items = "".join(
        f"<li>{escape(post.target.title)} <code>{escape(str(post.source.path))}</code></li>"
        for post in held
    )
    return f"<section>\n<h2>What holds</h2>\n<ul>{items}</ul>\n</section>"
