"""The wire formats, a module for each."""
