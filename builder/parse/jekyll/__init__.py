"""Liquid as Jekyll runs it: before anything else in a post, and only in posts that ask for it."""
