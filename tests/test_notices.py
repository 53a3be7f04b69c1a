"""What the user hears of, how loudly, and how often."""

from typing import Any

import pytest
from lsprotocol.types import MessageType

from codestral_ls.engine.condition import Condition, Failure
from codestral_ls.errors import (
    BrokenReply,
    FimError,
    RateLimited,
    Refused,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from codestral_ls.layers import Problem
from codestral_ls.lsp.notices import Notices
from codestral_ls.model import Nothing, Reason


class Heard:
    """Notices, and where they went."""

    def __init__(self, *, has_status: bool = False) -> None:
        self.shown: list[str] = []
        self.kinds: list[MessageType] = []
        self.logged: list[tuple[MessageType, str]] = []
        self.notices = Notices(
            self.show, lambda kind, text: self.logged.append((kind, text)), lambda: has_status
        )

    def show(self, kind: MessageType, text: str) -> None:
        self.shown.append(text)
        self.kinds.append(kind)

    def fail(self, reason: Reason, detail: str = "") -> None:
        self.notices.outcome(Nothing(reason=reason, detail=detail))

    def stand(self, *failures: FimError, serves: bool = True, **more: Any) -> None:
        """How it stands with `p0`, `p1` and so on, that fail in this way."""
        told = tuple(
            Failure(number=number, provider=f"p{number}", error=error)
            for number, error in enumerate(failures)
        )
        condition = Condition(
            enabled=True,
            snoozed_seconds=0.0,
            busy=False,
            provider="last",
            model="m",
            serves=serves,
            failures=told,
            **more,
        )
        self.notices.condition(condition)

    def spend(self, words: str, spent: float) -> None:
        self.stand(warning=words, spent=spent)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (Reason.DENIED, MessageType.Info),
        (Reason.RATE_LIMITED, MessageType.Warning),
        (Reason.TIMED_OUT, MessageType.Warning),
        (Reason.INTERNAL_ERROR, MessageType.Error),
    ],
)
def test_the_log_tells_what_is_serious(reason: Reason, kind: MessageType) -> None:
    """Once, and nothing pops up."""
    heard = Heard()
    for _ in range(3):
        heard.fail(reason, "why")
    ((told, text),) = heard.logged
    assert told is kind
    assert text.endswith("why")
    assert heard.shown == []


def test_what_the_user_switches_is_no_news() -> None:
    """The status says it; and what ends in the usual way is not told at all."""
    heard = Heard()
    for reason in (Reason.SNOOZED, Reason.DISABLED, Reason.SPENT, Reason.EMPTY, Reason.PAUSED):
        heard.fail(reason, "why")
    assert (heard.logged, heard.shown) == ([], [])


def test_the_days_bound_is_told_once_a_day() -> None:
    """Near is information, reached is a warning; the next day, or with another bound, anew."""
    heard = Heard()
    for _day in range(2):
        for spent in (0.0, 0.5):
            heard.spend("", spent)
        for spent in (0.8, 0.9, 0.99, 1.0, 1.2):
            heard.spend(f"{spent} are used up", spent)
    near, reached = "codestral-ls: 0.8 are used up", "codestral-ls: 1.0 are used up"
    assert heard.shown == [near, reached] * 2
    assert heard.kinds == [MessageType.Info, MessageType.Warning] * 2
    assert heard.logged == []


def test_a_bound_without_prices_is_told_once() -> None:
    """Far from any bound, since none can be reckoned: whoever has set it relies on it."""
    heard = Heard()
    for _ in range(3):
        heard.spend("the price is not known", 0.0)
    assert heard.shown == ["codestral-ls: the price is not known"]


def test_a_bound_that_the_next_session_does_not_know_of_is_told_once() -> None:
    """With the reason."""
    heard = Heard()
    for _ in range(2):
        heard.notices.session_alone("`stats` is off", MessageType.Info)
    (text,) = heard.shown
    assert text.endswith("hold for this session alone, since `stats` is off")


@pytest.mark.parametrize("error", [Unauthorized("no key."), Refused("no such model.")])
def test_what_the_user_has_to_mend_is_told_although_another_serves(error: FimError) -> None:
    """Once, with the name of whom it is about and of who serves; with other settings anew."""
    heard = Heard()
    for _ in range(2):
        heard.stand(error, several=True)
        heard.stand(error, several=True, serves=False)
    assert heard.shown == [f"codestral-ls: p0: {error} last serves meanwhile."]
    heard.notices.forget_outcomes()
    heard.stand(error, serves=False)
    assert heard.shown[1:] == [f"codestral-ls: {error}"]


@pytest.mark.parametrize("error", [Unavailable("down."), BrokenReply("html."), TimedOut("late.")])
def test_what_may_pass_by_itself_is_told_when_no_model_is_left(error: FimError) -> None:
    """Then of all of them; a rate limit never."""
    heard = Heard()
    heard.stand(error, several=True)
    heard.stand(RateLimited("slow."), serves=False)
    assert heard.shown == []
    for _ in range(2):
        heard.stand(error, error, RateLimited("slow."), several=True, serves=False)
    assert heard.shown == [f"codestral-ls: p0: {error}", f"codestral-ls: p1: {error}"]


def test_what_a_symbol_shows_does_not_pop_up() -> None:
    """A client that draws the status gets it in the log: no model serves, or the day is spent."""
    heard = Heard(has_status=True)
    for _ in range(2):
        errors = (Unauthorized("no key."), Unavailable("down."))
        heard.stand(*errors, several=True, serves=False, spent=1.0)
        heard.stand(warning="all is used up", spent=1.0, serves=False, cause=Reason.SPENT)
    assert heard.shown == []
    assert heard.logged == [
        (MessageType.Warning, "codestral-ls: p0: no key."),
        (MessageType.Warning, "codestral-ls: p1: down."),
        (MessageType.Warning, "codestral-ls: all is used up"),
    ]


def test_what_stands_in_a_tooltip_alone_pops_up() -> None:
    """As far as a symbol tells all is well: a bound is near, or another serves meanwhile."""
    heard = Heard(has_status=True)
    heard.stand(Unauthorized("no key."), several=True)
    heard.spend("0.8 are used up", 0.8)
    heard.spend("1.0 are used up, a free model serves", 1.0)
    heard.notices.problems([Problem("loud", loud=True)])
    heard.notices.session_alone("`stats` is off", MessageType.Info)
    assert len(heard.shown) == 5
    assert heard.logged == []


def test_problems_are_told_where_they_belong() -> None:
    """Each once, also under other settings."""
    heard = Heard()
    for _ in range(2):
        heard.notices.problems([Problem("loud", loud=True), Problem("quiet", loud=False)])
        heard.notices.forget_outcomes()
    assert heard.shown == ["codestral-ls: loud"]
    assert heard.logged == [(MessageType.Warning, "codestral-ls: quiet")]
