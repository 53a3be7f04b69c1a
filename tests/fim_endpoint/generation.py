"""The model: deterministic text, in tokens of about four characters."""

import math
import re
import zlib
from dataclasses import dataclass

from .behaviour import Behaviour
from .schema import FimRequest

_IDEAS = (
    "return a + b",
    "for item in items:\n        total += item.price\n    return total",
    'raise ValueError(f"unknown key: {key!r}")',
    "with path.open() as file:\n        return json.load(file)",
    "self._items.append(item)",
    "if not name:\n        return None\n    return name.strip()",
    'print("done")',
)


@dataclass(frozen=True, slots=True)
class Generation:
    """What will be generated. A token whose text is cut off by a stop has an empty piece."""

    request: FimRequest
    prompt_tokens: int
    pieces: tuple[str, ...]
    finish_reason: str

    @property
    def usage(self) -> dict[str, int]:
        """The bill."""
        return {
            "prompt_tokens": self.prompt_tokens,
            "total_tokens": self.prompt_tokens + len(self.pieces),
            "completion_tokens": len(self.pieces),
        }


def prompt_tokens(request: FimRequest) -> int:
    """The usual estimate, plus the three control tokens of the FIM template."""
    size = len((request.prompt + (request.suffix or "")).encode())
    return math.ceil(size / 3) + 3


def tokenize(text: str) -> list[str]:
    """Pieces that add up to the text: words in fours, runs of space, punctuation."""
    return re.findall(r" ?\w{1,4}|\s{1,4}|[^\w\s]{1,2}", text)


def generate(request: FimRequest, behaviour: Behaviour) -> Generation:
    """Decides what to write, how far, and why it ends there."""
    tokens = tokenize(_text(request, behaviour))
    least = request.min_tokens or 0
    while len(tokens) < least:
        tokens += tokenize("\n" + _IDEAS[len(tokens) % len(_IDEAS)])[: least - len(tokens)]
    allowed = tokens[: request.max_tokens]
    pieces = _stopped(allowed, request.stops)
    full = len(allowed) < len(tokens) and pieces == allowed
    return Generation(request, prompt_tokens(request), tuple(pieces), "length" if full else "stop")


def _text(request: FimRequest, behaviour: Behaviour) -> str:
    suffix = request.suffix or ""
    if isinstance(behaviour.text, str):
        return behaviour.text
    if behaviour.text is not None:
        return behaviour.text(request.prompt, suffix)
    seed = zlib.crc32(f"{request.random_seed}\0{suffix}\0{request.prompt}".encode())
    return _IDEAS[seed % len(_IDEAS)]


def _stopped(tokens: list[str], stops: list[str]) -> list[str]:
    text = "".join(tokens)
    found = [(at, at + len(stop)) for stop in stops if (at := text.find(stop)) >= 0]
    if not found:
        return tokens
    visible, end = min(found)
    pieces: list[str] = []
    start = 0
    for token in tokens:
        if start >= end:
            break
        pieces.append(token[: max(0, visible - start)])
        start += len(token)
    return pieces
