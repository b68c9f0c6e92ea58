"""Stage 2: split a post into front matter, prose, formulas and code blocks."""
