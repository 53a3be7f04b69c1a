"""The status on the wire: first one, changes, no flicker, and who asks for it."""

from dataclasses import replace
from typing import Any

import pytest

from codestral_ls.errors import FimError, RateLimited, TimedOut, Unauthorized, Unavailable
from codestral_ls.lsp.server import ConnectWith
from codestral_ls.lsp.status import LOOK_SECONDS
from codestral_ls.lsp.status_line import BUSY_SECONDS
from tests.lsp_client import GHOST, Session, editing, session, turns
from tests.lsp_model import Model
from tests.virtual_clock import VirtualTime

STATUS = "codestral/status"
READY = {"state": "ready", "message": "script-1 at scripted", "command": None}


def states(client: Session) -> list[str]:
    """What was sent, in order."""
    return [each["state"] for each in client.notified(STATUS)]


async def test_the_first_status_comes_once_the_client_listens() -> None:
    """Not before `initialized`; then once."""
    async with session() as client:
        options = {"debounce_ms": 5}
        params = {"processId": None, "rootUri": None, "capabilities": GHOST}
        await client.request("initialize", {**params, "initializationOptions": options})
        await turns()
        assert client.notified(STATUS) == []
        client.notify("initialized", {})
        await turns()
        assert client.notified(STATUS) == [READY]


async def test_who_asks_is_answered() -> None:
    """A status line that looks by itself; by the request and by the command, the same."""
    async with editing("a = \n") as client:
        assert await client.request(STATUS) == READY
        assert await client.request(STATUS, {"any": 1}) == READY
        assert await client.run("codestral.status") == READY


async def test_a_quick_call_is_not_shown() -> None:
    """It would only flicker."""
    time = VirtualTime()
    async with editing("a = \n", Model(), clock=time.clock) as client:
        assert await client.ghost(0, 4)
        await time.pass_time(1)
        assert states(client) == ["ready"]


async def test_a_call_that_takes_its_time_is_shown_until_it_ends() -> None:
    """Busy, then ready."""
    time, model = VirtualTime(), Model()
    model.gate.clear()
    async with editing("a = \n", model, clock=time.clock) as client:
        asked = client.ask(0, 4)
        await time.pass_time(BUSY_SECONDS / 2)
        assert states(client) == ["ready"]
        await time.pass_time(BUSY_SECONDS)
        assert states(client) == ["ready", "busy"]
        model.gate.set()
        await asked
        await time.pass_time(1)
        assert states(client) == ["ready", "busy", "ready"]


async def test_a_quick_call_does_not_count_for_the_next_one() -> None:
    """Each has its own time until it is shown."""
    time, model = VirtualTime(), Model()
    async with editing("a = \nb = \n", model, clock=time.clock) as client:
        for line in (0, 1):
            model.gate.clear()
            asked = client.ask(line, 4)
            await time.pass_time(BUSY_SECONDS * 0.6)
            model.gate.set()
            await asked
            await turns()
        assert states(client) == ["ready"]


async def test_many_calls_in_a_row_are_told_as_one_state_each() -> None:
    """Nothing is sent that does not differ from what was sent last."""
    time = VirtualTime()
    async with editing("", Model(), clock=time.clock) as client:
        for character in range(20):
            client.type("x", 0, character)
            await client.ghost(0, character + 1)
        await time.pass_time(5)
        assert states(client) == ["ready"]


async def test_a_pause_is_counted_down_and_ends() -> None:
    """A message a minute, and one at the end."""
    time = VirtualTime()
    async with editing("a = \n", Model(), clock=time.clock) as client:
        await client.run("codestral.pause", 3)
        await turns()
        assert client.notified(STATUS)[-1] == {
            "state": "paused",
            "message": "paused for 3 more minutes",
            "command": {
                "title": "Resume ghost text",
                "command": "codestral.pause",
                "arguments": [0],
            },
        }
        for _ in range(60):
            await time.pass_time(5)
        messages = [each["message"] for each in client.notified(STATUS)]
        assert messages[2] == "paused for 2 more minutes"
        assert messages[-1] == READY["message"]
        assert len(messages) <= 15


@pytest.mark.parametrize(
    ("error", "state"),
    [(RateLimited("too many", retry_after=8), "rate-limited"), (Unauthorized("no key"), "error")],
)
async def test_a_failure_and_what_helps(error: Any, state: str) -> None:
    """Told at once; after the command for another try all is well again."""
    time = VirtualTime()
    model = Model(error=error)
    options: dict[str, Any] = {"clock": time.clock, "offline_fallback": False}
    async with editing("a = \n", model, **options) as client:
        assert await client.ghost(0, 4) == []
        await time.pass_time(1)
        failing = client.notified(STATUS)[-1]
        assert failing["state"] == state
        assert failing["command"]["command"] == "codestral.retry"
        model.error = None
        assert await client.run("codestral.retry") == READY
        await turns()
        assert client.notified(STATUS)[-1] == READY
        assert await client.ghost(0, 4)


async def test_other_settings_are_told() -> None:
    """Here: ghost text is switched off."""
    async with editing("a = \n") as client:
        changed = {"settings": {"codestral": {"enabled": False}}}
        client.notify("workspace/didChangeConfiguration", changed)
        await turns()
        assert states(client) == ["ready", "paused"]


async def test_the_days_bound_is_shown_when_near_and_when_reached() -> None:
    """Once each; the status says it too."""
    async with editing("", Model(), daily_requests=5) as client:
        for character in range(10):
            client.type("x", 0, character)
            await client.ghost(0, character + 1)
            await turns()
        near, reached = client.popups
        assert "4 of 5 requests of today" in near
        assert "tomorrow" not in near
        assert "5 of 5 requests of today" in reached
        assert "tomorrow" in reached
        assert client.notified(STATUS)[-1]["state"] == "offline"


async def test_another_bound_is_near_and_reached_anew() -> None:
    """However little it was raised."""
    async with editing("", Model(), daily_requests=5) as client:
        for bound, popups, begin in ((5, 2, 0), (6, 4, 10)):
            changed = {"settings": {"codestral": {"daily_requests": bound}}}
            client.notify("workspace/didChangeConfiguration", changed)
            for character in range(begin, begin + 10):
                client.type("x", 0, character)
                await client.ghost(0, character + 1)
                await turns()
            assert len(client.popups) == popups
        assert "6 of 6 requests of today" in client.popups[-1]


async def test_a_new_day_is_told_to_who_does_nothing() -> None:
    """What was reached yesterday is shown no more."""
    time = VirtualTime()
    async with editing("a = \n", Model(), clock=time.clock, daily_requests=1) as client:
        daily_limit = client.server.engine.daily_limit
        await client.ghost(0, 4)
        await turns()
        assert states(client)[-1] == "offline"
        today = daily_limit._today()  # noqa: SLF001 - the calendar of the machine
        daily_limit._today = lambda: today + 1  # noqa: SLF001 - tomorrow
        await time.pass_time(LOOK_SECONDS)
        await turns()
        assert states(client)[-1] == "ready"


async def test_a_budget_that_cannot_be_kept_is_shown_at_once() -> None:
    """The prices are not known: not one call has to be paid to learn of it."""
    async with editing("a = \n", Model("x"), daily_budget=0.01) as client:
        (text,) = client.popups
        assert "`daily_budget` leaves out scripted" in text
        await client.ghost(0, 4)
        assert len(client.popups) == 1
        assert "`daily_budget` leaves out scripted" in client.notified(STATUS)[-1]["message"]


# --- several providers


def both(first: Model, second: Model) -> ConnectWith:
    """A chain of two models, called so."""

    def connect(*settings: Any) -> Any:
        then = replace(second.connect(*settings), name="second")
        return replace(first.connect(*settings), name="first", then=then)

    return connect


async def test_while_the_second_serves_all_is_well() -> None:
    """Also while the first one is tried again, however long that takes."""
    time, first, second = VirtualTime(), Model(error=Unavailable("down.")), Model()
    async with session(second, both(first, second), clock=time.clock) as client:
        await client.initialize()
        client.open("a = \nb = \nc = \n")
        assert await client.ghost(0, 4)
        await turns()
        first.gate.clear()
        for line in (1, 2):
            await time.pass_time(2)
            assert await client.ghost(line, 4)
        assert len(first.prompts) == 2
        first.error = TimedOut("late.")
        first.gate.set()
        await time.pass_time(20)
        assert set(states(client)) == {"ready"}
        last = client.notified(STATUS)[-1]
        assert last["message"] == "second serves; first: late"
        assert last["command"]["command"] == "codestral.retry"
        assert client.popups == []


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        (
            (Unauthorized("no key."), None),
            ["codestral-ls: first: no key. second serves meanwhile."],
        ),
        (
            (Unavailable("down."), Unavailable("not started.")),
            ["codestral-ls: first: down.", "codestral-ls: second: not started."],
        ),
    ],
)
async def test_the_user_hears_of_each_provider_that_fails(
    errors: tuple[FimError | None, FimError | None], told: list[str]
) -> None:
    """Once; of one that is only away for a while not as long as another serves."""
    first, second = (Model(error=error) for error in errors)
    async with session(second, both(first, second)) as client:
        await client.initialize()
        client.open("a = \n" * 3)
        for line in range(3):
            await client.ghost(line, 4)
            await turns()
        assert client.popups == told
