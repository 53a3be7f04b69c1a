"""Writing a stream from what a call brings, until there is enough of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from codestral_ls.context.secrets import holds_placeholder
from codestral_ls.engine.presenting import wanted_by
from codestral_ls.model import Chunk, Prompt, RateLimits, Request
from codestral_ls.reuse.flights import Flight
from codestral_ls.settings import Settings
from codestral_ls.shaping.extent import cut_reading
from codestral_ls.shaping.settling import Intake
from codestral_ls.shaping.surroundings import look_around

REST_TOKENS = 128
"""Behind what is shown; with `rest_lines` it bounds what is generated for later."""
CUT_OFF = ("", "length", "model_length", "error")
"""Ways for a call to end in the middle of a text; the first one: broken off by ourselves."""
PLACEHOLDER_WRITTEN = "placeholder of a secret"


@dataclass(slots=True, kw_only=True)
class Writing:
    """Writes a stream from its chunks, and knows when there is enough of it.

    A text that shows the placeholder of a secret is dropped. `come` counts its bytes as the model
    wrote it.
    """

    flight: Flight
    request: Request
    settings: Settings
    learn: Callable[[RateLimits], None]
    now: Callable[[], float]
    prompt: Prompt
    intake: Intake = field(init=False)
    come: int = 0
    shown: int = -1
    behind: int = 0

    def __post_init__(self) -> None:
        self.intake = Intake(around=look_around(self.request.snapshot))

    def take(self, chunk: Chunk) -> bool:
        """Takes a chunk; False when what is shown and a bounded rest are complete."""
        stream = self.flight.stream
        if chunk.limits is not None:
            self.learn(chunk.limits)
        if chunk.text:
            if not stream.text:
                self.flight.first_token = self.now() - stream.begun
            self.come += len(chunk.text.encode("utf-8", "replace"))
            self.intake.feed(chunk.text)
            hides = self.prompt.redacted
            if hides and holds_placeholder(self.intake.text, before=self.prompt.prefix):
                stream.text, stream.dropped, stream.ended = "", PLACEHOLDER_WRITTEN, True
                return False
        if chunk.finish_reason:
            self.intake.finish()
        stream.text, stream.settled = self.intake.text, self.intake.applied
        stream.usage = chunk.usage or stream.usage
        stream.finish_reason = chunk.finish_reason or stream.finish_reason
        stream.ended = self.intake.over or stream.finish_reason not in CUT_OFF
        if stream.finish_reason:
            return True
        return not self.intake.over and not self._is_enough(
            stream.text, new_line="\n" in chunk.text
        )

    def _is_enough(self, text: str, *, new_line: bool) -> bool:
        if self.shown < 0 and new_line:
            wanted = wanted_by(self.request, self.settings, fresh=True)
            part = cut_reading(self.intake.reading, wanted, finished=False)
            self.shown = len(part.text) if part.complete else -1
        if self.shown < 0:
            return False
        self.behind += 1
        return text.count("\n", self.shown) > self.settings.rest_lines or self.behind > REST_TOKENS
