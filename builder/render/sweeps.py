"""Results of a block that ran once for each setting: all of them, one of them shown.

Radio buttons choose, and the style sheet shows what is chosen: it works by keyboard and
without any script. Where there is no style sheet, all stand one below the other.
"""

import html
from collections.abc import Callable, Sequence

from builder.model import BlockOptions, Scalar, tell_scalar, tell_setting


def render_sweep(
    options: BlockOptions, anchor: str, caption: str, render: Callable[[int, str], str]
) -> str:
    """HTML of a sweep.

    Args:
        options: name the values.
        anchor: what the names of its buttons begin with.
        caption: HTML, of all together.
        render: gives the HTML of the setting at a place, told in words.
    """
    axes = "".join(_axis(name, values, f"{anchor}-{name}") for name, values in options.sweep)
    panels = [
        f'<div><div class="setting">{html.escape(words)}</div>{render(place, words)}</div>'
        for place, words in enumerate(map(tell_setting, options.settings))
    ]
    words = f"<figcaption>{caption}</figcaption>" if caption else ""
    return (
        f'<figure class="sweep"><div class="sweep-axes">{axes}</div>'
        f'<div class="sweep-results">{_rows(panels, options)}</div>{words}</figure>'
    )


def _rows(panels: Sequence[str], options: BlockOptions) -> str:
    """The panels, those with one value of the first of two names in a row of their own."""
    if len(options.sweep) == 1:
        return "".join(panels)
    width = len(options.sweep[1][1])
    rows = ("".join(panels[at : at + width]) for at in range(0, len(panels), width))
    return "".join(f'<div class="sweep-row">{row}</div>' for row in rows)


def _axis(name: str, values: Sequence[Scalar], group: str) -> str:
    buttons = "".join(
        f'<label><input type="radio" name="{html.escape(group)}"{"" if place else " checked"}>'
        f"<span>{html.escape(tell_scalar(value))}</span></label>"
        for place, value in enumerate(values)
    )
    return f'<fieldset class="sweep-axis"><legend>{html.escape(name)}</legend>{buttons}</fieldset>'
