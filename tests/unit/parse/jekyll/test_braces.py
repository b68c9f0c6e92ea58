"""Which braces in code and formulas are Liquid."""

import pytest

from builder.parse.jekyll.braces import Guard
from tests.unit.parse.jekyll.liquid import made, site_of, told

STAND_IN = "\U000f0000"


@pytest.mark.parametrize(
    "written",
    [
        '`f"{{x}}"`',
        "`{{ x }}` and ``{{ x }}``",
        '```python\nf"{{x}} {%d}" % {}\n```',
        '```python\n"{% d" % 1\n"%s{{" % "}}"\n```',
        "```jinja\n{{ loop.index }} {% block x %}{% endblock %}\n```",
        "~~~\n{{ x }}\n~~~",
        "- a\n\n  ```\n  {{ x }}\n  ```",
        "> ```\n> {{ x }}\n> ```",
        "    {{ x }}\n    {% x %}",
        "<pre>{{ x }}</pre>",
        "<code>{{ x }}</code>",
        "$$x^{{n}}$$",
        "$$\\frac{{a}}{{b}}_{%c}$$",
        "$$\n\\mathbf{{x}}\n$$",
        "\\\\(x^{{n}}\\\\)",
        "```math\nx^{{n}}\n```",
        "```\nopen {{ x }}\n",
        "a { b } c {: .class} {#sec-a} {::options x /} {# x #}",
        '{% raw %}```python\nf"{{x}}"\n```{% endraw %}',
    ],
)
def test_braces_of_code_and_formulas_stay(written: str) -> None:
    expected = written.replace("{% raw %}", "").replace("{% endraw %}", "")

    assert made(written) == expected


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("`{{ page.title }}`", "`SGD`"),
        ("`{{ site.title }} {{ x }}`", "`Daily {{ x }}`"),
        ("```\n{{ page.title }}\n```", "```\nSGD\n```"),
        ("```\n{{- page.title -}}\n```", "```SGD```"),
        ("```\n{{ \"a\" | upcase }} {{ 'b' | upcase }}\n```", "```\nA B\n```"),
        ("    {{ page.title }}", "    SGD"),
        ("$$x_{{ page.title }}$$", "$$x_SGD$$"),
        ("{% assign v = 3 %}`{{ v }}` $$x_{{v}}$$", "`3` $$x_3$$"),
        ("{% for v in (1..2) %}`{{ v }}{{ w }}`{% endfor %}", "`1{{ w }}``2{{ w }}`"),
        ("{% capture v %}c{% endcapture %}`{{ v }}`", "`c`"),
        ("```\n{% if true %}a{% endif %}\n```", "```\na\n```"),
        ("```\n{% include a.html %}\n```", "```\nincluded\n```"),
        ("`{{ 'a' }}`", "`{{ 'a' }}`"),
    ],
)
def test_a_known_name_or_tag_is_liquid_in_code_and_formulas_too(written: str, text: str) -> None:
    assert made(written, site=site_of({"a.html": "included"})) == text


@pytest.mark.parametrize(
    "written",
    [
        '```{python}\nprint("{{ page.title }}")  # {% if x %}\n```',
        "```{python}\n{% raw %}\n```",
        "- a\n\n  ```{python}\n  {{ site.title }}\n  ```",
        "```{python}\n#| fig-cap: '{{ page.title }}'\n```",
    ],
)
def test_a_block_that_runs_is_python_alone(written: str) -> None:
    assert made(written) == written


@pytest.mark.parametrize("front", ["math: {dollar: pandoc}", "math: {dollar: kramdown}"])
def test_braces_in_single_dollars_are_a_formulas_where_these_are_formulas(front: str) -> None:
    assert made("a $x^{{n}}$ b", f"title: A\n{front}") == "a $x^{{n}}$ b"


def test_braces_in_single_dollars_are_liquid_where_these_are_dollars() -> None:
    text, (message,) = told("a $x^{{n}}$ b")

    assert text == "a $x^$ b"
    assert message.startswith("4:6: unknown variable 'n'")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('{% highlight python %}\nf"{{x}}"\n{% endhighlight %}', '```python\nf"{{x}}"\n```'),
        ("{% highlight c %}\nint a[] = {{1}};\n{% endhighlight %}", "```c\nint a[] = {{1}};\n```"),
        (
            "{% highlight sh %}\n{{ page.title }} {{ x }}\n{% endhighlight %}",
            "```sh\nSGD {{ x }}\n```",
        ),
        (
            '{% highlight py linenos %}\na = "`{{x}}` $$x^{{2}}$$"\n{% endhighlight %}',
            '```py linenos\na = "`{{x}}` $$x^{{2}}$$"\n```',
        ),
    ],
)
def test_a_highlighted_block_is_code(written: str, text: str) -> None:
    assert made(written) == text


@pytest.mark.parametrize(
    "inner", ['f"{{x}}" `{{ y }}`', "$$x^{{n}}$$", "{{ page.title }}", "{% if %}"]
)
def test_raw_is_kept_whatever_it_holds(inner: str) -> None:
    assert made(f"{{% raw %}}{inner}{{% endraw %}}") == inner


def test_a_guarded_text_keeps_its_length_and_can_be_undone() -> None:
    text = "a `{{ x }}` {{ y }} $${{n}}$$ \n```\n{% z %}{% if z %}\n```"

    guard = Guard(text, None, {"if"})

    at = [index for index, character in enumerate(guard.text) if character == STAND_IN]
    assert at == [3, 22, 35]
    assert len(guard.text) == len(text)
    assert guard.undo(guard.text) == text


def test_the_stand_in_is_a_character_that_the_text_has_not() -> None:
    text = f"`{{{{ x }}}}` {STAND_IN}"

    guard = Guard(text, None, {"if"})

    assert guard.undo(guard.text) == text
    assert guard.text.count(STAND_IN) == 1
