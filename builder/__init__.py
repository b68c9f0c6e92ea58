"""A static blog generator whose posts run, and `network`, the library they run on.

Imports nothing: `from builder import network` in a post runs this file first.
"""
