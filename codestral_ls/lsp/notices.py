"""What the user hears of: each cause once, in words that say what to do."""

from collections.abc import Callable, Iterable

from lsprotocol.types import MessageType

from codestral_ls.model import Nothing, Outcome, Reason
from codestral_ls.settings import Problem

Show = Callable[[MessageType, str], None]

_SHOWN = {Reason.UNAUTHORIZED, Reason.REFUSED, Reason.UNAVAILABLE, Reason.BROKEN_REPLY}
"""What the user may have to mend. Slowness and rate limits pass by themselves: the log has them."""
_LOGGED = {Reason.RATE_LIMITED, Reason.TIMED_OUT, Reason.INTERNAL_ERROR}


class Notices:
    """Remembers what has been said, until the settings change."""

    def __init__(self, show: Show, log: Show) -> None:
        self._show = show
        self._log = log
        self._said: set[str] = set()

    def outcome(self, outcome: Outcome) -> None:
        """Says why there is no ghost text, if that is worth saying and new."""
        if not isinstance(outcome, Nothing):
            return
        if outcome.reason in _SHOWN:
            self._once(self._show, outcome.reason.value, outcome.detail)
        elif outcome.reason in _LOGGED:
            self._once(self._log, outcome.reason.value, outcome.detail or outcome.reason.value)

    def problems(self, problems: Iterable[Problem]) -> None:
        """Says what is wrong with the settings."""
        for problem in problems:
            self._once(self._show if problem.loud else self._log, problem.message, problem.message)

    def forget_outcomes(self) -> None:
        """The settings have changed: the same failure would be a new one."""
        self._said -= {reason.value for reason in Reason}

    def _once(self, say: Show, cause: str, text: str) -> None:
        if cause not in self._said:
            self._said.add(cause)
            say(MessageType.Warning, f"codestral-ls: {text}")
