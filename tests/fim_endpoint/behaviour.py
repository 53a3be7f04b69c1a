"""How the endpoint behaves: what a test may ask of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .replies import Persona, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Times are seconds; the defaults are a well-behaved endpoint that answers at once."""

    # Who it is and what it knows.
    persona: Persona = "api"
    keys: frozenset[str] = frozenset({"test-key-0000"})
    models: frozenset[str] = frozenset({"codestral-2508", "codestral-latest"})
    context: int = 131072
    # Both allowances last for the endpoint's life. The request after the last is refused with a
    # 429, so 0 is the account without allowance; tokens are only counted.
    requests_per_minute: int = 1_000_000
    tokens_per_minute: int = 1_000_000_000

    # What it writes: this text, or what the function makes of prompt and suffix, or its own idea.
    text: str | Callable[[str, str], str] | None = None

    # When: before the reply's head, before the first token after it, and between two tokens.
    head_after: float = 0.0
    first_token: float = 0.0
    per_token: float = 0.0
    # A comment line at the start of a stream and at this interval while waiting in it.
    ping_every: float = 0.0
    # Goes on generating after the client has hung up.
    deaf: bool = False

    # How a stream is written. "null" writes empty content as null, "list" all as lists of parts.
    padding: bool = True
    done: bool = True
    crlf: bool = False
    tokens_per_chunk: int = 1
    content: Literal["text", "list", "null"] = "text"
    # Each byte after the first of a character begins a TCP segment of its own.
    split_characters: bool = False

    # What goes wrong in a stream that has sent so many chunks with text (or all it had).
    trouble_after: int = 1
    stall: float = 0.0
    trouble: Literal["", "error", "cut"] = ""

    # What goes wrong around it: a reply instead of all the above, a false content type, headers
    # added to each reply, and the fate of the connection: "close" hangs up after the reply without
    # having said so, "die" reads the next request and then hangs up.
    reply: Reply | None = None
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    after_reply: Literal["keep", "close", "die"] = "keep"


DEFAULT = Behaviour()

Script = Behaviour | Callable[[dict[str, Any]], Behaviour]
"""A behaviour for all requests, or one chosen by the request's body ({} if it has none)."""
