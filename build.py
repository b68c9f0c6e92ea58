#!/usr/bin/env python3
"""Build the blog: `python build.py --help`."""

import sys

try:
    from builder.cli import main
except ModuleNotFoundError as error:
    # Run by a Python that has not got what the builder needs.
    sys.exit(
        f"error: the package {error.name!r} is not installed for {sys.executable}: "
        "run 'make', then '.venv/bin/python build.py'"
    )

if __name__ == "__main__":
    main()
