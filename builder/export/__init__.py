"""A post in forms that readers take away: a notebook and a script."""
