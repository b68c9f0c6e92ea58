"""The examples that become something else here, each below the one reason for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs in some of CommonMark's examples, and why."""

    name: str
    is_on_purpose: bool
    """Otherwise it comes through Python-Markdown and its extensions."""

    reason: str
    """A sentence."""

    examples: tuple[int, ...]


DIFFERENCES = (
    Difference(
        "formulas",
        True,
        r"`\(…\)` and `\[…\]` are formulas, as MathJax has them, and no escaped brackets.",
        (12, 495, 498),
    ),
    Difference(
        "unclosed fences",
        True,
        "A fence that is not closed is an error with its line, for all that follows would be code.",
        (126, 127, 128, 137, 139, 237),
    ),
    Difference(
        "fences below HTML",
        True,
        "Fences are found before everything else, so one right below an HTML block counts, too.",
        (161,),
    ),
    Difference(
        "links to posts",
        True,
        "`[[slug]]` leads to the post with that slug and is an error where there is none.",
        (548, 590),
    ),
    Difference(
        "items far to the right",
        True,
        "A line with a bullet right below an item is an item however far it is indented.",
        (312,),
    ),
    Difference(
        "tabs in code",
        False,
        "Tabs become spaces before blocks are told apart, so that indented code has none.",
        (1, 2, 3),
    ),
    Difference(
        "blanks in indented code",
        False,
        "White space at the ends of lines of indented code is dropped.",
        (112, 118),
    ),
    Difference(
        "code that begins an item",
        False,
        "Many spaces behind a bullet are a gap before text, and do not make it indented code.",
        (7, 273, 274),
    ),
    Difference(
        "items with an empty first line",
        False,
        "What stands below a lone bullet is a paragraph or code of the item, also behind a blank "
        "line, and is taken with its indent.",
        (278, 279, 280),
    ),
    Difference(
        "loose lists",
        False,
        "Blank lines within nested lists, or behind a comment, make another one of them loose.",
        (264, 318, 319),
    ),
    Difference(
        "lists that another bullet ends",
        False,
        "Another bullet, or `)` in the place of `.`, goes on with the list.",
        (301, 302),
    ),
    Difference(
        "four columns below a list",
        False,
        "What is indented by four columns below a list belongs to its last item and is no code.",
        (257, 313),
    ),
    Difference(
        "long numbers",
        False,
        "A number of any length begins a numbered list.",
        (266,),
    ),
    Difference(
        "quotes in items",
        False,
        "A quote right below the words of an item makes its list loose.",
        (320, 321),
    ),
    Difference(
        "lines below quotes",
        False,
        "A line right below a quote belongs to it, also where no paragraph is open.",
        (236,),
    ),
    Difference(
        "underlined headings",
        False,
        "A heading with a line below it is one line long, begins a block, and its underline "
        "stands at the margin.",
        (81, 82, 95, 300),
    ),
    Difference(
        "Markdown in HTML blocks",
        False,
        'An HTML block ends with its element and not at a blank line; `markdown="1"` is what '
        "makes its content Markdown.",
        (148, 152, 155, 184, 188, 191),
    ),
    Difference(
        "lines with a tag alone",
        False,
        "Only elements that are blocks begin an HTML block; another one, or a lone closing tag, "
        "stands in a paragraph with Markdown around it.",
        (21, 31, 151, 162, 163, 164, 165, 166, 167),
    ),
    Difference(
        "broken tags",
        False,
        "What is no whole tag begins no HTML block.",
        (156, 157, 158),
    ),
    Difference(
        "text behind HTML blocks",
        False,
        "What follows a closing tag, on its line or the next, is Markdown.",
        (177, 178, 186),
    ),
    Difference(
        "HTML blocks within paragraphs",
        False,
        "In quotes, and where a tag of `<style>` goes over lines, a block stays in its paragraph.",
        (172, 173, 174),
    ),
    Difference(
        "tags within lines",
        False,
        "Wrong tags are let through, declarations are not, and lines are broken in attributes.",
        (619, 621, 624, 628, 632, 642, 643),
    ),
    Difference(
        "backslashes in addresses",
        False,
        "They are escapes in `<…>`, none in definitions, and are never written as `%5C`.",
        (20, 23, 202, 502, 603),
    ),
    Difference(
        "impossible entities",
        False,
        "Entities that there are not are left to browsers.",
        (28,),
    ),
    Difference(
        "code spans first",
        False,
        "Code spans are found before tags and `<…>`, and may begin within longer backticks.",
        (344, 346, 347),
    ),
    Difference(
        "addresses with spaces",
        False,
        "Spaces, line ends and no-break spaces may stand in a link's address.",
        (488, 490, 507, 568),
    ),
    Difference(
        "addresses in pointed brackets",
        False,
        "They may hold line ends and pointed brackets, and text may follow them.",
        (201, 491, 493, 494),
    ),
    Difference(
        "titles of links",
        False,
        "A title may hold its own quotes, be quoted by entities and stand without an address; it "
        "does not stand in parentheses.",
        (41, 504, 508),
    ),
    Difference(
        "links in links",
        False,
        "The outer link counts, and not the inner one.",
        (518, 519, 520, 532, 533),
    ),
    Difference(
        "tags and addresses in links",
        False,
        "Links are found before tags and `<…>`, and may end within one.",
        (524, 526, 536, 538),
    ),
    Difference(
        "references one after the other",
        False,
        "Between a link's text and its label there may be a space or a line end, and what has no "
        "definition leaves its label to be a link.",
        (542, 543, 569, 571),
    ),
    Difference(
        "labels",
        False,
        "Labels are one line without brackets, not even escaped ones, may be empty, and are "
        "compared as `lower()` has them.",
        (194, 540, 541, 549, 550, 551, 552, 559),
    ),
    Difference(
        "definitions of links",
        False,
        "The address has no spaces and the title one line; a definition may end a paragraph, and "
        "the last one of a label counts.",
        (195, 196, 204, 213, 544),
    ),
    Difference(
        "alternative texts",
        False,
        "The alternative text of a picture is what is written, with its marks.",
        (573, 574, 576, 577, 585, 589),
    ),
)
