"""What calls and requests came to: told to who counts it, and paid from the day's limit."""

import logging

from codestral_ls.engine.journal import Record, name_of
from codestral_ls.happenings import CallEnded, CallUsed, Happening, Labels, RequestEnded, Tell
from codestral_ls.model import Answer, Usage
from codestral_ls.reuse.daily_limit import DailyLimit
from codestral_ls.reuse.store import Stream
from codestral_ls.vendors import Prices

MILLION = 1_000_000

log = logging.getLogger(__name__)


class Metering:
    """Tells what happened, each thing once; whoever listens cannot spoil a completion."""

    def __init__(self, tell: Tell, daily_limit: DailyLimit) -> None:
        self._tell = tell
        self.daily_limit = daily_limit

    def request_ended(self, record: Record) -> None:
        """A request has its outcome."""
        outcome = record.outcome
        answered = isinstance(outcome, Answer)
        self._note(
            RequestEnded(
                labels=Labels(
                    language=record.language,
                    provider=outcome.provider,
                    model=outcome.model,
                    owner=record.owner,
                ),
                outcome=name_of(outcome),
                answered=answered,
                waited=outcome.timings.waited,
                total=outcome.timings.total,
                chars=len(outcome.text) if isinstance(outcome, Answer) else 0,
            )
        )

    def call_begins(self, *, costs: bool, held: float) -> None:
        """A call goes out, for which so much is held back until it is known what it has cost."""
        if costs:
            self.daily_limit.begin(held)

    def call_undone(self, *, costs: bool, held: float) -> None:
        """One that was to go out has not."""
        if costs:
            self.daily_limit.undo(held)

    def call_ended(self, call: CallEnded, stream: Stream, *, held: float) -> None:
        """A call of a stream is over."""
        if held or call.cost:
            self.daily_limit.pay(call.cost, held)
        stream.unused = None if call.shown or (call.failure and not stream.text) else call
        self._note(call)

    def used(self, stream: Stream) -> None:
        """An answer has been made of a stream."""
        call, stream.unused, stream.used = stream.unused, None, True
        if call is not None:
            self._note(
                CallUsed(
                    labels=call.labels,
                    prompt_tokens=call.prompt_tokens,
                    completion_tokens=call.completion_tokens,
                )
            )

    def _note(self, happening: Happening) -> None:
        try:
            self._tell(happening)
        except Exception as error:  # noqa: BLE001 - what counts must not cost anybody an answer
            name = type(error).__name__
            log.warning("%s was not counted: %s", type(happening).__name__, name)


def cost_of(usage: Usage, prices: Prices | None) -> float:
    """What tokens cost; 0 where the price is not known. Cached ones are counted in full."""
    if prices is None:
        return 0.0
    spent = usage.prompt_tokens * prices.prompt + usage.completion_tokens * prices.completion
    return spent / MILLION
