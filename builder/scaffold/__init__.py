"""A new site, in a folder of its own: settings, a first post and a workflow that publishes it."""
