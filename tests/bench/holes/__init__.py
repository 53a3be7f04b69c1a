"""Holes in real sources: what a model that is right would write where somebody stands."""
