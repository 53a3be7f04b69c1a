"""How code goes on, found in code that is there already: no model, no network."""
