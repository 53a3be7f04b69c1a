"""Values -> replies: JSON, errors, and events of a stream. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from codestral_ls.gateway.errors import Refusal

EVENT_STREAM = "text/event-stream"
STREAM_HEADERS: Mapping[str, str] = {
    "Content-Type": f"{EVENT_STREAM}; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would collect the events
}
_NO_WEIGHT = re.compile(r"0(\.0*)?")


def dumped(value: object) -> bytes:
    """JSON in ASCII: that carries half a surrogate pair, and many clients cut streams at U+2028."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def json_reply(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A reply that holds a value."""
    return Response(dumped(value), status, headers, media_type="application/json")


def error_of(refusal: Refusal) -> dict[str, Any]:
    """The body of a refusal; `field` is there if one of the request's is wrong."""
    error = {"code": refusal.code, "message": refusal.message}
    if refusal.field_name:
        error["field"] = refusal.field_name
    return {"error": error}


def error_reply(refusal: Refusal) -> Response:
    """The reply that says why there is none."""
    return json_reply(error_of(refusal), refusal.status, refusal.headers)


def event(name: str, value: object) -> bytes:
    """One event of a stream."""
    return b"event: %b\ndata: %b\n\n" % (name.encode("ascii"), dumped(value))


def accepts_gzip(encodings: str) -> bool:
    """Whether an `Accept-Encoding` has room for gzip; what has no weight is not wanted."""
    codings = (each.replace(" ", "").lower().partition(";q=") for each in encodings.split(","))
    weights = {coding: weight for coding, _, weight in codings}
    found = [weights[each] for each in ("gzip", "x-gzip", "*") if each in weights]
    return bool(found) and not _NO_WEIGHT.fullmatch(found[0])
