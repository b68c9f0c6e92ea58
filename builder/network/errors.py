"""What can go wrong in a network, said in the words of the post.

NetworkError
├── BuildError   parameters are missing, there already, or another model's
└── ShapeError   arrays that do not fit (a ValueError too)
"""

from builder.network.arrays import Shape


class NetworkError(Exception):
    """Anything that the library refuses to do."""


class BuildError(NetworkError):
    """Parameters that do not exist yet, exist already, or belong to another model."""


class ShapeError(NetworkError, ValueError):
    """Arrays that do not fit together.

    Args:
        subject: What complains: a layer or a loss.
        problem: What it got and what it expects.
        path: Indices from the outermost model down to the layer.
    """

    def __init__(self, subject: str, problem: str, path: tuple[int, ...] = ()) -> None:
        super().__init__(subject, problem, path)
        self.subject = subject
        self.problem = problem
        self.path = path

    def inside(self, index: int) -> "ShapeError":
        """Return the same error, seen from the model that holds the layer at `index`."""
        return ShapeError(self.subject, self.problem, (index, *self.path))

    def __str__(self) -> str:
        place = f"layer {'.'.join(map(str, self.path))}, " if self.path else ""
        return f"{place}{self.subject}: {self.problem}"


def of_batch(shape: Shape) -> str:
    """Write the shape of one example as that of a batch: (2,) as "(N, 2)"."""
    return f"(N, {', '.join(map(str, shape))})" if shape else "(N,)"
