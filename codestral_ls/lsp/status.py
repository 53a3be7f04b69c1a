"""How it stands, in the words of a status bar. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from codestral_ls.engine.condition import Condition
from codestral_ls.errors import RateLimited
from codestral_ls.model import Reason

State = Literal["ready", "busy", "paused", "rate-limited", "offline", "error"]

TOGGLE, PAUSE, RETRY = "codestral.toggle", "codestral.pause", "codestral.retry"
STATISTICS = "codestral.statistics"
MOST_SECONDS = 90
"""Up to which a time is told in seconds, and up to ten of them to the second."""

LOOK_SECONDS = 600.0
"""Between two looks at whether the day is over: no clock for waiting counts a machine's sleep."""


class Action(NamedTuple):
    """A command that helps, as an editor offers it."""

    title: str
    command: str
    arguments: tuple[int, ...] = ()


SWITCH_ON = Action("Switch ghost text on", TOGGLE)
RESUME = Action("Resume ghost text", PAUSE, (0,))
TRY_AGAIN = Action("Try again now", RETRY)
SHOW_STATISTICS = Action("Show statistics", STATISTICS)


@dataclass(frozen=True, slots=True)
class Status:
    """A state for a symbol, the message of its tooltip, and what would help."""

    state: State
    message: str
    action: Action | None = None

    def as_json(self) -> dict[str, Any]:
        """What goes to the client; the command is one of LSP's."""
        command = self.action and {**self.action._asdict(), "arguments": [*self.action.arguments]}
        return {"state": self.state, "message": self.message, "command": command}


def place_of(url: str) -> str:
    """Host and port, as far as a port is named; no credentials, and no path."""
    return urlsplit(url).netloc.rpartition("@")[2]


def status_of(condition: Condition, *, places: Sequence[str], keyless: bool) -> Status:
    """What the user is shown.

    `places` is where those are who may be asked, in their order; `keyless` says that the offline
    provider serves for want of a key. While a model serves all is well, whatever the preferred
    one does meanwhile.
    """
    if not condition.enabled:
        return Status("paused", "switched off", SWITCH_ON)
    if condition.snoozed_seconds > 0:
        left = _duration(condition.snoozed_seconds, more="more ")
        return Status("paused", f"paused for {left}", RESUME)
    if condition.cause is Reason.SPENT:
        return Status("offline", condition.warning, SHOW_STATISTICS)
    if condition.failures and not condition.serves:
        return _failing(condition)
    if condition.offline:
        files = "your own files complete"
        return Status("offline", f"no key is set: {files}" if keyless else files)
    number = condition.number
    return _serving(condition, places[number] if number < len(places) else "")


def is_seen(condition: Condition) -> bool:
    """Whether the state tells what is wrong, so that a symbol shows it.

    While another model serves, or a bound is near, all is well but for the words of a tooltip,
    at which nobody looks.
    """
    failing = bool(condition.failures) and not condition.serves
    return failing or condition.cause is Reason.SPENT


def _failing(condition: Condition) -> Status:
    again = f"again in {_duration(condition.retry_in)}" if condition.retry_in > 0 else ""
    meanwhile = "the offline provider completes meanwhile" if condition.offline else ""
    if all(isinstance(each.error, RateLimited) for each in condition.failures):
        said = ", ".join(filter(None, ("rate limit", again, meanwhile)))
        return Status("rate-limited", said, TRY_AGAIN)
    rest = ", ".join(filter(None, (again, meanwhile)))
    said = _failures(condition) if condition.several else str(condition.failure)
    return Status("error", f"{said} ({rest})" if rest else said, TRY_AGAIN)


def _serving(condition: Condition, place: str) -> Status:
    message, action = _who(condition.provider, condition.model, place), None
    if condition.failures:  # of providers before this one
        where = f" ({place})" if place else ""
        message = f"{condition.provider} serves{where}; {_failures(condition)}"
        action = TRY_AGAIN
    if condition.warning:
        message = f"{message.removesuffix('.')}. {condition.warning}"
    return Status("busy" if condition.busy else "ready", message, action)


def _failures(condition: Condition) -> str:
    told = ((each.provider, str(each.error).removesuffix(".")) for each in condition.failures)
    return "; ".join(f"{provider}: {words}" for provider, words in told)


def _who(provider: str, model: str, place: str) -> str:
    """Who is asked, and where; a vendor's name is not said twice."""
    if not model or not place:
        return " at ".join(filter(None, (model or provider, place or (model and provider))))
    known = place.startswith(f"{provider}.") or f".{provider}." in place
    return f"{model} at {place}" if known else f"{model} of {provider} at {place}"


def changes_in(condition: Condition) -> float:
    """After how many seconds the same condition would be told in other words; 0 if never."""
    told = bool(condition.failures) and not condition.serves
    seconds = condition.snoozed_seconds or (condition.retry_in if told else 0)
    midnight = min(condition.day_left, LOOK_SECONDS)
    return min(filter(None, (_told_anew(seconds), midnight)), default=0.0)


def _told_anew(seconds: float) -> float:
    if seconds <= 0 or seconds <= _step(seconds):
        return max(seconds, 0)
    step = _step(seconds)
    next_one = (math.ceil(seconds / step) - 1) * step
    return seconds - (max(next_one, MOST_SECONDS) if seconds > MOST_SECONDS else next_one)


def _duration(seconds: float, more: str = "") -> str:
    count = math.ceil(seconds / _step(seconds))
    if seconds <= MOST_SECONDS:
        return f"{count * 10 if seconds > 10 else math.ceil(seconds)} {more}s"  # noqa: PLR2004 - see `_step`
    return f"{count} {more}minutes"


def _step(seconds: float) -> int:
    """By how much a time must change to be worth telling anew."""
    return 10 if seconds <= MOST_SECONDS else 60
