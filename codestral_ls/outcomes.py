"""Why there is no ghost text: every way to end without it, named."""

import json
import logging
from collections.abc import Mapping

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
from codestral_ls.model import Nothing, Reason, Request, Trigger
from codestral_ls.reuse.store import Stream
from codestral_ls.settings import Settings

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


def gate(request: Request, settings: Settings, denial: str) -> Nothing | None:
    """Whether this document may be completed now at all; `denial` is the rule against it."""
    if not settings.enabled:
        return Nothing(reason=Reason.DISABLED)
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


def nothing_of(stream: Stream, dropped_by: str) -> Nothing:
    """Why a stream that has come to its end shows nothing; the rule that left nothing, if any."""
    if stream.dropped:
        return Nothing(reason=Reason.SHAPED_AWAY, detail=stream.dropped)
    if not stream.text.strip() and not stream.settled:
        return Nothing(reason=Reason.EMPTY)
    cut_off = "longer than max_tokens" if not stream.usable else ""
    detail = dropped_by or cut_off or next(reversed(stream.settled), "")
    return Nothing(reason=Reason.SHAPED_AWAY, detail=detail)


def failed(error: Exception) -> Nothing:
    """The reason for what was raised."""
    if isinstance(error, FimError):
        reason = next(_REASONS[kind] for kind in type(error).__mro__ if kind in _REASONS)
        return Nothing(reason=reason, detail=str(error))
    # Not the message and no values: they could hold the user's code.
    log.error("request failed: %s at %s", type(error).__name__, place_raised(error))
    return Nothing(reason=Reason.INTERNAL_ERROR)


def place_raised(error: BaseException) -> str:
    """File and line where an error came up, without anything that a message could tell."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
