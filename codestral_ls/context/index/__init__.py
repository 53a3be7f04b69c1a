"""What is known of the workspace; all but the client runs in a process of its own."""
