"""The server in real editors."""
