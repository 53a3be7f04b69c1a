"""What the model behind a server writes, and how all of them put it on the wire."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.fim_endpoint import Behaviour, Call, Reply
from tests.fim_endpoint.generation import generate, prompt_tokens
from tests.fim_endpoint.schema import FimRequest

from .behaviour import Event, Other

CREATED = 1795190400


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A text in pieces. `ending` is "eos", "limit" or "word", which stands for a stop sequence."""

    pieces: tuple[str, ...]
    ending: str
    prompt_tokens: int

    @property
    def reason(self) -> str:
        """In the words of OpenAI, who do not tell a stop sequence from an end."""
        return "length" if self.ending == "limit" else "stop"

    @property
    def usage(self) -> dict[str, int]:
        """The bill, in OpenAI's words."""
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": len(self.pieces),
            "total_tokens": self.prompt_tokens + len(self.pieces),
        }


def write(  # noqa: PLR0913 - a row of what every request says
    behaviour: Other, prefix: str, suffix: str, *, most: int | None, stop: object, model: str = ""
) -> Written:
    """Lets the model write until it is done, at a stop, or at its limit."""
    stops = stop if isinstance(stop, str | list) else None
    most = None if most is not None and most < 0 else most
    request = FimRequest(model=model, prompt=prefix, suffix=suffix, max_tokens=most, stop=stops)
    free = request.model_copy(update={"stop": None})
    endless = Behaviour(text=behaviour.text)
    done, whole = generate(request, endless), generate(free, endless)
    stopped = "".join(done.pieces) != "".join(whole.pieces)
    limited = done.finish_reason == "length"
    return Written(
        pieces=tuple(piece for piece in done.pieces if piece),
        ending="limit" if limited else "word" if stopped else "eos",
        prompt_tokens=prompt_tokens(request),
    )


def read_body(call: Call) -> Mapping[str, Any] | None:
    """The object that came, None if none did."""
    try:
        body = json.loads(call.raw_body)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def packed(value: object) -> bytes:
    """JSON as servers write it: compact, and not escaped."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def reply(value: object, status: int = 200) -> Reply:
    """A whole reply in JSON."""
    content_type = "application/json; charset=utf-8"
    return Reply(status=status, body=packed(value), content_type=content_type)


def event(value: object, *, text: bool = False) -> Event:
    """A server-sent event."""
    return Event(data=b"data: " + packed(value) + b"\n\n", text=text)


DONE = Event(data=b"data: [DONE]\n\n")


def bearer(call: Call) -> str:
    """The key that came."""
    scheme, _, key = call.header("authorization").partition(" ")
    return key if scheme.lower() == "bearer" else ""
