"""Benchmarks, run by hand: timings are no assertions."""
