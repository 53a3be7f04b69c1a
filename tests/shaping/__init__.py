"""What is shown of what the model wrote: a corpus of cases in words, and what holds for all."""
