"""Layers: differentiable functions with a way back."""
