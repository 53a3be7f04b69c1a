"""Bytes -> bodies of messages (LSP base protocol), sans-IO, for input that may be wrong.

Whatever is no header with a usable length is passed over up to the next one that is, so that one
broken message costs only itself.
"""

import re
from collections.abc import Iterator

MAX_BODY = 64 * 1024 * 1024
"""Bytes; a length beyond is taken for a mistake, not for a message to wait for."""
MAX_HEADER = 16 * 1024

_HEADER_END = re.compile(rb"\r?\n\r?\n")
# Anywhere in a line: behind a body whose length was wrong, its rest stands before the next header.
_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(\d{1,12})[ \t]*(?:\r?\n|$)", re.IGNORECASE)


class Framer:
    """Takes bytes as they come and gives bodies as they become complete."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._expected: int | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yields the bodies that `data` completes."""
        self._buffer += data
        while True:
            if self._expected is None:
                self._expected = self._read_header()
                if self._expected is None:
                    return
            if len(self._buffer) < self._expected:
                return
            body = bytes(self._buffer[: self._expected])
            del self._buffer[: self._expected]
            self._expected = None
            yield body

    def _read_header(self) -> int | None:
        while (end := _HEADER_END.search(self._buffer)) is not None:
            lengths = _LENGTH.findall(self._buffer, 0, end.start() + 2)
            del self._buffer[: end.end()]
            if lengths and int(lengths[-1]) <= MAX_BODY:
                return int(lengths[-1])
        if len(self._buffer) > MAX_HEADER:
            del self._buffer[:-MAX_HEADER]
        return None
