"""A typist, two editors' manners of asking, an oracle that knows the text, and a plain server."""
