"""Tests, and what they share: the FIM endpoint in `fim_endpoint`, samples in `wire`."""
