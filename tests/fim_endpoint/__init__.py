"""A FIM endpoint for tests: the documented API on 127.0.0.1, misbehaving on request.

with serve_in_thread(Behaviour(text="return a + b")) as endpoint:
    ...  # ask endpoint.url
    assert endpoint.completions[0].body["stream"]
"""

from .behaviour import DEFAULT, Behaviour, Script
from .endpoint import Endpoint, serve, serve_in_thread
from .records import Call
from .replies import Reply, sample

__all__ = [
    "DEFAULT",
    "Behaviour",
    "Call",
    "Endpoint",
    "Reply",
    "Script",
    "sample",
    "serve",
    "serve_in_thread",
]
