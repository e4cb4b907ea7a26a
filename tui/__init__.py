"""The screen and the command line: the only package that knows the other two."""

__version__ = "0.1.0"
