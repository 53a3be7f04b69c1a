"""Why a request is not answered, in a form that does not change."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from codestral_ls.engine.condition import Condition
from codestral_ls.model import Nothing, Reason


@dataclass(slots=True, kw_only=True, eq=False)
class Refusal(Exception):
    """Raised by whatever a route calls; each family of routes writes it in its own form.

    `code` is one word that programs may rely on, `message` says what happened and what to do,
    `field` which field of the body is wrong, "" for none. No part of a message is the user's text.
    """

    status: int
    code: str
    message: str
    field_name: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class _Told(NamedTuple):
    """What a failure is called outside."""

    status: int
    code: str
    message: str


_OWNER = "Whoever runs this gateway can mend that; its log says more."
_FAILURES: Mapping[Reason, _Told] = {
    Reason.UNAUTHORIZED: _Told(
        502, "upstream_unauthorized", f"The model's host refuses the gateway's key. {_OWNER}"
    ),
    Reason.REFUSED: _Told(
        502, "upstream_refused", f"The model's host refuses the gateway's request. {_OWNER}"
    ),
    Reason.BROKEN_REPLY: _Told(
        502, "upstream_broken_reply", f"The model's host answers with what is no reply. {_OWNER}"
    ),
    Reason.UNAVAILABLE: _Told(
        503, "upstream_unavailable", "The model's host is failing, or out of reach. Try again."
    ),
    Reason.PAUSED: _Told(
        503, "upstream_paused", "The model has failed lately and is not asked now. Try again later."
    ),
    Reason.TIMED_OUT: _Told(
        504, "upstream_timed_out", "The model has not answered before the deadline. Try again."
    ),
    Reason.RATE_LIMITED: _Told(
        429, "upstream_rate_limited", "The model's host limits the rate of the gateway's requests."
    ),
    Reason.SPENT: _Told(
        429, "budget_spent", f"What the gateway may spend today is spent. {_OWNER}"
    ),
    Reason.CANCELLED: _Told(503, "broken_off", "The gateway has broken this off. Try again."),
    Reason.SUPERSEDED: _Told(503, "broken_off", "The gateway has broken this off. Try again."),
    Reason.INTERNAL_ERROR: _Told(
        500, "internal", "A mistake of the gateway itself: its log says where."
    ),
}
"""The reasons that are failures; all others are good ones for having no text to show."""
_LATER = frozenset(
    {Reason.UNAVAILABLE, Reason.PAUSED, Reason.RATE_LIMITED, Reason.SPENT}
    | {Reason.CANCELLED, Reason.SUPERSEDED}
)
"""Those that pass by themselves, if one comes back later."""


def failure_of(
    nothing: Nothing, *, retry_in: float = 0.0, detailed: bool = False
) -> Refusal | None:
    """The failure that a reason is for who asked; None if it is a good reason for no text.

    What the model's host has said may name accounts and addresses: it is told, `detailed`, only
    to who runs the gateway as well.
    """
    told = _FAILURES.get(nothing.reason)
    if told is None:
        return None
    message = f"{told.message} ({nothing.detail})" if detailed and nothing.detail else told.message
    wait = max(retry_in, nothing.retry_after)
    later = {"Retry-After": seconds_to_wait(wait)} if nothing.reason in _LATER else {}
    return Refusal(status=told.status, code=told.code, message=message, headers=later)


def failure_in(condition: Condition, nothing: Nothing, *, detailed: bool = False) -> Refusal | None:
    """The same, with the time after which an engine in such a condition can be asked again."""
    is_spent = nothing.reason is Reason.SPENT
    retry_in = condition.day_left if is_spent else condition.retry_in
    return failure_of(nothing, retry_in=retry_in, detailed=detailed)


def seconds_to_wait(seconds: float) -> str:
    """The value of `Retry-After`: whole seconds, at least one."""
    return str(max(1, math.ceil(seconds)))


def internal_error() -> Refusal:
    """What is told of a mistake of ours: nothing of it."""
    told = _FAILURES[Reason.INTERNAL_ERROR]
    return Refusal(status=told.status, code=told.code, message=told.message)
