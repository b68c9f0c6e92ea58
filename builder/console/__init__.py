"""What is said to the writer, and what goes on meanwhile."""

from builder.console.console import Console

__all__ = ["Console"]
