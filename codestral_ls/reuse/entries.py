"""What is kept of a call for others who ask the same, and how it is written down. Pure.

A value is signed with the secret of those who share it, together with its key: what somebody else
has put there, or has put under another key, is not read.
"""

import hashlib
import hmac
import json
import zlib
from dataclasses import dataclass

MOST_BYTES = 1_000_000
"""Of an entry as it is before it is compressed; a small value may expand to gigabytes."""
VERSION = b"1"
_TAG_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A text that a model has written for a prompt.

    Without a `finish_reason` it was broken off, since whoever asked had enough; those who ask
    `by_hand` want more than those who type.
    """

    text: str
    finish_reason: str = ""
    by_hand: bool = False

    def serves(self, *, by_hand: bool, whole: bool) -> bool:
        """Whether it is enough for somebody; who wants the whole takes nothing broken off."""
        return bool(self.finish_reason) or (not whole and (self.by_hand or not by_hand))


def seal(entry: Entry, key: str, secret: bytes) -> bytes:
    """The value to keep for a key; empty if there is none, because it would be too long."""
    fields = [entry.text, entry.finish_reason, entry.by_hand]
    data = json.dumps(fields, separators=(",", ":")).encode()
    if len(data) > MOST_BYTES:
        return b""
    packed = zlib.compress(data)
    return VERSION + sign(packed, key, secret) + packed


def unseal(value: bytes, key: str, secret: bytes) -> Entry | None:
    """The entry in a value; None if it is none of ours, spoilt, or of another version."""
    head = len(VERSION) + _TAG_BYTES
    tag, packed = value[len(VERSION) : head], value[head:]
    if not value.startswith(VERSION) or not hmac.compare_digest(tag, sign(packed, key, secret)):
        return None
    try:
        unpacking = zlib.decompressobj()
        data = unpacking.decompress(packed, MOST_BYTES)
        fields = json.loads(data) if unpacking.eof else None
    except (zlib.error, ValueError, RecursionError):
        return None
    match fields:
        case [str(text), str(finish_reason), bool(by_hand)]:
            return Entry(text=text, finish_reason=finish_reason, by_hand=by_hand)
    return None


def sign(packed: bytes, key: str, secret: bytes) -> bytes:
    """What only those who know the secret can write before a text for this key."""
    signed = b"\0".join((b"entry", key.encode(), packed))
    return hmac.digest(secret, signed, hashlib.sha256)[:_TAG_BYTES]
