"""What has come of a text: where it stops, why it ended, what it took. Pure."""

from codestral_ls.model import Chunk, Source, Usage


class Transcript:
    """Takes chunks down and gives out the text that is certain, in pieces.

    Endpoints take few stop sequences, four at Mistral's, and would be sent no more: all are looked
    for here as well. What may become one is held back until it is known. `source` is where the text
    comes from if it was not generated, `is_over` says that nothing more of it is wanted.
    """

    def __init__(self, stops: tuple[str, ...]) -> None:
        self.source: Source | None = None
        self.usage = Usage()
        self.is_over = False
        self._stops = stops
        self._held = ""
        self._reason = ""

    @property
    def finish_reason(self) -> str:
        """Why the text ends; what does not say so has come to its end."""
        return self._reason or "stop"

    def take(self, chunk: Chunk) -> str:
        """Takes a chunk and gives out what is certain by now."""
        self.source = chunk.source or self.source
        self.usage = chunk.usage or self.usage
        if self.is_over:
            return ""
        self._reason = chunk.finish_reason or self._reason
        text, self._held = self._held + chunk.text, ""
        found = [at for stop in self._stops if (at := text.find(stop)) >= 0]
        if found:
            self.is_over, self._reason = True, "stop"
            return text[: min(found)]
        certain = len(text) - max((_begun(text, stop) for stop in self._stops), default=0)
        self._held = text[certain:]
        return text[:certain]

    def finish(self) -> str:
        """Gives out what was held back: nothing follows any more."""
        rest, self._held = self._held, ""
        return rest


def _begun(text: str, stop: str) -> int:
    """How many characters at the end of a text are the beginning of a stop sequence."""
    most = min(len(stop) - 1, len(text))
    return next((size for size in range(most, 0, -1) if text.endswith(stop[:size])), 0)
