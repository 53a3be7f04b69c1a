"""A real llama.cpp server, and what it makes of our requests."""
