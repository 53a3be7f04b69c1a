"""The commands other than `serve`: shells over the same engine."""
