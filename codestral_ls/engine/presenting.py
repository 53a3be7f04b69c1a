"""From the rest of a stream to what a request is shown of it. Pure."""

from dataclasses import dataclass

from codestral_ls.model import Answer, Edit, Request, Step, Trigger
from codestral_ls.reuse.place import place_of
from codestral_ls.reuse.store import Stream
from codestral_ls.settings import Settings
from codestral_ls.shaping.extent import Cut, Wanted, cut
from codestral_ls.shaping.rules import Draft, fit
from codestral_ls.shaping.stops import read
from codestral_ls.shaping.surroundings import Surroundings, look_around

INVOKED_LINES = 20
"""Who asks by hand wants the block, not its head."""


def wanted_by(request: Request, settings: Settings, *, fresh: bool) -> Wanted:
    """How much of a text is wanted at the cursor of a request."""
    invoked = request.trigger is Trigger.INVOKED
    return Wanted(
        lines=INVOKED_LINES if invoked else settings.max_lines,
        multiline=settings.multiline,
        goes_on=invoked or not fresh or request.edit is Edit.INSERTED,
    )


@dataclass(frozen=True, slots=True)
class Presented:
    """What is shown of a stream up to one of its characters, or the rules that left nothing."""

    answer: Answer | None
    shown_to: int
    steps: tuple[Step, ...]


def present(
    stream: Stream, rest: str, request: Request, settings: Settings, *, as_if_over: bool = False
) -> Presented | None:
    """What to show of the rest of a stream at a request's cursor; None if that is not known yet.

    What is on the screen already is shown again as it is, see `Stream.shown_again`. It is known
    `as_if_over` of a stream that is still growing what it would be if nothing more came.
    """
    offset, around = len(stream.usable) - len(rest), look_around(request.snapshot)
    part = _again(stream, rest, around)
    if not part.text.strip():
        wanted = wanted_by(request, settings, fresh=not offset)
        part = cut(rest, around, wanted, finished=as_if_over or not stream.growing)
    if not part.complete:
        return None
    asked = request.trigger is Trigger.INVOKED
    shaped = fit(Draft(text=part.text, fresh=not offset, asked=asked), around)
    extent = (Step(part.rule, len(rest), len(part.text)),) if part.rule else ()
    steps = (*stream.settled, *extent, *shaped.applied)
    if not shaped.text:
        return Presented(None, shown_to=offset, steps=steps)
    answer = Answer(
        text=shaped.text,
        replaces=shaped.replaces,
        source=stream.source,
        provider=stream.provider,
        model=stream.model,
        finish_reason=stream.finish_reason,
        usage=stream.usage,
        steps=steps,
        sent=stream.sent,
        because=stream.because,
    )
    return Presented(answer, shown_to=offset + len(part.text), steps=steps)


def _again(stream: Stream, rest: str, around: Surroundings) -> Cut:
    """What is on the screen already, less what the editor has closed below since."""
    text = stream.shown_again(rest)
    if not text.strip() or place_of(around.snapshot).after == stream.place.after:
        return Cut(text, complete=True, rule="")
    reading = read(text, around, finished=True)
    return Cut(reading.text, complete=True, rule=reading.ended_by)
