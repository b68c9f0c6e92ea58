"""Markdown as GitHub and kramdown write it, on Python-Markdown: where this builder differs."""
