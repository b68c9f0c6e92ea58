"""The colours of figures: a light and a dark one for each.

Figures are drawn in light colours that nobody picks by hand, so that a colour tells where it
comes from: these change for the dark, an author's own stay.
"""

from collections.abc import Mapping

INK, PAPER, RULE = "#1b1d21", "#fdfcfb", "#c9ccd2"
DARK: Mapping[str, str] = {
    INK: "#e6e4df",
    PAPER: "#16181c",
    RULE: "#454a53",
    # The cycle of line colours: each at least 4 to 1 against its paper.
    "#2462b5": "#7cb1f2",
    "#b8480f": "#f29a63",
    "#1f7d4f": "#6cc79a",
    "#b0286b": "#f08dbd",
    "#6a48b3": "#b7a1f0",
    "#866208": "#dcb95a",
    "#157a86": "#66c6d2",
    "#59616e": "#aab2be",
}
