"""Training: from a bare loop to `fit`, and what belongs to it."""
