"""The order of a session: before `initialize`, after it, after `shutdown`, and the end."""

import pytest

from codestral_ls.errors import Unauthorized
from codestral_ls.lsp.status_line import BUSY_SECONDS
from tests.lsp_client import (
    CANCELLED,
    GHOST,
    URI,
    RequestFailed,
    code,
    editing,
    ghost_params,
    session,
    turns,
    within,
)
from tests.lsp_model import Model
from tests.virtual_clock import VirtualTime

INVALID_REQUEST, INVALID_PARAMS, NOT_INITIALIZED = -32600, -32602, -32002
INLINE = "textDocument/inlineCompletion"
ASKED = ghost_params(0, 5)


async def test_nothing_works_before_initialize() -> None:
    """A request is refused, a notification dropped; the session can begin all the same."""
    async with session() as client:
        reply = await within(client.send(INLINE, ASKED))
        assert code(reply) == NOT_INITIALIZED
        client.open("early\n")
        assert "capabilities" in await client.initialize()
        assert client.server.documents == {}


async def test_broken_initialize_can_be_repeated() -> None:
    """Wrong parameters do not use up the one chance."""
    async with session() as client:
        reply = await within(client.send("initialize", {"capabilities": 5}))
        assert code(reply) == INVALID_PARAMS
        assert "capabilities" in await client.initialize()


async def test_second_initialize_is_refused() -> None:
    """The documents stay open."""
    async with editing("a = 1\n") as client:
        with pytest.raises(RequestFailed) as caught:
            await client.initialize()
        assert caught.value.code == INVALID_REQUEST
        assert await client.ghost(0, 5)


async def test_initialized_without_parameters_counts() -> None:
    """Its parameters are empty in any case; settings are asked for."""
    async with session() as client:
        capabilities = {**GHOST, "workspace": {"configuration": True}}
        params = {"processId": None, "rootUri": None, "capabilities": capabilities}
        await client.request("initialize", params)
        client.notify("initialized")
        assert len(client.asked("workspace/configuration")) == 1


async def test_nothing_works_after_shutdown() -> None:
    """Requests are refused, a second shutdown among them; `exit` alone is heeded."""
    async with editing("a = 1\n") as client:
        reply = await within(client.send("shutdown"))
        assert reply == {"jsonrpc": "2.0", "id": reply["id"], "result": None}
        for method in (INLINE, "shutdown", "no/such", "initialize"):
            refused = await within(client.send(method, ASKED))
            assert code(refused) == INVALID_REQUEST
        client.type("x", 0, 0)
        assert client.server.documents[URI].text == "a = 1\n"


@pytest.mark.parametrize("params", [(), ({},), ([],), (None,)])
@pytest.mark.parametrize("shut_down", [True, False])
async def test_exit_tells_whether_it_was_announced(
    shut_down: bool,  # noqa: FBT001 - a parameter of the test
    params: tuple[object, ...],
) -> None:
    """Status 0 after a shutdown, 1 without; however empty their parameters are."""
    async with editing("a = 1\n") as client:
        status: list[int] = []
        client.server.stop = status.append  # type: ignore[assignment, method-assign]
        if shut_down:
            await client.request("shutdown", *params)
        client.notify("exit", *params)
        assert status == [0 if shut_down else 1]


async def test_shutdown_answers_what_is_under_way() -> None:
    """Every request that waits is answered as cancelled, once."""
    model = Model()
    model.gate.clear()
    async with editing("a = 1\n", model) as client:
        asked = client.ask(0, 5)
        await turns()
        await client.request("shutdown")
        reply = await within(asked)
        assert code(reply) == CANCELLED
        model.gate.set()
        await turns()
        assert len(client.replies(reply["id"])) == 1


async def test_no_status_is_sent_after_shutdown() -> None:
    """LSP lets a server send nothing then; the call ends all the same."""
    time, model = VirtualTime(), Model(error=Unauthorized("no key."))
    async with editing("a = 1\n", model, clock=time.clock) as client:
        model.gate.clear()
        client.ask(0, 5)
        await time.pass_time(BUSY_SECONDS / 2)
        reply = await within(client.send("shutdown"))
        await time.pass_time(BUSY_SECONDS)
        model.gate.set()
        await turns()
        assert client.server.engine.condition.failure is not None
        after = client.sent[client.sent.index(reply) + 1 :]
        assert [each["method"] for each in after if "method" in each] == []
