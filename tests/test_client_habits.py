"""Habits of clients that a session must live with: refusals, odd notifications, long documents."""

from typing import Any

import pytest

from codestral_ls.lsp.documents import MOST_MARKED_LINES
from tests.lsp_client import GHOST, URI, Session, editing, session, turns

REGISTERS = "client/registerCapability"
CHANGED = "workspace/didChangeConfiguration"
ABLE = {
    **GHOST,
    "workspace": {
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True},
    },
    "window": {"workDoneProgress": True},
}
REFUSAL = {"error": {"code": -32601, "message": "no such method"}}


def registered(client: Session) -> list[str]:
    """What the server wants to be told of."""
    return [
        each["method"]
        for asked in client.asked(REGISTERS)
        for each in asked["params"]["registrations"]
    ]


async def test_changes_of_settings_are_asked_for() -> None:
    """VS Code's client library tells of them only then; what changed is pulled."""
    async with session() as client:
        await client.initialize(capabilities=ABLE)
        assert CHANGED in registered(client)
        client.notify(CHANGED, {"settings": None})
        (_, asked) = client.asked("workspace/configuration")
        client.answer(asked, result=[{"model": "other"}])
        await turns()
        assert client.server.engine.settings.model == "other"
    async with session() as client:
        await client.initialize()
        assert registered(client) == []


@pytest.mark.parametrize("reply", [REFUSAL, {"result": None}, {"result": []}, {}])
async def test_whoever_refuses_all_is_served(reply: dict[str, Any]) -> None:
    """Neovim 0.12 ignores what it does not know, others answer with an error."""
    async with session() as client:
        await client.initialize(capabilities=ABLE)
        for asked in [each for each in client.sent if "id" in each and "method" in each]:
            client.answer(asked, **reply)
        await turns()
        client.open("a = \n")
        await client.server.view.denial(URI)
        assert await client.ghost(0, 4)
        assert client.popups == []
        assert client.server.protocol._request_futures == {}  # noqa: SLF001 - what is left over


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("$/setTrace", {"value": "messages"}),
        ("$/setTrace", {"value": "compact"}),
        ("$/logTrace", {"message": "x"}),
        ("textDocument/willSave", {"textDocument": {"uri": URI}, "reason": 1}),
        ("textDocument/didSave", {"textDocument": {"uri": URI}, "text": "a = "}),
        ("workspace/didCreateFiles", {"files": [{"uri": URI}]}),
        ("workspace/didRenameFiles", {"files": [{"oldUri": URI, "newUri": URI}]}),
        ("workspace/didChangeWatchedFiles", {"changes": [{"uri": URI, "type": 2}]}),
        (CHANGED, {"settings": None}),
        (CHANGED, {"settings": {}}),
        (CHANGED, {}),
    ],
)
async def test_what_editors_tell_besides_changes_nothing(method: str, params: object) -> None:
    """The next request is answered; nothing is left behind, however often it comes."""
    async with editing("a = \n") as client:
        for _ in range(20):
            client.notify(method, params)
        await turns()
        assert await client.ghost(0, 4)
        assert client.popups == []
        assert client.server.protocol._request_futures == {}  # noqa: SLF001 - what is left over


@pytest.mark.parametrize("method", ["textDocument/willSaveWaitUntil", "textDocument/hover"])
async def test_what_is_not_offered_is_refused_once(method: str) -> None:
    """By the code that every client knows."""
    async with editing("a = \n") as client:
        reply = await client.send(method, {"textDocument": {"uri": URI}, "position": {}})
        assert reply["error"]["code"] in {-32601, -32602}


async def test_a_document_may_change_its_language() -> None:
    """VS Code closes and opens it; what was kept for the old one is of no use."""
    async with editing("a = \n", context="file") as client:
        assert await client.ghost(0, 4)
        client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
        client.open("a = \n", language="cs")
        assert await client.ghost(0, 4)
        assert [each.language for each in client.model.prompts][-1] == "csharp"
        client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
        client.open("a = \n", language="Git Commit")
        assert await client.ghost(0, 4) == []


async def test_a_very_long_document_is_completed() -> None:
    """Opened, edited at both ends and in one piece."""
    lines = 100 * MOST_MARKED_LINES
    async with editing("x = 1\n" * lines, context="file") as client:
        client.type("y = ", lines, 0)
        client.type("first = 0\n", 0, 0)
        assert await client.ghost(lines + 1, 4)
        prompt = client.model.prompts[-1]
        assert prompt.prefix.endswith("x = 1\ny = ")
        assert len(prompt.prefix) < 10_000
        client.change({"text": "z = "})
        assert await client.ghost(0, 4)
        assert client.model.prompts[-1].prefix == "z = "
