"""Audit customer service exports against the promise a team makes to its customers."""

__version__ = "0.1.0"
