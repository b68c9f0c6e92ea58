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

_FORMULAS = (
    r"w_{t+1} = w_t - \eta_@ \nabla L(w_t)",
    r"L(w) = \frac{1}{@} \sum_{i=1}^{n} \left(y_i - w^\top x_i\right)^2",
    r"p_k = \frac{e^{z_k / @}}{\sum_{j=1}^{K} e^{z_j / @}}",
    r"\beta_1 = 1 - \tfrac{1}{@}",
    r"\frac{\partial L}{\partial W} = @ X^\top (Y - T)",
    r"\hat{m}_t = \frac{m_t}{1 - \beta_1^{@}}",
    r"\mathbb{E}[X] = \int_0^{@} x \, p(x) \, dx",
    r"\sigma(z) = \frac{1}{1 + e^{-@ z}}",
    r"\begin{pmatrix} 1 & @ \\ 0 & 1 \end{pmatrix} \begin{pmatrix} x \\ y \end{pmatrix}",
    r"\lVert x \rVert_2 \le \sqrt{@} \, \lVert x \rVert_\infty",
)
"""With the post's number in the place of `@`, so that no two posts share one."""


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


def mathematical_post(number: int) -> str:
    """A post of 1,000 words, ten formulas as blogs have them, and a listing.

    Every other formula stands in a sentence, the rest are displayed; nothing is another post's.
    """
    parts = []
    for index, formula in enumerate(_FORMULAS):
        gap, tex = ("\n\n", " ")[index % 2], formula.replace("@", str(number))
        parts.append(f"{prose(10 * number + index, 100)}{gap}$${tex}$$")
    listing = f"```python\nfor x in range({number}):\n    print(x)\n```"
    return f"---\ntitle: Post {number}\n---\n" + "\n\n".join([*parts, listing]) + "\n"


def prose_post(number: int) -> str:
    """A post of 1,000 words and a listing."""
    listing = f"```python\nfor x in range({number}):\n    print(x)\n```"
    return f"---\ntitle: Post {number}\n---\n{prose(number, 1000)}\n\n{listing}\n"


_KINDS = {
    "plain": plain_post,
    "prose": prose_post,
    "mathematical": mathematical_post,
    "executable": executable_post,
}


def named_posts(count: int, kind: str) -> dict[str, str]:
    """Texts of `count` posts of a kind by the names of their files, 336 a year."""
    texts = {}
    for number in range(count):
        year, rest = 1990 + number // 336, number % 336
        name = f"{year}-{rest // 28 + 1:02}-{rest % 28 + 1:02}-post-{number}"
        texts[name] = _KINDS[kind](number)
    return texts


def write_site(root: Path, count: int, kind: str) -> list[Path]:
    """Write `count` posts of a kind below `root`: one of those in `_KINDS`."""
    folder = root / "posts"
    folder.mkdir(parents=True)
    paths = []
    for name, text in named_posts(count, kind).items():
        path = folder / f"{name}.md"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths
