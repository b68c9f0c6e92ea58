#!/usr/bin/env python3
"""Build the blog: `python build.py --help`."""

from builder.cli import main

if __name__ == "__main__":
    main()
