"""What is checked and what came of it. Pure."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from codestral_ls.errors import FimError, Refused

LATER = "Try again later; until then the next provider serves, or the offline one."
UNLESS_CHANGED = "Correct the address, `provider` or `model`: it will be refused again as it is."
_TO_DO = frozenset({"check", "install", "make", "run", "set"})


class State(StrEnum):
    """How a check ended."""

    FINE = "ok"
    WARNED = "warning"
    FAILED = "failed"
    UNCHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and what to do about it; a failure always comes with advice.

    `cause` names an earlier check that has found where it comes from.
    """

    state: State
    found: str
    advice: str = ""
    cause: str = ""


def fine(found: str) -> Finding:
    """All is well."""
    return Finding(State.FINE, found)


def warned(found: str, advice: str) -> Finding:
    """It works, but not as well as it could, or not as one would think."""
    return Finding(State.WARNED, found, advice)


def failed(found: str, advice: str) -> Finding:
    """It does not work before somebody has done something."""
    return Finding(State.FAILED, found, advice)


def unchecked(found: str) -> Finding:
    """There is nothing to look at; what needs this check is looked at nevertheless."""
    return Finding(State.UNCHECKED, found)


Look = Callable[[], Awaitable[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Something to look at within so many `seconds`, once nothing is wrong with what it `needs`.

    `late` is the advice if it takes longer.
    """

    name: str
    look: Look
    seconds: float
    late: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A check that is over. `blocked_by` is the failure because of which it was left out."""

    name: str
    finding: Finding
    seconds: float = 0.0
    blocked_by: str = ""
    is_late: bool = False

    @property
    def blocker(self) -> str:
        """The name of the failure that keeps those from being checked who need this check."""
        return self.name if self.finding.state is State.FAILED else self.blocked_by


def is_ok(results: Sequence[Result]) -> bool:
    """Whether nothing has failed."""
    return all(result.finding.state is not State.FAILED for result in results)


def split_advice(message: str, otherwise: str = LATER) -> tuple[str, str]:
    """The first sentence of a message, and those behind it, which are advice.

    `otherwise` is the advice where there is none. What stands in parentheses are somebody else's
    words, and may be several sentences.
    """
    depth = 0
    for at, char in enumerate(message):
        depth = max(0, depth + (char == "(") - (char == ")"))
        if char == "." and not depth and message[at + 1 : at + 2] == " ":
            rest = message[at + 2 :].strip()
            return message[:at], rest or otherwise
    found, mark, advice = message.removesuffix(".").rpartition(": ")
    if mark and advice.partition(" ")[0] in _TO_DO:
        return found, f"{advice[0].upper()}{advice[1:]}."
    return message.removesuffix("."), otherwise


def failure(error: FimError, otherwise: str = "") -> Finding:
    """A failure in the error's own words; what is refused is not a matter of waiting."""
    usual = UNLESS_CHANGED if isinstance(error, Refused) else LATER
    return failed(*split_advice(str(error), otherwise or usual))
