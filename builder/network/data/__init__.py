"""Data sets that need no internet."""
