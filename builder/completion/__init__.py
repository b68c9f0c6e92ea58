"""Completion in shells: what they ask while a command is typed, and how they come to ask."""
