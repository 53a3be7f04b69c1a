"""What the server and its worker process say to each other, and how it is framed. Pure.

A frame is four bytes of length, most significant first, and so much JSON in ASCII: escaped, lone
surrogates survive, which editors send and UTF-8 does not allow.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from codestral_ls.context.index.question import Question
from codestral_ls.model import Prompt

MOST_BYTES = 64 * 1024 * 1024
"""In one frame; a longer one is a mistake, not a message to wait for."""
_LENGTH_BYTES = 4

T = TypeVar("T")


class BrokenFrame(ValueError):
    """What came, or was to be sent, is no message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configure:
    """Begins anew with these folders; `skip` names what the worker may not touch again."""

    folders: tuple[str, ...]
    disabled_paths: tuple[str, ...] = ()
    rank: bool = True
    propose: bool = False
    skip: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A document is open in the editor; its text stands for the one on disk."""

    path: str
    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """In an open document, `text` takes the place of the characters from `start` to `end`."""

    path: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """A document is open no longer; the text on disk counts again."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesChanged:
    """Files or folders were made, changed or removed: what is there now counts.

    Editors give URIs; of thousands at once, the worker finds out the paths.
    """

    uris: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """A question to the ranker."""

    id: int
    question: Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Propose:
    """A question to the matcher."""

    id: int
    prompt: Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Asks what is known."""

    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """Nobody waits for the answer to a question any more; it may be short."""

    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The one answer to a question; `error` says what went wrong and where, never about what."""

    id: int
    result: Any = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """What the worker is about to read: if it is the last that is heard, this was the reason.

    With a reply, with progress, and with an empty path it is over.
    """

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far indexing has come; `done` once the workspace was walked to its end."""

    counts: Mapping[str, int]
    seconds: float
    done: bool


Asking = Rank | Propose | Status
ToWorker = Configure | Open | Change | Close | FilesChanged | Forget | Asking
FromWorker = Reply | At | Progress
Message = ToWorker | FromWorker

_KINDS: Mapping[str, type[Message]] = {kind.__name__: kind for kind in get_args(Message)}


def encode(message: Message) -> bytes:
    """The frame of a message; raises BrokenFrame if it would be too long."""
    content = {"kind": type(message).__name__, **asdict(message)}
    body = json.dumps(content, separators=(",", ":")).encode("ascii")
    if len(body) > MOST_BYTES:
        raise BrokenFrame(f"{type(message).__name__} of {len(body)} bytes")
    return len(body).to_bytes(_LENGTH_BYTES, "big") + body


class Frames:
    """Takes bytes as they come and gives messages as they become complete."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yields what `data` completes; raises BrokenFrame, after which nothing can be read."""
        self._buffer += data
        begin = 0
        try:
            while len(self._buffer) - begin >= _LENGTH_BYTES:
                start = begin + _LENGTH_BYTES
                length = int.from_bytes(self._buffer[begin:start], "big")
                if length > MOST_BYTES:
                    raise BrokenFrame(f"a frame of {length} bytes")
                if len(self._buffer) < start + length:
                    return
                begin = start + length
                yield _decode(bytes(self._buffer[start:begin]))
        finally:
            del self._buffer[:begin]


def _decode(body: bytes) -> Message:
    try:
        content = json.loads(body)
        return build(_KINDS[content.pop("kind")], content)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BrokenFrame(f"{type(error).__name__} in a frame of {len(body)} bytes") from None


def build(kind: type[T], value: Any) -> T:  # noqa: ANN401 - JSON
    """A value of `kind` from what `asdict` and JSON made of it; unknown fields are an error."""
    built: T = _build(kind, value)
    return built


def _build(kind: Any, value: Any) -> Any:  # noqa: ANN401 - annotations and JSON
    if is_dataclass(kind):
        hints, make = _hints(cast("Any", kind)), cast("Any", kind)
        return make(**{name: _build(hints[name], each) for name, each in value.items()})
    if get_origin(kind) is tuple:
        return tuple(_build(get_args(kind)[0], each) for each in value)
    return value


@cache
def _hints(kind: Any) -> Mapping[str, Any]:  # noqa: ANN401 - annotations
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def difference(path: str, old: str, new: str) -> Change:
    """The change that makes `new` of `old`: few characters, however long the document is."""
    shortest = min(len(old), len(new))
    start = _agreement(lambda low, high: old[low:high] == new[low:high], shortest)
    behind = _agreement(
        lambda low, high: (
            old[len(old) - high : len(old) - low] == new[len(new) - high : len(new) - low]
        ),
        shortest - start,
    )
    return Change(
        path=path, start=start, end=len(old) - behind, text=new[start : len(new) - behind]
    )


def _agreement(equal: Callable[[int, int], bool], most: int) -> int:
    """How many characters agree; by halves, as comparing slices costs next to nothing."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if equal(low, middle):
            low = middle
        else:
            high = middle - 1
    return low


def apply(change: Change, text: str) -> str:
    """The text after a change."""
    return text[: change.start] + change.text + text[change.end :]
