"""A gateway of this project: Mistral's format, and what it says of what it refuses. Pure."""

from codestral_ls.errors import RateLimited, Refused, TimedOut
from codestral_ls.fim.formats.terms import Hint

HINTS = (
    # Of a proxy in front of it, or of a name by which it does not know itself: no key mends that.
    Hint(
        403,
        "",
        Refused,
        "{host} does not let this request in{said}. Check {address_in}, or ask whoever runs it.",
    ),
    Hint(429, r"(?i)budget|day", RateLimited, "{host} has nothing left for today{said}."),
    Hint(504, "", TimedOut, "{host} has had no answer from its model in time{said}."),
)
