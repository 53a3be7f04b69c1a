"""Ghost text for every editor, from a fill-in-the-middle model."""

__version__ = "0.1.0"
