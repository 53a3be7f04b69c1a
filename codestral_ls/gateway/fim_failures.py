"""Why there is no completion, in the forms of Mistral's API. Pure.

What a model's own host says stays with the gateway: it may speak of its key. The one who asks is
told what it means for him.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from codestral_ls.engine.outcomes import reason_of
from codestral_ls.errors import FimError, RateLimited, TooLong
from codestral_ls.gateway.errors import Refusal, failure_of, internal_error
from codestral_ls.model import Nothing

_TYPES: Mapping[str, tuple[str, str]] = {
    "unknown_model": ("invalid_model", "1500"),
    "too_long": ("invalid_request_error", "3051"),
}
"""What a code is called there: type and number."""
_LIMITED = ("rate_limited", "1300")
TOO_LONG = Refusal(
    status=HTTPStatus.BAD_REQUEST,
    code="too_long",
    message="The prompt is too large for model and its answer: send less of the text.",
    field_name="prompt",
)


def refusal_for(error: FimError) -> Refusal:
    """What to tell of a call that has failed."""
    if isinstance(error, TooLong):
        return TOO_LONG
    retry_in = error.retry_after if isinstance(error, RateLimited) else 0.0
    return failure_of(Nothing(reason=reason_of(error)), retry_in=retry_in) or internal_error()


def error_of(refusal: Refusal, request_id: str) -> dict[str, Any]:
    """The body with which Mistral's API would refuse the same."""
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        return {"message": "Unauthorized", "request_id": request_id}
    is_limited = refusal.status == HTTPStatus.TOO_MANY_REQUESTS
    kind, number = _LIMITED if is_limited else _TYPES.get(refusal.code, (refusal.code, None))
    return {
        "object": "error",
        "message": refusal.message,
        "type": kind,
        "param": refusal.field_name or None,
        "code": number,
        "raw_status_code": int(refusal.status),
    }
