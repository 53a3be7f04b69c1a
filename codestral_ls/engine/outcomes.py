"""Why there is no ghost text: every way to end without it, named."""

import json
import logging
from collections.abc import Mapping
from dataclasses import replace

from codestral_ls.engine.presenting import Presented
from codestral_ls.engine.switch import Switch
from codestral_ls.errors import (
    BrokenReply,
    FimError,
    RateLimited,
    Refused,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from codestral_ls.languages import is_chosen, with_chosen
from codestral_ls.model import Nothing, Reason, Request, Source, Trigger
from codestral_ls.reuse.store import Stream
from codestral_ls.settings import Settings
from codestral_ls.wishes import EVERYBODY

_REASONS: Mapping[type[BaseException], Reason] = {
    Unauthorized: Reason.UNAUTHORIZED,
    Refused: Reason.REFUSED,
    RateLimited: Reason.RATE_LIMITED,
    TimedOut: Reason.TIMED_OUT,
    Unavailable: Reason.UNAVAILABLE,
    BrokenReply: Reason.BROKEN_REPLY,
}
FAILURES = frozenset(_REASONS.values())
"""The reasons that speak of the endpoint."""

log = logging.getLogger(__name__)


def gate(request: Request, settings: Settings, switch: Switch, denial: str) -> Nothing | None:
    """Whether this document may be completed now at all; `denial` is the rule against it.

    Who asks by hand does not mean the pause.
    """
    if not switch.is_on:
        return Nothing(reason=Reason.DISABLED, detail=switch.words)
    if switch.snoozed_for and request.trigger is not Trigger.INVOKED:
        return Nothing(reason=Reason.SNOOZED, detail=switch.words)
    if settings.trigger == "manual" and request.trigger is not Trigger.INVOKED:
        return Nothing(reason=Reason.MANUAL_ONLY)
    if denial:
        return Nothing(reason=Reason.DENIED, detail=denial)
    language = request.snapshot.language
    if not is_chosen(language, settings.languages):
        wider = json.dumps(with_chosen(language, settings.languages))
        detail = f'to complete "{language}", set `languages` to {wider}'
        return Nothing(reason=Reason.LANGUAGE_OFF, detail=detail)
    return None


def nothing_of(stream: Stream, presented: Presented | None) -> Nothing:
    """Why a stream that has come to its end shows nothing; the last rule left nothing, if any.

    Nothing of somebody who stands in says more of why he does.
    """
    nothing = _why_nothing(stream, presented)
    if not stream.because:
        return nothing
    who = "the offline provider" if stream.source is Source.OFFLINE else stream.provider
    details = (nothing.detail, f"from {who}, because {stream.because}")
    return replace(nothing, detail="; ".join(filter(None, details)))


def _why_nothing(stream: Stream, presented: Presented | None) -> Nothing:
    nothing = Nothing(
        reason=Reason.SHAPED_AWAY,
        detail=stream.dropped,
        provider=stream.provider,
        model=stream.model,
        usage=stream.usage,
        steps=presented.steps if presented is not None else stream.settled,
        sent=stream.sent,
        because=stream.because,
    )
    if stream.dropped:
        return nothing
    if not stream.text.strip() and not stream.settled:
        return replace(nothing, reason=Reason.EMPTY)
    dropped_by = presented.steps[-1].rule if presented is not None and presented.steps else ""
    cut_off = "longer than max_tokens" if not stream.usable else ""
    settled = stream.settled[-1].rule if stream.settled else ""
    return replace(nothing, detail=dropped_by or cut_off or settled)


def failed_call(error: Exception, stream: Stream) -> Nothing:
    """The reason for what was raised by the call of a stream."""
    return replace(
        failed(error),
        provider=stream.provider,
        model=stream.model,
        usage=stream.usage,
        sent=stream.sent,
    )


def failed(error: Exception) -> Nothing:
    """The reason for what was raised."""
    if isinstance(error, FimError):
        later = error.retry_after if isinstance(error, RateLimited) else 0.0
        return Nothing(reason=reason_of(error), detail=str(error), retry_after=later)
    # Not the message and no values: they could hold the user's code.
    log.error("request failed: %s at %s", type(error).__name__, place_raised(error))
    return Nothing(reason=Reason.INTERNAL_ERROR)


def reason_of(error: Exception) -> Reason:
    """By which name a failure is counted."""
    kinds = type(error).__mro__
    return next((_REASONS[kind] for kind in kinds if kind in _REASONS), Reason.INTERNAL_ERROR)


def blames_host(failure: FimError, request: Request) -> bool:
    """Whether others would fail as well: where several ask, each has parameters of his own."""
    if request.snapshot.scope == EVERYBODY:
        return True
    return isinstance(failure, Unauthorized) or not isinstance(failure, Refused)


def place_raised(error: BaseException) -> str:
    """File and line where an error came up, without anything that a message could tell."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
