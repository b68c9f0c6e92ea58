"""Stage 5: set rendered posts into the pages of the site."""
