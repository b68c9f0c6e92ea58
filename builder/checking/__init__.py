"""Looks at a site as it was built, and at its sources, for what is wrong and no build tells."""
