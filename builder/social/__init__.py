"""Pictures of posts for those who pass their addresses on (Open Graph)."""
