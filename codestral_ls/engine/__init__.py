"""The one walk of a request through the rooms, and what it takes along."""
