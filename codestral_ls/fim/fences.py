"""Text out of the Markdown that models who talk put around it, while it comes. Sans-IO."""

import re

_OPENING = re.compile(r"\s*```[\w+#.-]*[ \t]*\n")
_MAY_OPEN = re.compile(r"\s*(?:`{0,2}|```[\w+#.-]*[ \t]*)")
_CLOSING = re.compile(r"\n[ \t]*```[ \t]*\n")
_CLOSED = re.compile(r"\n[ \t]*```[ \t]*\Z")
_MAY_CLOSE = re.compile(r"\n[ \t]*(?:`{0,2}|```[ \t]*)\Z")


class Unfencing:
    """Takes a text that begins with a fence out of it; any other text is left alone.

    `closed` is true from the closing fence on: what follows is talk.
    """

    def __init__(self) -> None:
        self.closed = False
        self._held = ""
        self._fenced: bool | None = None
        self._put_in_front = 0

    def feed(self, text: str) -> str:
        """What is certain to belong to the text; the rest is held back."""
        if self.closed:
            return ""
        self._held += text
        if self._fenced is None and not self._decided():
            return ""
        return self._let_go(self._certain()) if self._fenced else self._let_go(len(self._held))

    def finish(self) -> str:
        """What was held back, now that nothing follows."""
        closed = _CLOSED.search(self._held) if self._fenced else None
        return "" if self.closed else self._let_go(closed.start() if closed else len(self._held))

    def _decided(self) -> bool:
        opening = _OPENING.match(self._held)
        if opening is None and _MAY_OPEN.fullmatch(self._held):
            return False
        self._fenced = opening is not None
        if opening is not None:
            # A closing fence is looked for behind a line end, which the opening one has taken.
            self._held, self._put_in_front = "\n" + self._held[opening.end() :], 1
        return True

    def _certain(self) -> int:
        closing = _CLOSING.search(self._held)
        self.closed = closing is not None
        possible = closing or _MAY_CLOSE.search(self._held)
        return possible.start() if possible else len(self._held)

    def _let_go(self, count: int) -> str:
        text, self._held = self._held[:count], self._held[count:]
        if text:
            text, self._put_in_front = text[self._put_in_front :], 0
        return text
