"""ctxlint: a linter for Python's ``contextvars``."""

__version__ = "0.1.0"
