"""A model as a table: its layers, what they put out, and how much they learn."""

from copy import deepcopy
from dataclasses import dataclass
from html import escape

from builder.network.arrays import Shape
from builder.network.errors import of_batch
from builder.network.layer import Layer

_HEAD = ("layer", "output", "parameters")


@dataclass(frozen=True, slots=True, repr=False)
class Summary:
    """What `model.summary()` returns; shows itself as text, and as a table in HTML."""

    rows: tuple[tuple[str, str, str], ...]
    """Of each layer: what it is, after its index; its output's shape; how much it learns."""

    parameters: int
    """How many numbers the whole model learns."""

    def __repr__(self) -> str:
        table = [_HEAD, *self.rows, ("all", "", f"{self.parameters:,}")]
        widths = [max(len(row[column]) for row in table) for column in range(3)]
        lines = [
            f"{what:<{widths[0]}}  {shape:<{widths[1]}}  {count:>{widths[2]}}".rstrip()
            for what, shape, count in table
        ]
        rule = "-" * (sum(widths) + 4)
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])

    def _repr_html_(self) -> str:
        def row(cells: tuple[str, str, str], tag: str) -> str:
            what, shape, count = (escape(cell) for cell in cells)
            # Indentation tells what is inside what; HTML would swallow plain spaces.
            what = what.replace("  ", "\N{NO-BREAK SPACE}" * 2)
            # The class is for pages of this blog, the style for notebooks.
            right = f'<{tag} class="align-right" style="text-align: right">{count}</{tag}>'
            return f"<tr><{tag}>{what}</{tag}><{tag}>{shape}</{tag}>{right}</tr>"

        body = "".join(row(each, "td") for each in self.rows)
        foot = row(("all", "", f"{self.parameters:,}"), "th")
        return (
            f"<table><thead>{row(_HEAD, 'th')}</thead><tbody>{body}</tbody>"
            f"<tfoot>{foot}</tfoot></table>"
        )


def summarize(model: Layer, input_shape: Shape | None = None) -> Summary:
    """Return the summary of a model, which stays as it is.

    Raises:
        BuildError: The input shape is unknown.
        ShapeError: Two parts do not fit together.
    """
    if not model.is_built or input_shape not in (None, model.input_shape):
        model = deepcopy(model)
        model.build(input_shape)
    rows, seen = [], set()
    for path, part in model.walk():
        if part is model and model.layers:
            continue
        assert isinstance(part, Layer)
        assert part.input_shape is not None
        what = type(part).__name__ if part.layers else repr(part)
        index = path.removesuffix(".")
        indent = "  " * index.count(".")
        size = sum(getattr(part, name).size for name in part.names)
        count = "shared" if part in seen and size else f"{size:,}" if size else ""
        shape = of_batch(part.output_shape(part.input_shape))
        rows.append((f"{indent}{index} {what}" if index else what, shape, count))
        seen.add(part)
    return Summary(tuple(rows), model.parameters.size)
