"""Why there is no ghost text: every way to end without it, named."""

import logging
from collections.abc import Mapping

from codestral_ls.model import (
    BrokenReply,
    FimError,
    Nothing,
    RateLimited,
    Reason,
    Refused,
    Request,
    TimedOut,
    Trigger,
    Unauthorized,
    Unavailable,
)
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


def gate(request: Request, settings: Settings) -> Nothing | None:
    """Whether this document may be completed now at all."""
    if not settings.enabled:
        return Nothing(reason=Reason.DISABLED)
    if settings.trigger == "manual" and request.trigger is not Trigger.INVOKED:
        return Nothing(reason=Reason.MANUAL_ONLY)
    language = request.snapshot.language
    included = "*" in settings.languages or language in settings.languages
    if not included or f"!{language}" in settings.languages:
        return Nothing(reason=Reason.LANGUAGE_OFF, detail=language)
    return None


def nothing_of(stream: Stream) -> Nothing:
    """Why a stream that has come to its end shows nothing."""
    return Nothing(reason=Reason.SHAPED_AWAY if stream.text.strip() else Reason.EMPTY)


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
