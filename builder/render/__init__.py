"""Stage 4: turn an executed post into the HTML of its article."""
