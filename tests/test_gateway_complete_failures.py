"""What a client of `/complete` is told when there is no answer."""

import logging
from pathlib import Path
from typing import Any

import pytest

from codestral_ls.errors import (
    BrokenReply,
    FimError,
    RateLimited,
    Refused,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from codestral_ls.gateway.errors import failure_of
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.model import Nothing, Reason
from codestral_ls.settings import Settings
from tests.gateway_app import SETTINGS, Reply, asking, bearing, client_of, gateway_over, token_for
from tests.scripted import ScriptedProvider

ADD = {"prefix": "def add(a, b):\n    ", "language": "python"}
SECRET = "host said: account 4711"
GOOD = {
    *(Reason.DISABLED, Reason.DENIED, Reason.LANGUAGE_OFF, Reason.MANUAL_ONLY, Reason.SNOOZED),
    *(Reason.IN_WORD, Reason.IN_COMMENT, Reason.IN_STRING, Reason.FINISHED, Reason.EMPTY),
    *(Reason.SHAPED_AWAY, Reason.OUTDATED, Reason.TAKEN_BACK),
}
STATUS = {
    Reason.CANCELLED: (503, "broken_off"),
    Reason.SUPERSEDED: (503, "broken_off"),
    Reason.UNAUTHORIZED: (502, "upstream_unauthorized"),
    Reason.REFUSED: (502, "upstream_refused"),
    Reason.BROKEN_REPLY: (502, "upstream_broken_reply"),
    Reason.RATE_LIMITED: (429, "upstream_rate_limited"),
    Reason.UNAVAILABLE: (503, "upstream_unavailable"),
    Reason.PAUSED: (503, "upstream_paused"),
    Reason.TIMED_OUT: (504, "upstream_timed_out"),
    Reason.SPENT: (429, "budget_spent"),
    Reason.INTERNAL_ERROR: (500, "internal"),
}


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_a_good_one_or_has_its_status(reason: Reason) -> None:
    """Programs rely on both the number and the word."""
    failure = failure_of(Nothing(reason=reason))
    assert (failure is None) == (reason in GOOD)
    if failure is not None:
        assert (failure.status, failure.code) == STATUS[reason]


@pytest.mark.parametrize(("seconds", "told"), [(0.0, "1"), (0.2, "1"), (17.1, "18")])
def test_when_to_come_again_is_told_in_whole_seconds(seconds: float, told: str) -> None:
    """Never zero, which would mean at once."""
    failure = failure_of(Nothing(reason=Reason.RATE_LIMITED), retry_in=seconds)
    assert failure is not None
    assert failure.headers == {"Retry-After": told}


def test_what_does_not_pass_has_no_time_at_which_it_has_passed() -> None:
    """A wrong key is wrong later as well."""
    failure = failure_of(Nothing(reason=Reason.UNAUTHORIZED), retry_in=300)
    assert failure is not None
    assert failure.headers == {}


async def refused(folder: Path, error: FimError, **options: Any) -> tuple[int, Reply]:
    """Status and error of a gateway whose model fails in a way."""
    async with asking(ScriptedProvider(error).provider(), folder, **options) as client:
        reply = await client.post("/complete", json=ADD)
    return reply.status_code, reply.json()["error"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Unauthorized(SECRET), Reason.UNAUTHORIZED),
        (Refused(SECRET), Reason.REFUSED),
        (BrokenReply(SECRET), Reason.BROKEN_REPLY),
        (RateLimited(SECRET), Reason.RATE_LIMITED),
        (Unavailable(SECRET), Reason.UNAVAILABLE),
        (TimedOut(SECRET), Reason.TIMED_OUT),
    ],
)
async def test_a_failure_of_the_model_has_a_status_of_its_own(
    tmp_path: Path, error: FimError, reason: Reason
) -> None:
    """Who asks without a token runs the gateway: the host's words are for him."""
    status, told = await refused(tmp_path, error)
    assert (status, told["code"]) == STATUS[reason]
    assert SECRET in told["message"]


async def test_what_the_host_says_is_not_told_to_those_with_tokens(tmp_path: Path) -> None:
    """It may name the account; the log has it."""
    head = bearing(token_for("ada", tmp_path))
    status, told = await refused(tmp_path, Unauthorized(SECRET), headers=head)
    assert status == 502
    assert SECRET not in told["message"]


async def test_nor_to_everybody(tmp_path: Path) -> None:
    """An open gateway is asked by strangers."""
    _, told = await refused(tmp_path, Unauthorized(SECRET), own=GatewaySettings(is_open=True))
    assert SECRET not in told["message"]


async def test_a_limit_upstream_says_when_it_is_over(tmp_path: Path) -> None:
    """The time that the model's host has named."""
    script = ScriptedProvider(RateLimited("slow down", retry_after=42))
    async with asking(script.provider(), tmp_path) as client:
        first = await client.post("/complete", json=ADD)
        second = await client.post("/complete", json=ADD)
    assert (first.status_code, second.status_code) == (429, 503)
    for each in (first, second):
        assert 40 <= int(each.headers["Retry-After"]) <= 42
    assert len(script.prompts) == 1


async def test_a_spent_budget_says_when_the_day_is_over(tmp_path: Path) -> None:
    """What the settings let it spend is spent; what is known is still told."""
    script = ScriptedProvider("return a + b")
    settings = Settings(languages=("*",), candidates=1, context="file", daily_requests=1)
    over = gateway_over(script.provider(), tmp_path, settings=settings)
    async with over as gateway, client_of(gateway) as client:
        bodies = (ADD, {**ADD, "prefix": "import "}, ADD)
        replies = [await client.post("/complete", json=each) for each in bodies]
    assert [each.status_code for each in replies] == [200, 429, 200]
    assert replies[1].json()["error"]["code"] == "budget_spent"
    assert 1 <= int(replies[1].headers["Retry-After"]) <= 86_400


async def test_a_mistake_of_ours_tells_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the reply nor the log says more than what kind it was and where."""
    async with gateway_over(ScriptedProvider("").provider(), tmp_path) as gateway:
        gateway.models = {}  # no route expects that
        with caplog.at_level(logging.DEBUG):
            async with client_of(gateway) as client:
                reply = await client.post("/complete", json=ADD)
    assert reply.status_code == 500
    assert reply.json() == {
        "error": {
            "code": "internal",
            "message": "A mistake of the gateway itself: its log says where.",
        }
    }
    ours = [each for each in caplog.records if each.name.startswith("codestral_ls")]
    (record,) = [each for each in ours if each.levelno > logging.INFO]
    assert "StopIteration at " in record.getMessage() or "RuntimeError at " in record.getMessage()
    assert record.exc_info is None
    assert "def add" not in caplog.text


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "prefix", "is required"),
        ({"prefix": None}, "prefix", "is required"),
        ({"prefix": 7}, "prefix", "should be a valid string"),
        ({"prefix": "", "suffix": ["x"]}, "suffix", "should be a valid string"),
        ({"prefix": "", "max_tokens": "9"}, "max_tokens", "should be a valid integer"),
        ({"prefix": "", "max_tokens": True}, "max_tokens", "should be a valid integer"),
        ({"prefix": "", "max_tokens": 0}, "max_tokens", "greater than or equal to 1"),
        ({"prefix": "", "max_tokens": 10**300}, "max_tokens", "should be"),
        ({"prefix": "", "candidates": 6}, "candidates", "less than or equal to 5"),
        ({"prefix": "", "stop": ["a"] * 5}, "stop", "at most 4"),
        ({"prefix": "", "stop": ["a", ""]}, "stop.1", "at least 1"),
        ({"prefix": "", "stop": {"a": 1}}, "stop", "should be a valid list"),
        ({"prefix": "", "trigger": "typing"}, "trigger", "'automatic' or 'invoked'"),
        ({"prefix": "", "explain": 1}, "explain", "should be a valid boolean"),
        ({"prefix": "", "path": "x" * 5000}, "path", "at most 4096"),
        ({"prefix": "", "model": "gpt"}, "model", "script-1"),
        ({"prefix": "", "prefx": ""}, "prefx", 'Did you mean "prefix"?'),
        ({"prefix": "", "sk key": ""}, "", "no such field"),
    ],
)
async def test_a_wrong_field_is_named(tmp_path: Path, body: Reply, field: str, words: str) -> None:
    """Which one and why, and nothing of what it held."""
    async with asking(ScriptedProvider("").provider(), tmp_path) as client:
        reply = await client.post("/complete", json=body)
    error = reply.json()["error"]
    assert reply.status_code == 400
    assert error["code"] in {"invalid_field", "unknown_model"}
    assert (error.get("field", ""), words in error["message"]) == (field, True), error
    assert all(value not in error["message"] for value in ("typing", "gpt", "xxx", "sk key"))


def test_the_settings_of_these_tests_ask_for_one_text() -> None:
    """Else the counts of calls above would mean nothing."""
    assert SETTINGS.candidates == 1
