"""Write what the golden tests compare with: `python -m tests.golden.renew [CASE …]`.

For people alone: look at what changed before it is kept. To add a case, write
`cases/NAME.md`, and `cases/NAME.json` with what its blocks gave, and renew it.
"""

import sys

from builder.mathjax.engine import Engine
from tests.golden.article import CASES, case_names, open_renderer, render_case


def renew(names: list[str]) -> None:
    renderer = open_renderer(Engine())
    for name in names or case_names():
        article = render_case(name, renderer)
        (CASES / f"{name}.html").write_text(article, encoding="utf-8")


if __name__ == "__main__":
    renew(sys.argv[1:])
