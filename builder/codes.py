"""The kinds of problems that there are: their codes, what each means, and what to do.

A code stays the same over releases, so that filters and searches may rely on it.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Kind(NamedTuple):
    """What a code means."""

    meaning: str
    remedy: str


CODES: Mapping[str, Kind] = {
    "ambiguous-post": Kind(
        "a name or slug is that of several posts",
        "Name the post's file, or its day and slug, as the hint says.",
    ),
    "block-failed": Kind(
        "a block raised an error, crashed, or went beyond a limit",
        "Mend the code; where the error is meant, say '#| error: NAME'. Limits are raised by "
        "'#| timeout:', '#| memory:' and '#| processes:'.",
    ),
    "broken-data": Kind(
        "a file in _data/ cannot be read as what its ending says",
        "Mend the YAML, JSON or CSV.",
    ),
    "broken-link": Kind(
        "a link or a picture leads to no page, file, place or host that is there",
        "Mend the address, or the label; 'check' finds these in all pages.",
    ),
    "broken-value": Kind(
        "a value in the text has no end, or no expression that Python could read",
        "Write `{python} expression`, with both backticks.",
    ),
    "broken-xml": Kind(
        "a feed or another file for machines is no well-formed XML",
        "Mend the template that it is made from.",
    ),
    "broken-yaml": Kind(
        "front matter or block options are no YAML of 'key: value' lines",
        "Mend the line; text with ': ', '#' or brackets needs quotes.",
    ),
    "changed-since": Kind(
        "code or data of a post have changed since it was published",
        "Build first, and recheck then.",
    ),
    "circular-order": Kind(
        "posts build on each other in a circle",
        "Leave the one that can be read first out of the other's 'after:'.",
    ),
    "dollars-are-text": Kind(
        "text between single dollars looks like TeX and is shown as text",
        "Write '$$…$$', or say 'math: {dollar: pandoc}' in the front matter or the settings.",
    ),
    "duplicate-label": Kind(
        "two blocks, headings or other elements of a page have the same label or id",
        "Give one of them another name.",
    ),
    "empty-formula": Kind(
        "there is nothing between the signs of a formula",
        "Write the formula, or take the signs away.",
    ),
    "empty-link": Kind(
        "a link has no address, or no words",
        "Write both: [words](address).",
    ),
    "ipython-magic": Kind(
        "a line is IPython's and not Python's",
        "Write what the hint says instead; a magic that is not needed is ignored with a note.",
    ),
    "liquid-error": Kind(
        "Liquid cannot read or run what it is given",
        "Mend the tag; what is no Liquid stands between {% raw %} and {% endraw %}.",
    ),
    "liquid-not-run": Kind(
        "braces look like Liquid and are shown as they are",
        "Say 'liquid: true' in the front matter, or put them into code.",
    ),
    "lost-html": Kind(
        "a result holds HTML that pages do not have, such as a script",
        "Show a figure, an animation or plain HTML instead.",
    ),
    "markdown-too-hard": Kind(
        "Markdown is nested too deeply, or takes far too long to render",
        "Look for something that begins again and again, such as brackets, quotes or tags.",
    ),
    "missing-alt-text": Kind(
        "a figure or a picture says nothing to those who cannot see it",
        "Say '#| fig-alt: words', label the figure's axes, or write ![words](…).",
    ),
    "missing-date": Kind(
        "a post has no day",
        "Name the file YYYY-MM-DD-slug.md, or say 'date: YYYY-MM-DD' in its front matter.",
    ),
    "missing-file": Kind(
        "'depends:' names a file that is not there",
        "Mend the name, which counts from the post's folder, or make the file.",
    ),
    "missing-front-matter": Kind(
        "a post does not begin with front matter, or does not end it",
        "Begin the post with a line '---', lines such as 'title: …', and a line '---'.",
    ),
    "missing-include": Kind(
        "an include names a file that _includes/ does not have",
        "Mend the name, or put the file there.",
    ),
    "missing-note": Kind(
        "a line of code, or the text, refers to a note that is not there",
        "Write a numbered list right below the block, or '[^name]: words'.",
    ),
    "missing-picture": Kind(
        "a picture is not where the post says",
        "Put it beside the post, or mend its name; large and small letters count.",
    ),
    "missing-result": Kind(
        "a block would have to run, and --frozen forbids it",
        "Build without --frozen, and keep .cache/ with its results.",
    ),
    "moved-link": Kind(
        "a page of another host has moved for good",
        "Link to its new address.",
    ),
    "no-record": Kind(
        "nothing is known of what a post showed, to compare it with",
        "Build first: a build that publishes remembers it.",
    ),
    "nothing-runs": Kind(
        "a post that is to run or to be rechecked has no blocks and no values",
        "Name a post that has some.",
    ),
    "other-host": Kind(
        "a page would load something from another host, which readers' data goes to",
        "Save it beside the post or into assets/, or link to it.",
    ),
    "other-result": Kind(
        "a post shows something else than what was accepted, with the versions of today",
        "Look at it with 'recheck'; if it is right, 'recheck --accept POST' takes it.",
    ),
    "own-host": Kind(
        "a link names the site's own host",
        "Leave the host out, so that the link is right wherever the site is looked at.",
    ),
    "skipped-level": Kind(
        "a heading is more than one level below the one before",
        "Let it be one level below.",
    ),
    "slow-block": Kind(
        "a block computes for long, and an edit above it runs it again",
        "Put what it trains or reads into a block of its own, early in the post.",
    ),
    "stray-block": Kind(
        "what looks like a block begins in the middle of a line, and is text",
        "Begin a line with ```{python}.",
    ),
    "stray-tex": Kind(
        "TeX stands in no formula",
        "Put it between '$$', or between backticks where it is meant as code.",
    ),
    "taken-address": Kind(
        "two posts or files have the same address, or one that is the site's",
        "Change the file name, or say another 'permalink' or alias.",
    ),
    "tex-error": Kind(
        "MathJax cannot read a formula",
        "Mend the TeX at the caret; own commands stand in 'macros:'.",
    ),
    "too-many-captions": Kind(
        "a block has more captions or alternative texts than figures",
        "Write one for each figure, in their order.",
    ),
    "unclosed-div": Kind(
        "a fence of colons does not end",
        "Close it with a line ':::'.",
    ),
    "unclosed-fence": Kind(
        "a code block does not end",
        "Close it with as many backticks or tildes as it begins with.",
    ),
    "unclosed-formula": Kind(
        "a formula does not end, or ends where it should not",
        "Close it before the paragraph ends; a dollar that is one is written '\\$'.",
    ),
    "unknown-label": Kind(
        "a reference names a label that nothing has",
        "Mend the name, or label a block, a heading or an equation so.",
    ),
    "unknown-language": Kind(
        "a block asks to be run in another language than Python",
        "Show it with ```LANGUAGE, without braces.",
    ),
    "unknown-layout": Kind(
        "a post names a layout that there is no template for",
        "Mend the name, or say in 'layouts' which template is meant.",
    ),
    "unknown-option": Kind(
        "a block has an option that does not exist",
        "Mend the name: the README lists all of them.",
    ),
    "unknown-post": Kind(
        "a link or 'after:' names a post that there is not, or that is not published",
        "Mend the name; a draft is published by --drafts alone.",
    ),
    "unknown-tag": Kind(
        "Liquid has no tag of this name",
        "Mend the name, or write what it made in Markdown: tags of plugins are not there.",
    ),
    "unknown-variable": Kind(
        "braces name a variable that nothing knows, and become nothing",
        "Say it in the front matter, or under [tool.site.variables].",
    ),
    "unread-key": Kind(
        "a key of the front matter is one that nobody reads",
        "Mend the name.",
    ),
    "unreadable-file": Kind(
        "the system does not let a post be read",
        "Look at the file's permissions.",
    ),
    "unseen-input": Kind(
        "a block reads in a way that cannot be followed, so that a change would not run it again",
        "Name files with '#| depends: [FILE]', or say '#| cache: false'.",
    ),
    "unsure-link": Kind(
        "a page of another host could not be reached just now",
        "Look whether readers can reach it.",
    ),
    "untrusted-file": Kind(
        "a post that is not trusted names a file that could run in a browser",
        "Publish a picture made of dots, or data; what is trusted is built without '--untrusted'.",
    ),
    "untrusted-html": Kind(
        "a post that is not trusted holds HTML that could run, load or deceive",
        "Write it in Markdown; what is trusted is built without '--untrusted'.",
    ),
    "unused-note": Kind(
        "nothing refers to a footnote",
        "Put [^name] where it belongs, or remove the note.",
    ),
    "unused-picture": Kind(
        "nothing shows a picture of the site's folder",
        "Remove it, or show it in a post.",
    ),
    "wide-code": Kind(
        "a line of code is wider than a phone and scrolls there",
        "Break the line, if many read the post on phones; 'check --phone' tells of it.",
    ),
    "wide-formula": Kind(
        "a formula is wider than a phone and scrolls there",
        "Break it, as with \\\\ in {aligned}.",
    ),
    "wide-output": Kind(
        "what a block prints or gives is wider than a phone and scrolls there",
        "Show fewer columns, or shorter numbers.",
    ),
    "wrong-encoding": Kind(
        "a post is not UTF-8",
        "Save the file with the encoding UTF-8.",
    ),
    "wrong-value": Kind(
        "an option or a key of the front matter has a value that it cannot have",
        "Write a value of the kind that the message names.",
    ),
}
"""By code."""
