"""The style of the report, which stands in its page."""

from builder.execute.colours import DARK, INK, PAPER, RULE

STYLE = f"""\
:root {{
  color-scheme: light dark;
  --ink: light-dark({INK}, {DARK[INK]});
  --soft: light-dark(#474b53, #b6b8bd);
  --paper: light-dark({PAPER}, {DARK[PAPER]});
  --raised: light-dark(#f4f2ee, #1f2227);
  --rule: light-dark({RULE}, {DARK[RULE]});
  --old: light-dark(#fcedec, #341f20);
  --old-mark: light-dark(#f3b9b6, #7c2f33);
  --new: light-dark(#e9f5ec, #1c2e22);
  --new-mark: light-dark(#a9dbb6, #2d6b42);
}}
body {{ margin: 0; background: var(--paper); color: var(--ink); }}
body {{ font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }}
main {{ max-width: 72rem; margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 3rem) 4rem; }}
h1 {{ margin: 0 0 0.5rem; font-size: 1.7rem; line-height: 1.2; }}
h2 {{ margin: 0; font-size: 1.25rem; }}
h3 {{ margin: 0 0 0.5rem; font-size: 1rem; overflow-wrap: anywhere; }}
p {{ margin: 0.3rem 0; }}
.site, .path, .versions, .gap, summary {{ color: var(--soft); }}
.sum {{ font-size: 1.1rem; }}
code, pre {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }}
code {{ font-size: 0.9em; overflow-wrap: anywhere; }}
pre {{ margin: 0.5rem 0; padding: 0.6rem 0; overflow-x: auto; background: var(--raised); }}
pre {{ font-size: 0.85rem; line-height: 1.45; }}
pre:not(.lines) {{ padding: 0.6rem 0.8rem; }}
section {{ margin-top: 2.5rem; padding-top: 1.2rem; border-top: 1px solid var(--rule); }}
article {{ margin-top: 1.5rem; }}
.line {{ font-weight: normal; color: var(--soft); }}
.line::after {{ content: " ·"; }}
.failure {{ border-left: 3px solid light-dark(#8f1f28, #ffa8a8); padding-left: 0.8rem; }}
.note {{ border-left: 3px solid light-dark(#174a93, #9cc5f7); padding-left: 0.8rem; }}
.lines {{ white-space: normal; }}
.lines > * {{ display: block; width: max-content; min-width: 100%; box-sizing: border-box; }}
.lines > * {{ padding: 0 0.8rem; white-space: pre; text-decoration: none; }}
.lines > ::before {{ content: "  "; }}
.lines > del {{ background: var(--old); }}
.lines > del::before {{ content: "- "; }}
.lines > ins {{ background: var(--new); }}
.lines > ins::before {{ content: "+ "; }}
mark {{ color: inherit; background: var(--new-mark); }}
del mark {{ background: var(--old-mark); }}
.pictures {{ display: grid; gap: 1rem; margin-top: 0.7rem; }}
.pictures {{ grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)); }}
figure {{ margin: 0; }}
figcaption {{ margin-bottom: 0.3rem; color: var(--soft); font-size: 0.9rem; }}
img {{ display: block; max-width: 100%; height: auto; border: 1px solid var(--rule); }}
.on-light img {{ background: {PAPER}; }}
.on-dark img {{ background: {DARK[PAPER]}; }}
"""
