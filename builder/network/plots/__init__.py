"""Pictures of networks, of training and of what was learned."""
