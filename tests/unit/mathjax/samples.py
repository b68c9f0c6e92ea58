"""Formulas to set, and a cache that forgets at the end of a test."""

import re

from builder.mathjax.typeset import Formula


class MemoryCache:
    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self.texts.get(key)

    def put(self, key: str, value: str) -> None:
        self.texts[key] = value


def height_of(svg: str) -> float:
    """What a picture says of its height, in ex."""
    match = re.match(r'<svg class="[^"]*" width="[\d.]+ex" height="([\d.]+)ex"', svg)
    assert match is not None
    return float(match[1])


def inline(tex: str) -> Formula:
    return Formula(tex=tex, is_display=False)


def display(tex: str) -> Formula:
    return Formula(tex=tex, is_display=True)


SEED = (
    *map(inline, ("f(x)", "y", "y_{diff}", "y", "x", "f(x)", "x", "f(x)", "y", "f(x)", "y")),
    *map(inline, ("f(x)", "y", "f(x,y)", "f(x)", "y", "f", "x", "f(x)")),
    display(r"\frac{\partial f}{\partial x} = 2xsin(y)"),
    display(
        r"\frac{\partial f}{\partial y} = "
        r"\begin{bmatrix} x^2\cos(y) \\ 2x\sin(y) \end{bmatrix}"
    ),
    display(r"\frac{\partial f}{\partial y} = "),
    display(r"\begin{bmatrix} x^2\cos(y) \\ 2x\sin(y) \end{bmatrix}"),
    display(
        r"\nabla f = \frac{\partial f}{\partial x} = "
        r"\begin{bmatrix} x^2\cos(y) \\ 2x\sin(y) \end{bmatrix}"
    ),
)

VARIED = tuple(
    display(tex)
    for tex in r"""
x^2 + y_1'
\frac{1}{1 + e^{-x}}
\sum_{i=1}^{n} x_i \prod_{j \ne i} y_j
\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}
\oint \iint \iiint \bigcup \bigcap \coprod
\sqrt[3]{\frac{a}{b}}
\begin{matrix} 1 & 2 \\ 3 & 4 \end{matrix}
\begin{pmatrix} a \\ b \\ c \\ d \\ e \\ f \\ g \\ h \end{pmatrix}
\begin{bmatrix} 1 & \cdots & n \\ \vdots & \ddots & \vdots \\ m & \cdots & mn \end{bmatrix}
\begin{vmatrix} a & b \\ c & d \end{vmatrix} = ad - bc
\begin{Bmatrix} x \end{Bmatrix} \begin{Vmatrix} y \end{Vmatrix}
\begin{smallmatrix} a & b \\ c & d \end{smallmatrix}
\left[\begin{array}{c|c:c} 1 & 2 & 3 \\ \hline 4 & 5 & 6 \end{array}\right]
\begin{array}{|l|} \hline \text{framed} \\ \hdashline x \\ \hline \end{array}
f(x) = \begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}
\begin{rcases} a \\ b \end{rcases} \implies c
\begin{align} a &= b \\ c &= d \nonumber \end{align}
\begin{align*} a &= b \\ &= c \end{align*}
\begin{alignat}{2} a &= b &\quad c &= d \end{alignat}
\begin{gather} x \\ y \tag{$\star$} \end{gather}
\begin{multline} aaaa + bbbb \\ + cccc + dddd \\ = eeee \end{multline}
\begin{flalign} a &= b & c &= d \end{flalign}
\begin{eqnarray} a &=& b \end{eqnarray}
\begin{equation} \begin{split} a &= b \\ &= c \end{split} \end{equation}
\begin{equation*} z \end{equation*}
E = mc^2 \tag{1.a}
E = mc^2 \tag*{by hand}
\underbrace{x + \cdots + x}_{n} \overbrace{y}^{m}
\overline{ab} \underline{cd} \overrightarrow{AB} \widehat{xyz} \widetilde{w}
\hat{a} \check{b} \tilde{c} \acute{d} \grave{e} \dot{f} \ddot{g} \breve{h} \bar{i} \vec{j}
\left( \frac{\frac{a}{b}}{\frac{c}{d}} \right)^2 \Bigg\lvert_{x=0}
\left\{ \sum_{k} \middle| x \right\rangle \left\lfloor y \right\rceil
\mathbb{R} \mathbf{z} \mathcal{L} \mathfrak{g} \mathscr{F} \mathsf{s} \mathtt{t} \mathrm{d}
\boldsymbol{\theta} \bm{\mu} \pmb{x}
\text{für alle } x \in \text{Straße — 日本語 🙂 "<'>}
\color{red}{x} + \textcolor{#00f}{y} + \colorbox{yellow}{z} + \fcolorbox{blue}{white}{$w$}
\definecolor{sea}{rgb}{0.1,0.5,0.6} \color{sea} x
\ce{2H2 + O2 ->[\Delta] 2H2O}
\ce{SO4^2- + Ba^2+ -> BaSO4 v}
\href{https://example.org/?a=1&b=2}{x} \href{#eq}{y}
\cancel{x} \bcancel{y} \xcancel{z} \cancelto{0}{w}
\bbox[5px, border: 2px dashed red]{x} \bbox[yellow]{y} \boxed{z}
\enclose{circle,longdiv}{x} \enclose{roundedbox}{y} \enclose{updiagonalarrow}{z}
\xrightarrow[under]{over} \xleftarrow{} \xmapsto{f} \xlongequal{g}
\begin{CD} A @>a>> B \\ @VbVV @AAcA \\ C @= D \end{CD}
\bra{\phi} \ket{\psi} \braket{\phi | \psi} \Set{x | x > 0}
\operatorname{argmax}_{x} \lim_{x \to 0} \sup \operatorname*{arg\,min}_\theta
\stackrel{?}{=} \overset{a}{b} \underset{c}{d} \sideset{_1^2}{_3^4}\sum
{n \choose k} \binom{n}{k} \dbinom{a}{b} \tfrac{1}{2} \cfrac{1}{1 + \cfrac{1}{x}}
\rule{2em}{1em} \phantom{xyz} \smash{y} \llap{a} \hspace{1em} \raise 1ex {b}
\verb|a_b$| \unicode{x263A} \degree \textmu
\style{color: red; border: 1px solid blue}{x} \class{c}{y} \cssId{i}{z}
\toggle{a}{b}\endtoggle \texttip{x}{tip} \mathtip{y}{z}
\begin{prooftree} \AxiomC{$A$} \UnaryInfC{$B$} \end{prooftree}
\begin{empheq}[left=L \Rightarrow]{align*} a &= b \end{empheq}
\coloneqq \ndownarrow \prescript{a}{b}{X} \mathclap{x} \underbracket{y}
\begin{numcases}{f =} 1 & if a \\ 2 & if b \end{numcases}
\not= \centernot\implies \nleq \varnothing \aleph \hbar \ell \wp \Re \Im
\require{physics} \upalpha \Updelta
\begin{array}{cc} \rowcolor{red} 1 & 2 \\ \cellcolor{blue} 3 & 4 \end{array}
\mathop{\rm P}\limits_{i} \mathrel{R} \mathbin{B} \mathord{o}
p(x \mid \theta) = \mathcal{N}(x;\, \mu, \sigma^{2}) \quad \forall x \in \mathcal{X}
""".strip().split("\n")
)
