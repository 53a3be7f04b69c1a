"""From what the model wrote to what is shown."""
