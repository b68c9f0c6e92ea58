"""Write a site of n synthetic posts: plain ones, or ones that run."""

from pathlib import Path

_TEXT = """
the gradient of a loss points uphill so a step against it goes down and the learning
rate says how far each parameter moves until the error is small enough to stop
"""
_WORDS = _TEXT.split()

_BLOCKS = (
    "import numpy as np\nimport matplotlib.pyplot as plt\n\nrng = np.random.default_rng({seed})\n"
    "x = np.linspace(0, 6, 200)\nprint(x.mean())",
    "y = np.sin(x) + 0.1 * rng.normal(size=x.size)\nplt.plot(x, y)\nplt.xlabel('x')\n"
    "plt.ylabel('y')\nplt.show()",
    "w = np.zeros(4)\nfor step in range(200):\n    features = np.vander(x / 6, 4)\n"
    "    w -= 0.1 * features.T @ (features @ w - y) / x.size\nw",
    "plt.plot(x, np.vander(x / 6, 4) @ w)\nplt.title('Fit')\nplt.show()",
)


def blocks(seed: int) -> tuple[str, ...]:
    """Four blocks with two plots, as one post has them."""
    return tuple(block.replace("{seed}", str(seed)) for block in _BLOCKS)


def prose(number: int, words: int) -> str:
    """Paragraphs of `words` words in all, other ones for each post."""
    text = [_WORDS[(i * 7 + number * 13 + i // 11) % len(_WORDS)] for i in range(words)]
    return "\n\n".join(" ".join(text[i : i + 80]).capitalize() + "." for i in range(0, words, 80))


def executable_post(number: int) -> str:
    """A post of 300 words and four blocks that draw two plots."""
    fences = [f"```{{python}}\n{block}\n```" for block in blocks(number)]
    parts = [part for fence in fences for part in (prose(number, 75), fence)]
    return f"---\ntitle: Post {number}\n---\n" + "\n\n".join(parts) + "\n"


def plain_post(number: int) -> str:
    """A post of 1,000 words, ten formulas and a listing."""
    formulas = [f"$$x_{{{number}}}^{{{i}}} = \\frac{{{i}}}{{{number + 1}}}$$" for i in range(10)]
    parts = [part for formula in formulas for part in (prose(number, 100), formula)]
    listing = "```python\nfor x in range(10):\n    print(x)\n```"
    return f"---\ntitle: Post {number}\n---\n" + "\n\n".join([*parts, listing]) + "\n"


def write_site(root: Path, count: int, kind: str) -> list[Path]:
    """Write `count` posts of a kind (`plain` or `executable`) below `root`."""
    folder = root / "posts"
    folder.mkdir(parents=True)
    make = {"plain": plain_post, "executable": executable_post}[kind]
    paths = []
    for number in range(count):
        year, rest = 2000 + number // 336, number % 336
        path = folder / f"{year}-{rest // 28 + 1:02}-{rest % 28 + 1:02}-post-{number}.md"
        path.write_text(make(number), encoding="utf-8")
        paths.append(path)
    return paths
