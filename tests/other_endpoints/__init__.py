"""Servers of other wire formats for tests, as strict as their documentation, on 127.0.0.1.

async with serve_other(Other(kind="ollama", text="return a + b")) as endpoint:
    ...  # ask endpoint.url
    assert endpoint.completions[0].body["suffix"]
"""

from .behaviour import Kind, Other
from .serving import OtherEndpoint, serve_other, serve_other_in_thread

__all__ = ["Kind", "Other", "OtherEndpoint", "serve_other", "serve_other_in_thread"]
