"""A model as a table: its layers, what they put out, and how much they learn."""

from dataclasses import dataclass
from html import escape
from math import prod

from builder.network.arrays import Shape
from builder.network.blueprint import Blueprint
from builder.network.errors import BuildError, of_batch
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
    shape = model.input_shape if input_shape is None else tuple(input_shape)
    if shape is None:
        raise BuildError(
            f"{model!r} does not know its inputs (did you mean summary(shape), with the shape "
            "of one example?)"
        )
    blueprint = Blueprint()
    model.plan(shape, blueprint)
    seen_by = {layer: iter(shapes) for layer, shapes in blueprint.input_shapes.items()}
    rows, counted, total = [], set(), 0
    for path, part in model.walk():
        assert isinstance(part, Layer)
        index, seen = path.removesuffix("."), next(seen_by[part])
        if part is model and model.layers:
            continue
        learned = [each for each in blueprint.wanted[part].values() if each.is_learned]
        size = sum(prod(each.shape) for each in learned)
        count = "shared" if part in counted and size else f"{size:,}" if size else ""
        what = type(part).__name__ if part.layers else repr(part)
        name = f"{'  ' * index.count('.')}{index} {what}" if index else what
        rows.append((name, of_batch(part.output_shape(seen)), count))
        total += 0 if part in counted else size
        counted.add(part)
    return Summary(tuple(rows), total)
