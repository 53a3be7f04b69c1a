"""The words of a status bar, by how it stands."""

from typing import Any

import pytest

from codestral_ls.engine.condition import Condition, Failure
from codestral_ls.errors import FimError, RateLimited, Unauthorized, Unavailable
from codestral_ls.lsp.status import LOOK_SECONDS, Status, changes_in, place_of, status_of
from codestral_ls.model import Reason

WELL = Condition(
    enabled=True,
    snoozed_seconds=0.0,
    busy=False,
    provider="codestral",
    model="codestral-2508",
    serves=True,
)
CODESTRAL, MISTRAL, OLLAMA, LLAMA, NOWHERE = range(5)
PLACES = ("codestral.mistral.ai", "api.mistral.ai", "127.0.0.1:11434", "127.0.0.1:8012")
FIELDS = {name: getattr(WELL, name) for name in Condition.__dataclass_fields__}


def told(*, keyless: bool = False, **changes: Any) -> Status:
    """The status of a condition that is well but for these."""
    return status_of(Condition(**{**FIELDS, **changes}), places=PLACES, keyless=keyless)


def failing(*errors: FimError, retry_in: float = 0.0) -> tuple[Failure, ...]:
    """Failures of providers, in this order."""
    names = ("codestral", "ollama", "llama.cpp")
    return tuple(
        Failure(number=number, provider=names[number], error=error, retry_in=retry_in + number)
        for number, error in enumerate(errors)
    )


def test_who_is_asked_is_told() -> None:
    """The model and the host; while a call is under way too."""
    assert told() == Status("ready", "codestral-2508 at codestral.mistral.ai")
    assert told(busy=True) == Status("busy", "codestral-2508 at codestral.mistral.ai")
    assert told(provider="box", model="m", number=NOWHERE).message == "m at box"
    assert told(provider="box", model="", number=NOWHERE).message == "box"
    there = told(provider="llama.cpp", model="", number=LLAMA)
    assert there.message == "llama.cpp at 127.0.0.1:8012"
    assert told(provider="mistral", number=MISTRAL).message == "codestral-2508 at api.mistral.ai"
    here = told(provider="ollama", model="qwen", number=OLLAMA)
    assert here.message == "qwen of ollama at 127.0.0.1:11434"


def test_a_place_is_a_host_and_its_port() -> None:
    """Of an address nothing else is told, credentials least of all."""
    assert place_of("https://me:secret@box.lan:8012/infill?key=secret") == "box.lan:8012"
    assert place_of("http://[::1]:8012/infill") == "[::1]:8012"
    assert place_of("https://api.mistral.ai/v1/fim/completions") == "api.mistral.ai"


def test_switched_off() -> None:
    """Whatever else is the matter."""
    status = told(enabled=False, snoozed_seconds=60.0, failures=failing(Unavailable("down")))
    assert (status.state, status.message) == ("paused", "switched off")
    assert status.as_json()["command"] == {
        "title": "Switch ghost text on",
        "command": "codestral.toggle",
        "arguments": [],
    }


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.5, "paused for 1 more s"),
        (10, "paused for 10 more s"),
        (11, "paused for 20 more s"),
        (90, "paused for 90 more s"),
        (91, "paused for 2 more minutes"),
        (720, "paused for 12 more minutes"),
    ],
)
def test_a_pause_tells_how_long_it_takes(seconds: float, words: str) -> None:
    """Not to the second while it is long: every change is a message."""
    status = told(snoozed_seconds=seconds)
    assert (status.state, status.message) == ("paused", words)
    assert status.as_json()["command"]["arguments"] == [0]


@pytest.mark.parametrize(
    ("failure", "retry_in", "offline", "state", "message"),
    [
        (RateLimited("slow down"), 8, False, "rate-limited", "rate limit, again in 8 s"),
        (
            RateLimited("slow down"),
            8,
            True,
            "rate-limited",
            "rate limit, again in 8 s, the offline provider completes meanwhile",
        ),
        (RateLimited("slow down"), 0, False, "rate-limited", "rate limit"),
        (Unauthorized("the key is not known"), 0, False, "error", "the key is not known"),
        (
            Unauthorized("the key is not known"),
            300,
            True,
            "error",
            "the key is not known (again in 5 minutes, the offline provider completes meanwhile)",
        ),
    ],
)
def test_a_failure_says_what_is_wrong_and_until_when(
    failure: FimError,
    retry_in: float,
    offline: bool,  # noqa: FBT001 - a parameter of the test
    state: str,
    message: str,
) -> None:
    """And offers to try again."""
    provider = "offline" if offline else "codestral"
    failures = failing(failure, retry_in=retry_in)
    status = told(failures=failures, serves=False, offline=offline, provider=provider)
    assert (status.state, status.message) == (state, message)
    assert status.action is not None
    assert status.action.command == "codestral.retry"


def test_another_provider_of_the_chain_serves() -> None:
    """That is well, and told with what is wrong with those before it, also while they are tried."""
    here: dict[str, Any] = {"provider": "llama.cpp", "model": "", "number": LLAMA, "several": True}
    failures, said = failing(Unavailable("cannot be reached.")), "codestral: cannot be reached"
    said = f"llama.cpp serves (127.0.0.1:8012); {said}"
    for retry_in in (0, 5):
        later = failing(Unavailable("cannot be reached."), retry_in=retry_in)
        status = told(failures=later, **here)
        assert (status.state, status.message) == ("ready", said)
        assert status.action is not None
        assert status.action.command == "codestral.retry"
    both = told(failures=failing(Unavailable("down."), Unauthorized("no key.")), **here)
    assert both.message.endswith("; codestral: down; ollama: no key")
    near = told(failures=failures, warning="8 of 10 are used up.", busy=True, **here)
    assert near.state == "busy"
    assert near.message == f"{said}. 8 of 10 are used up."


def test_all_that_fail_are_told() -> None:
    """Each with its name, and when the next one of them is tried."""
    failures = failing(Unavailable("down."), Unauthorized("no key."), retry_in=7)
    status = told(failures=failures, serves=False, several=True)
    assert status.state == "error"
    assert status.message == "codestral: down; ollama: no key (again in 7 s)"
    limited = failing(RateLimited("slow"), RateLimited("slow"), retry_in=7)
    assert told(failures=limited, serves=False, several=True).state == "rate-limited"


def test_no_key_and_the_offline_provider_by_choice() -> None:
    """The one is to be mended, the other is as it was wanted."""
    missing = told(offline=True, provider="offline", model="offline", keyless=True)
    assert missing == Status("offline", "no key is set: your own files complete")
    chosen = told(offline=True, provider="offline", model="offline", busy=True)
    assert chosen == Status("offline", "your own files complete")


def test_the_days_bound() -> None:
    """Nearing it is told beside the rest; what it leads to is a state of its own."""
    near = told(spent=0.85, warning="85 of 100 are used up.")
    assert near.state == "ready"
    assert near.message == "codestral-2508 at codestral.mistral.ai. 85 of 100 are used up."
    over = told(spent=1.0, warning="All used up.", cause=Reason.SPENT, offline=True, serves=False)
    assert (over.state, over.message) == ("offline", "All used up.")
    assert over.action is not None
    assert over.action.command == "codestral.statistics"
    assert told(spent=1.0, warning="All used up.").state == "ready"  # a local model serves


@pytest.mark.parametrize("seconds", [0.3, 8, 10, 10.5, 55, 90, 91, 125.5, 720, 3600])
def test_a_status_is_renewed_when_its_words_change(seconds: float) -> None:
    """Just then: shortly before they are the same; up to ten seconds they are not renewed."""

    def words(left: float) -> str:
        return told(snoozed_seconds=left).message

    renewed = changes_in(Condition(**{**FIELDS, "snoozed_seconds": seconds}))
    assert 0 < renewed <= seconds
    if seconds > 10:
        assert words(seconds - renewed) != words(seconds)
        assert words(seconds - renewed + 0.01) == words(seconds)
    else:
        assert renewed == seconds


def test_what_stays_as_it_is_is_not_renewed() -> None:
    """No timer runs while somebody serves, or while a failure has no end."""

    def renewed(retry_in: float, *, serves: bool) -> float:
        failures = failing(Unavailable("down"), retry_in=retry_in)
        return changes_in(Condition(**{**FIELDS, "failures": failures, "serves": serves}))

    assert changes_in(WELL) == 0
    assert renewed(0, serves=False) == 0
    assert renewed(4, serves=False) == 4
    assert renewed(4, serves=True) == 0


def test_two_of_the_same_name_are_told_apart_by_their_place() -> None:
    """Two servers of one kind; who serves is known by the place in the chain."""
    second = told(number=MISTRAL, failures=failing(Unavailable("down")))
    assert second.message == "codestral serves (api.mistral.ai); codestral: down"


def test_what_is_said_of_a_day_is_renewed_when_it_is_over() -> None:
    """Looked at now and then: a machine may sleep over midnight."""
    day = {**FIELDS, "warning": "8 of 10 requests", "spent": 0.8}
    assert changes_in(Condition(**{**day, "day_left": 30.0})) == 30
    assert changes_in(Condition(**{**day, "day_left": 30_000.0})) == LOOK_SECONDS
    assert changes_in(Condition(**{**day, "day_left": 30.0, "snoozed_seconds": 5.0})) == 5
