"""Mistral's wire format of fill-in-the-middle, from the side of the one who answers. Pure."""

import string
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from codestral_ls.gateway.replies import dumped
from codestral_ls.model import Usage

MOST_TOKENS = 1_000_000
"""More than any model writes; what is held back for a request must stay a number that fits."""
MOST_SEED = 2**63 - 1
MOST_STOPS, LONGEST_STOP = 64, 1000
"""Each is looked for in each piece of a text."""
MOST_FAULTS = 20
"""That are told of one body: its sender mends the first ones first."""
LONGEST_NAME = 60
"""Characters of a key that nobody knows, in what is said of it."""

DONE = b"data: [DONE]\n\n"

Stop = Annotated[str, Field(max_length=LONGEST_STOP)]
Count = Annotated[int, Field(ge=0, le=MOST_TOKENS)]


class FimRequest(BaseModel):
    """The body, as strictly as it is documented, but that a model need not be named.

    Unknown keys are refused: a client that sends one has misread the API.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    model: str | None = None
    prompt: str
    suffix: str | None = ""
    temperature: Annotated[float, Field(ge=0, le=1.5)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    max_tokens: Count | None = None
    min_tokens: Count | None = None
    stop: Stop | Annotated[list[Stop], Field(max_length=MOST_STOPS)] | None = None
    random_seed: Annotated[int, Field(ge=0, le=MOST_SEED)] | None = None
    stream: bool = False
    metadata: dict[str, Any] | None = None
    prompt_cache_key: str | None = None

    @property
    def stops(self) -> tuple[str, ...]:
        """The texts to stop at, however they were given."""
        given = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return tuple(dict.fromkeys(text for text in given if text))

    def note(self, name: str) -> str:
        """A text of the metadata, in which a client may say more than the format has room for."""
        value = (self.metadata or {}).get(name)
        return value if isinstance(value, str) else ""


class Invalid(Exception):
    """A body that breaks the schema; `faults` are in the words of the endpoint's framework."""

    def __init__(self, faults: list[dict[str, Any]]) -> None:
        super().__init__("invalid")
        self.faults = faults


def read_request(body: dict[str, object]) -> FimRequest:
    """The request that a body is.

    Raises:
        Invalid: it breaks the schema.
    """
    try:
        return FimRequest.model_validate(body)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)[:MOST_FAULTS]
        raise Invalid([_fault(each) for each in faults]) from None


def _fault(fault: Any) -> dict[str, Any]:  # noqa: ANN401 - a TypedDict that only mypy knows
    """What is wrong, and where; what was sent is code, so that `input` does not say it again."""
    place = [each[:LONGEST_NAME] if isinstance(each, str) else each for each in fault["loc"]]
    told = {"type": fault["type"], "loc": ["body", *place], "msg": fault["msg"], "input": None}
    return told | ({"ctx": fault["ctx"]} if "ctx" in fault else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a reply and each of its events begin with; `id` has 32 hexadecimal digits."""

    id: str
    created: int
    model: str


def whole_reply(head: Head, text: str, finish_reason: str, usage: Usage) -> bytes:
    """The reply to who has not asked for a stream."""
    message = {"role": "assistant", "tool_calls": None, "content": text, "prefix": False}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    kind = "chat.completion"
    return dumped({**_base(head, kind), "choices": [choice], "usage": _bill(usage)})


def first_event(head: Head) -> bytes:
    """What a stream begins with: who speaks."""
    return _event(_chunk(head, {"role": "assistant", "content": ""}, None))


def text_event(head: Head, text: str, padding: int) -> bytes:
    """A piece of the text."""
    return _event(_chunk(head, {"content": text}, None) | _padded(padding))


def last_event(head: Head, finish_reason: str, usage: Usage, padding: int) -> bytes:
    """Why the text ends, and the bill; only `DONE` comes behind it."""
    chunk = _chunk(head, {"content": ""}, finish_reason)
    return _event(chunk | {"usage": _bill(usage)} | _padded(padding))


def error_event(error: dict[str, Any]) -> bytes:
    """What ends a stream that has begun and fails: nothing comes behind it."""
    return _event(error)


def _base(head: Head, kind: str) -> dict[str, Any]:
    return {"id": head.id, "object": kind, "created": head.created, "model": head.model}


def _chunk(head: Head, delta: dict[str, Any], finish_reason: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return {**_base(head, "chat.completion.chunk"), "choices": [choice]}


def _bill(usage: Usage) -> dict[str, Any]:
    bill: dict[str, Any] = {
        "prompt_tokens": usage.prompt_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "completion_tokens": usage.completion_tokens,
    }
    if usage.cached_tokens:
        bill["prompt_tokens_details"] = {"cached_tokens": usage.cached_tokens}
    return bill


def _padded(length: int) -> dict[str, str]:
    """As much as nobody can foresee, so that sizes on the wire do not give the text away."""
    return {"p": string.ascii_letters[:length]} if length else {}


def _event(value: object) -> bytes:
    return b"data: " + dumped(value) + b"\n\n"
