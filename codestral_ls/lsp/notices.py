"""What the user hears of: each cause once, in words that say what to do.

In the log, what is as it was wanted is information, what passes or can be mended is a warning, and
a mistake of ours is an error. A client that draws the status itself gets no messages on top of what
its symbol shows: the log has them.
"""

from collections.abc import Callable, Iterable

from lsprotocol.types import MessageType

from codestral_ls.engine.condition import Condition, Failure
from codestral_ls.engine.outcomes import reason_of
from codestral_ls.layers import Problem
from codestral_ls.lsp.status import is_seen
from codestral_ls.model import Nothing, Outcome, Reason
from codestral_ls.reuse.daily_limit import WARNED_SHARE
from codestral_ls.settings import Settings

Show = Callable[[MessageType, str], None]

_MENDED_BY_USER = {Reason.UNAUTHORIZED, Reason.REFUSED}
"""What nobody else will mend: told also while another provider serves, which may cost more."""
_SHOWN_ALONE = {Reason.UNAVAILABLE, Reason.BROKEN_REPLY, Reason.TIMED_OUT}
"""What passes by itself, or may be an address at which nobody is: told while no model serves. Rate
limits pass as well, and one answer that is late is no state: the log has them."""
_NEAR, _REACHED = "bound is near", "bound is reached"
_LOGGED = {Reason.RATE_LIMITED, Reason.TIMED_OUT, Reason.INTERNAL_ERROR}


class Notices:
    """Remembers what has been said: of failures and outcomes, until the settings change.

    `has_status` says whether the client draws the status, once that is known.
    """

    def __init__(
        self, show: Show, log: Show, has_status: Callable[[], bool] = lambda: False
    ) -> None:
        self._show = show
        self._log = log
        self._has_status = has_status
        self._said: set[str] = set()
        self._failed: set[tuple[int, Reason]] = set()

    def outcome(self, outcome: Outcome) -> None:
        """Logs why there is no ghost text, if that is worth saying and new."""
        if not isinstance(outcome, Nothing):
            return
        if outcome.reason is Reason.DENIED:
            text = f"not sent, and so no ghost text: {outcome.detail}"
            self._once(self._log, outcome.detail, text, MessageType.Info)
        elif outcome.reason in _LOGGED:
            ours = outcome.reason is Reason.INTERNAL_ERROR
            kind = MessageType.Error if ours else MessageType.Warning
            text = outcome.detail or outcome.reason.value
            self._once(self._log, outcome.reason.value, text, kind)

    def condition(self, condition: Condition) -> None:
        """Says which providers fail, and what the user should know of the money."""
        say = self._log if self._has_status() and is_seen(condition) else self._show
        for each in condition.failures:
            self._failure(say, each, condition)
        self._money(say, condition.warning, condition.spent)

    def _failure(self, say: Show, failure: Failure, condition: Condition) -> None:
        reason = reason_of(failure.error)
        alone = reason in _SHOWN_ALONE and not condition.serves
        known = (failure.number, reason)
        if known in self._failed or not (alone or reason in _MENDED_BY_USER):
            return
        self._failed.add(known)
        who = f"{failure.provider}: " if condition.several else ""
        meanwhile = f" {condition.provider} serves meanwhile." if condition.serves else ""
        say(MessageType.Warning, f"codestral-ls: {who}{failure.error}{meanwhile}")

    def _money(self, say: Show, words: str, spent: float) -> None:
        """Says once a day that its bound is near, and that it is reached."""
        if spent < WARNED_SHARE:
            self.forget_bounds()  # a new day
        if not words:
            return
        if WARNED_SHARE <= spent < 1:
            self._once(say, _NEAR, words, MessageType.Info)
        else:
            self._once(say, _REACHED if spent >= 1 else words, words)

    def session_alone(self, why: str, kind: MessageType) -> None:
        """Shows that the bounds of the day know of this session only.

        Whoever has set them relies on them, and the next session would begin anew.
        """
        text = f"the bounds of the day hold for this session alone, since {why}"
        self._once(self._show, why, text, kind)

    def problems(self, problems: Iterable[Problem]) -> None:
        """Says what is wrong with the settings."""
        for problem in problems:
            self._once(self._show if problem.loud else self._log, problem.message, problem.message)

    def forget_outcomes(self) -> None:
        """The settings have changed: the same failure would be a new one."""
        self._said -= {reason.value for reason in Reason}
        self._failed.clear()

    def forget_bounds(self) -> None:
        """There are other bounds: to come near them and to reach them is news again."""
        self._said -= {_NEAR, _REACHED}

    def _once(
        self, say: Show, cause: str, text: str, kind: MessageType = MessageType.Warning
    ) -> None:
        if cause not in self._said:
            self._said.add(cause)
            say(kind, f"codestral-ls: {text}")


def bounds_of(settings: Settings) -> tuple[int, float]:
    """What a day may cost."""
    return settings.daily_requests, settings.daily_budget
