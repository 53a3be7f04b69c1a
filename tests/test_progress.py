"""Progress of indexing on the wire: only where it is wanted, takes a while, and is not refused."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from codestral_ls.context.index.client import Workspace
from codestral_ls.lsp.progress import LOOK_SECONDS, PATIENCE_SECONDS
from tests.lsp_client import GHOST, Session, session
from tests.virtual_clock import VirtualTime

CREATE = "window/workDoneProgress/create"
SHOWS = {**GHOST, "window": {"workDoneProgress": True}}


class ToldIndex(Workspace):
    """An index that is as far as a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, object] = {"running": True, "done": False}

    @property
    def status(self) -> dict[str, object]:
        return self.said


class Reading:
    """A session with such an index, under a virtual clock."""

    def __init__(self, client: Session, time: VirtualTime) -> None:
        self.client, self.time = client, time
        self.index = client.server.view.index = ToldIndex()

    async def begin(self, capabilities: dict[str, Any] | None = None) -> None:
        """The client is ready."""
        await self.client.initialize(capabilities=SHOWS if capabilities is None else capabilities)

    def say(self, **status: object) -> None:
        """How far the index is."""
        self.index.said |= status

    @property
    def told(self) -> list[dict[str, Any]]:
        """The values of the progress, in order."""
        return [each["value"] for each in self.client.notified("$/progress")]

    async def allow(self) -> str:
        """The client creates the token that it was asked for."""
        (create,) = self.client.asked(CREATE)
        self.client.answer(create, result=None)
        await self.time.pass_time(0)
        token: str = create["params"]["token"]
        return token


@pytest.fixture
async def reading() -> AsyncIterator[Reading]:
    """The session, not initialized yet."""
    time = VirtualTime()
    async with session(clock=time.clock) as client:
        yield Reading(client, time)


async def test_indexing_that_takes_a_while_is_shown(reading: Reading) -> None:
    """Created, begun, reported where it has changed, ended; with the client's token."""
    await reading.begin()
    await reading.time.pass_time(PATIENCE_SECONDS)
    assert reading.told == []
    reading.say(files=200)
    token = await reading.allow()
    assert reading.told == [
        {
            "kind": "begin",
            "title": "Reading the workspace",
            "cancellable": False,
            "message": "200 files",
        }
    ]
    await reading.time.pass_time(LOOK_SECONDS)
    reading.say(files=400)
    await reading.time.pass_time(LOOK_SECONDS)
    await reading.time.pass_time(LOOK_SECONDS)
    assert reading.told[1:] == [{"kind": "report", "message": "400 files"}]
    reading.say(files=512, done=True)
    await reading.time.pass_time(LOOK_SECONDS)
    assert reading.told[-1] == {"kind": "end", "message": "512 files"}
    tokens = {each["token"] for each in reading.client.notified("$/progress")}
    assert tokens == {token}


async def test_quick_indexing_is_not_shown(reading: Reading) -> None:
    """Nor is one that never began."""
    await reading.begin()
    reading.say(done=True)
    await reading.time.pass_time(60)
    assert reading.client.asked(CREATE) == []


async def test_a_client_that_shows_no_progress_is_not_asked(reading: Reading) -> None:
    """It says so in its capabilities."""
    await reading.begin(GHOST)
    await reading.time.pass_time(60)
    assert reading.client.asked(CREATE) == []


async def test_a_client_that_refuses_the_token_is_told_nothing(reading: Reading) -> None:
    """As LSP wants it."""
    await reading.begin()
    await reading.time.pass_time(PATIENCE_SECONDS)
    (create,) = reading.client.asked(CREATE)
    reading.client.answer(create, error={"code": -32601, "message": "unknown"})
    await reading.time.pass_time(60)
    assert reading.told == []


async def test_what_is_done_before_the_reply_is_not_shown(reading: Reading) -> None:
    """A reply may take its time."""
    await reading.begin()
    await reading.time.pass_time(PATIENCE_SECONDS)
    reading.say(done=True)
    await reading.allow()
    assert reading.told == []


async def test_other_settings_go_on_with_what_is_shown(reading: Reading) -> None:
    """It follows the index; a client that never answers is asked once only."""
    await reading.begin()
    await reading.time.pass_time(PATIENCE_SECONDS)
    for lines in (1, 2, 3):
        changed = {"settings": {"codestral": {"max_lines": lines}}}
        reading.client.notify("workspace/didChangeConfiguration", changed)
        await reading.time.pass_time(PATIENCE_SECONDS)
    await reading.allow()
    reading.say(done=True)
    await reading.time.pass_time(LOOK_SECONDS)
    assert [each["kind"] for each in reading.told] == ["begin", "end"]
    reading.say(done=False)
    changed = {"settings": {"codestral": {"max_lines": 4}}}
    reading.client.notify("workspace/didChangeConfiguration", changed)
    await reading.time.pass_time(PATIENCE_SECONDS)
    assert len(reading.client.asked(CREATE)) == 2


async def test_an_index_that_ends_is_not_shown_for_ever(reading: Reading) -> None:
    """The worker may die."""
    await reading.begin()
    await reading.time.pass_time(PATIENCE_SECONDS)
    await reading.allow()
    reading.say(running=False)
    await reading.time.pass_time(LOOK_SECONDS)
    assert reading.told[-1]["kind"] == "end"
