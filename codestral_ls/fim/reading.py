"""Bytes of one streamed reply -> chunks for the caller, sans-IO."""

from collections.abc import Callable
from dataclasses import replace

from codestral_ls.errors import BrokenReply, FimError
from codestral_ls.fim.complaints import Complaint
from codestral_ls.fim.dialects import Dialect
from codestral_ls.fim.events import EventTooLarge
from codestral_ls.fim.fences import Unfencing
from codestral_ls.fim.formats.terms import plain_text
from codestral_ls.model import Chunk

END_OF_STREAM = "[DONE]"
MAX_REPLY_CHARS = 256 * 1024
"""No completion is that long; an endpoint that goes on is broken."""


class StreamReading:
    """Hands each chunk of a stream to `more` and knows whether the answer is complete.

    `finished` is true from the chunk with the finish reason on, or from `[DONE]`; what comes behind
    it (usage, in some dialects) is still handed over. Nothing that is wrong there can spoil it.
    """

    def __init__(self, dialect: Dialect, more: Callable[[Chunk], bool]) -> None:
        self.finished = False
        self._dialect = dialect
        self._more = more
        self._events = dialect.framing()
        self._cleaning = dialect.clean and dialect.clean()
        self._size = 0

    def feed(self, data: bytes) -> bool:
        """Takes bytes; False as soon as the caller has enough.

        Raises:
            BrokenReply, Complaint: as the dialect's reader does.
        """
        try:
            return all(self._take(event) for event in self._events.feed(data))
        except EventTooLarge:
            if self.finished:
                return True
            raise BrokenReply("The endpoint sends an event without end.") from None

    def end(self) -> None:
        """The stream has ended.

        Raises:
            BrokenReply: before the answer was complete.
        """
        for event in self._events.finish():
            self._take(event)
        if not self.finished:
            raise BrokenReply("The endpoint ended the stream in the middle of the answer.")

    def _take(self, event: str) -> bool:
        if event == END_OF_STREAM:
            self.finished = True
            held = self._cleaning.finish() if self._cleaning else ""
            return self._more(Chunk(text=held)) if held else True
        try:
            chunk = self._read(event)
        except (FimError, Complaint):
            if self.finished:
                return True
            raise
        self.finished = self.finished or bool(chunk.finish_reason)
        return self._more(chunk)

    def _read(self, event: str) -> Chunk:
        chunk = self._dialect.read(event)
        # Behind the finish there is usage in some dialects, but nothing of the answer.
        chunk = replace(chunk, text="" if self.finished else plain_text(chunk.text))
        self._size += len(chunk.text)
        if self._size > MAX_REPLY_CHARS:
            raise BrokenReply("The endpoint sends far more text than was asked for.")
        return self._cleaned(chunk, self._cleaning) if self._cleaning else chunk

    def _cleaned(self, chunk: Chunk, cleaning: Unfencing) -> Chunk:
        """The chunk without what does not belong to the text, which may end with it."""
        ended = cleaning.closed
        text = cleaning.feed(chunk.text)
        held = cleaning.finish() if chunk.finish_reason else ""
        reason = "stop" if cleaning.closed else chunk.finish_reason
        return replace(chunk, text=text + held, finish_reason="" if ended else reason)
