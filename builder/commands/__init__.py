"""What `build.py` can be told to do: a module for each command, with its options and its work.

Loaded when it is asked for: a build with nothing to do waits for no other command.
"""
