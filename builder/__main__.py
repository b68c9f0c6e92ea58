"""`python -m builder` is `python build.py`."""

from builder.cli import main

if __name__ == "__main__":
    main()
