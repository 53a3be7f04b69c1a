"""What happened, counted on this machine for the user: never code, never paths, no events."""
