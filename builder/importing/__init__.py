"""Notebooks become posts: what is written is kept, what was computed is computed again."""
