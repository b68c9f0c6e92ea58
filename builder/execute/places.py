"""Names and lines of blocks, as they are while they run and as they are in the post.

While it runs, block 3 of `posts/x.md` is the file `posts/x.md#3` with lines of its
own. What it writes is kept like that, and told in the lines that the post has now.
"""

import re
from collections.abc import Sequence


def block_file(post: str, block: int) -> str:
    """The file name that tracebacks and warnings of a block carry."""
    return f"{post}#{block + 1}"


def in_post_lines(text: str, post: str, first_lines: Sequence[int]) -> str:
    """Rewrite places in blocks as places in the post.

    Args:
        text: what a block wrote.
        post: the post's path.
        first_lines: of each block's code in the post.
    """
    if f"{post}#" not in text:
        return text

    def place(match: re.Match[str]) -> str:
        block = int(match[1]) - 1
        if block not in range(len(first_lines)):
            return match[0]
        return f"{post}{match[2]}{first_lines[block] + int(match[3]) - 1}"

    return re.sub(rf'{re.escape(post)}#(\d{{1,9}})(:|", line )(\d{{1,9}})(?!\d)', place, text)


def last_place(text: str, post: str) -> tuple[int, int] | None:
    """The block and the line named first in a dump of the stack, where it names one."""
    match = re.search(rf'"{re.escape(post)}#(\d{{1,9}})", line (\d{{1,9}})(?!\d)', text)
    return (int(match[1]) - 1, int(match[2])) if match else None
