"""Bytes of a stream -> events, sans-IO.

Lines are split at LF, CR and CRLF alone. `str.splitlines`, which httpx' own line iterator follows,
also splits at U+2028, U+0085 and form feeds, which JSON may carry unescaped inside a string.
"""

from collections.abc import Iterator
from typing import Protocol

MAX_LINE = 8 * 1024 * 1024
"""Bytes; a line that grows beyond is no event of a completion API."""


class EventTooLarge(ValueError):
    """A line or an event has grown beyond `MAX_LINE` without an end."""


class Framing(Protocol):
    """Cuts a stream of bytes into the texts of its events."""

    def feed(self, data: bytes) -> Iterator[str]:
        """Yields the events that `data` completes."""

    def finish(self) -> Iterator[str]:
        """Yields what a stream that ends like this had still to say."""


class LineSplitter:
    """Cuts a stream of bytes into lines, wherever its chunks happen to be cut."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._after_cr = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yields the lines that `data` completes, without their ends."""
        if self._after_cr and data:
            self._after_cr = False
            data = data.removeprefix(b"\n")
        if b"\n" not in data and b"\r" not in data:
            self._keep(data)
            return
        self._after_cr = data.endswith(b"\r")
        lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        yield bytes(self._rest) + lines[0]
        yield from lines[1:-1]
        self._rest.clear()
        self._keep(lines[-1])

    def _keep(self, data: bytes) -> None:
        if len(self._rest) + len(data) > MAX_LINE:
            raise EventTooLarge
        self._rest += data


class ServerSentEvents:
    """Reads the `data` of server-sent events (WHATWG HTML, 9.2.6), one text per event."""

    def __init__(self) -> None:
        self._lines = LineSplitter()
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> Iterator[str]:
        """Yields the events that `data` completes."""
        for line in self._lines.feed(data):
            if not line:
                yield from self._flush()
            elif line.startswith(b"data:"):
                self._size += len(line)
                if self._size > MAX_LINE:
                    raise EventTooLarge
                self._data.append(line[5:].removeprefix(b" "))

    def finish(self) -> Iterator[str]:
        """Yields what a stream that ends without its last blank line had still to say."""
        yield from self.feed(b"\n\n")

    def _flush(self) -> Iterator[str]:
        if self._data:
            # A chunk border inside a character cannot tear it: only whole lines are decoded.
            yield b"\n".join(self._data).decode("utf-8", "replace")
            self._data, self._size = [], 0


class JsonLines:
    """Reads a stream of which every line is an event; blank ones are none."""

    def __init__(self) -> None:
        self._lines = LineSplitter()

    def feed(self, data: bytes) -> Iterator[str]:
        """Yields the events that `data` completes."""
        lines = (line.decode("utf-8", "replace") for line in self._lines.feed(data))
        return (line for line in lines if line.strip())

    def finish(self) -> Iterator[str]:
        """Yields the last event of a stream that does not end with a line end."""
        return self.feed(b"\n")
