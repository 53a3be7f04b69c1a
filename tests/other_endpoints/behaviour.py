"""What a test may ask of a server: what it is, what it has, and what goes wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from tests.fim_endpoint import Reply

Kind = Literal["llama.cpp", "ollama", "openai", "deepseek", "vllm", "openrouter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """The defaults are a well-behaved server that answers at once and wants no key.

    `text` is what the model writes, or what the function makes of the text before and behind the
    cursor as they arrive. `fills` says that the model has been trained to fill in, `thinks` that it
    thinks aloud first. `trouble` comes in a stream that has sent so many events with text.
    """

    kind: Kind
    text: str | Callable[[str, str], str] = "return a + b"
    keys: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset({"qwen2.5-coder:1.5b"})
    context: int = 32_768
    batch: int = 2048
    fills: bool = True
    thinks: str = ""
    loading: bool = False
    pings: bool = False
    usage: bool = True
    per_token: float = 0.0
    trouble_after: int = 1
    trouble: Literal["", "error", "cut"] = ""
    reply: Reply | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A piece of a stream; `text` says that there is some in it."""

    data: bytes
    text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A reply that comes in pieces. `error` is what is sent in the place of the rest."""

    events: tuple[Event, ...]
    error: bytes
    content_type: str = "text/event-stream"
    hangs_up: bool = False

    def troubled(self, behaviour: Other) -> Iterator[Event]:
        """The events up to the trouble that is asked for."""
        left = min(behaviour.trouble_after, sum(event.text for event in self.events))
        for event in self.events:
            if behaviour.trouble and not left:
                break
            left -= event.text
            yield event
        if behaviour.trouble == "error":
            yield Event(data=self.error)
