"""The writer's server: builds at every save, and shows each page as it becomes known."""
