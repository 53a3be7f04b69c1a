"""The HTTP shell over the engine: one key, one cache, one limit and one bill for many."""
