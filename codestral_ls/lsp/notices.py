"""What the user hears of: each cause once, in words that say what to do."""

from collections.abc import Callable, Iterable

from lsprotocol.types import MessageType

from codestral_ls.layers import Problem
from codestral_ls.model import Nothing, Outcome, Reason

Show = Callable[[MessageType, str], None]

_SHOWN = {Reason.UNAUTHORIZED, Reason.REFUSED, Reason.UNAVAILABLE, Reason.BROKEN_REPLY}
"""What the user may have to mend. Slowness and rate limits pass by themselves: the log has them."""
MANY_TIMEOUTS = 2
"""One late answer passes by itself; more may be an address at which nobody is."""
_LOGGED = {Reason.RATE_LIMITED, Reason.TIMED_OUT, Reason.INTERNAL_ERROR}


class Notices:
    """Remembers what has been said, until the settings change."""

    def __init__(self, show: Show, log: Show) -> None:
        self._show = show
        self._log = log
        self._said: set[str] = set()
        self._timeouts = 0

    def outcome(self, outcome: Outcome) -> None:
        """Says why there is no ghost text, if that is worth saying and new."""
        if not isinstance(outcome, Nothing):
            return
        self._timeouts += outcome.reason is Reason.TIMED_OUT
        if outcome.reason in _SHOWN or self._timeouts == MANY_TIMEOUTS:
            self._once(self._show, f"{outcome.reason.value} shown", outcome.detail)
        elif outcome.reason is Reason.DENIED:
            self._once(
                self._log, outcome.detail, f"not sent, and so no ghost text: {outcome.detail}"
            )
        elif outcome.reason in _LOGGED:
            self._once(self._log, outcome.reason.value, outcome.detail or outcome.reason.value)

    def problems(self, problems: Iterable[Problem]) -> None:
        """Says what is wrong with the settings."""
        for problem in problems:
            self._once(self._show if problem.loud else self._log, problem.message, problem.message)

    def forget_outcomes(self) -> None:
        """The settings have changed: the same failure would be a new one."""
        reasons = {reason.value for reason in Reason}
        self._said -= reasons | {f"{reason} shown" for reason in reasons}
        self._timeouts = 0

    def _once(self, say: Show, cause: str, text: str) -> None:
        if cause not in self._said:
            self._said.add(cause)
            say(MessageType.Warning, f"codestral-ls: {text}")
