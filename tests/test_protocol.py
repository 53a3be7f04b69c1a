"""The session's rules: an answer for every request, whatever is wrong, and nothing for the rest."""

import json
import logging
from typing import Any

import pytest

from codestral_ls.errors import FimError
from tests.lsp_client import (
    URI,
    RequestFailed,
    editing,
    ghost_params,
    result_of,
    session,
    turns,
    within,
)
from tests.lsp_model import Model

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
INTERNAL_ERROR, NOT_INITIALIZED = -32603, -32002
INLINE = "textDocument/inlineCompletion"


def error_reply(code: int, request_id: object = None) -> dict[str, Any]:
    """The shape of an error reply, whatever its message."""
    return {"jsonrpc": "2.0", "id": request_id, "error": {"code": code, "message": "…"}}


def shape(message: dict[str, Any]) -> dict[str, Any]:
    """A reply with its message blanked; nothing else is left out."""
    assert message["error"]["message"]
    return {**message, "error": {**message["error"], "message": "…"}}


@pytest.mark.parametrize(
    ("body", "code", "request_id"),
    [
        (b"", PARSE_ERROR, None),
        (b"{", PARSE_ERROR, None),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "shutdown"', PARSE_ERROR, None),
        (b'{"text": "\xff"}', PARSE_ERROR, None),
        (b"[" * 100_000, PARSE_ERROR, None),
        (b"[" * 100_000 + b"]" * 100_000, PARSE_ERROR, None),
        (b"9" * 10_000, PARSE_ERROR, None),
        (b"[]", INVALID_REQUEST, None),
        (b'[{"jsonrpc": "2.0", "id": 1, "method": "shutdown"}]', INVALID_REQUEST, None),
        (b"1", INVALID_REQUEST, None),
        (b"null", INVALID_REQUEST, None),
        (b'"text"', INVALID_REQUEST, None),
        (b'{"id": 7, "method": "shutdown"}', INVALID_REQUEST, 7),
        (b'{"jsonrpc": "1.0", "id": 7, "method": "shutdown"}', INVALID_REQUEST, 7),
        (b'{"jsonrpc": "2.0", "id": 7, "method": 3}', INVALID_REQUEST, 7),
        (b'{"jsonrpc": "2.0", "id": null, "method": "shutdown"}', INVALID_REQUEST, None),
        (b'{"jsonrpc": "2.0", "id": 1.5, "method": "shutdown"}', INVALID_REQUEST, None),
        (b'{"jsonrpc": "2.0", "id": true, "method": "shutdown"}', INVALID_REQUEST, None),
        (b'{"jsonrpc": "2.0", "id": [1], "method": "shutdown"}', INVALID_REQUEST, None),
    ],
)
async def test_what_is_no_message_is_answered(
    body: bytes, code: int, request_id: int | None
) -> None:
    """A single error reply, no popup, and the session goes on."""
    async with editing("a = 1\n") as client:
        before = len(client.sent)
        client.feed(body)
        assert [shape(each) for each in client.sent[before:]] == [error_reply(code, request_id)]
        assert [item["insertText"] for item in await client.ghost(0, 4)] == ["ghost"]


PLACE = {"line": 0, "character": 0}
ASKED = {"textDocument": {"uri": URI}, "position": PLACE, "context": {"triggerKind": 2}}


@pytest.mark.parametrize(
    "params",
    [
        None,
        [],
        {},
        "text",
        {key: value for key, value in ASKED.items() if key != "position"},
        {key: value for key, value in ASKED.items() if key != "context"},
        {key: value for key, value in ASKED.items() if key != "textDocument"},
        {**ASKED, "context": {"triggerKind": 0}},
        {**ASKED, "context": {"triggerKind": 99}},
        {**ASKED, "context": {"triggerKind": "automatic"}},
        {**ASKED, "position": {"line": -1, "character": 0}},
        {**ASKED, "position": {"line": 0, "character": -1}},
        {**ASKED, "position": {"line": 2**31, "character": 0}},
        {**ASKED, "position": {"line": None, "character": 0}},
        {**ASKED, "position": 5},
        {**ASKED, "position": {"line": float("inf"), "character": 0}},
        {**ASKED, "position": {"line": float("nan"), "character": 0}},
        {**ASKED, "context": {"triggerKind": 2, "selectedCompletionInfo": {"text": "x"}}},
    ],
)
async def test_wrong_parameters_are_answered(params: object) -> None:
    """The client does not wait for ever, and the user is not bothered."""
    async with editing("a = 1\n") as client:
        reply = await within(client.send(INLINE, params))
        assert shape(reply) == error_reply(INVALID_PARAMS, reply["id"])
        assert client.popups == []


async def test_missing_parameters_are_answered() -> None:
    """Without the `params` key at all, the same."""
    async with editing("a = 1\n") as client:
        with pytest.raises(RequestFailed) as caught:
            await client.request(INLINE)
        assert caught.value.code == INVALID_PARAMS


@pytest.mark.parametrize("params", [(), ([],), ({},), (None,)])
async def test_own_request_takes_any_parameters(params: tuple[object, ...]) -> None:
    """`codestral/explain` has none, so none, nothing and anything are right."""
    async with editing("a = 1\n") as client:
        assert await client.request("codestral/explain", *params) == []
        await client.ghost(0, 5)
        (told,) = await client.request("codestral/explain", *params)
        assert (told["language"], told["source"], told["characters"]) == ("python", "model", 5)


async def test_unknown_fields_are_ignored() -> None:
    """A newer client may say more than we know."""
    async with editing("a = 1\n") as client:
        params = ghost_params(0, 5, later=1) | {"more": {"jsonrpc": "2.0", "id": 3}}
        assert await client.request(INLINE, params)


async def test_nested_jsonrpc_key_is_data() -> None:
    """A document or settings that hold one are no message inside of a message."""
    async with session() as client:
        options = {"jsonrpc": "2.0", "method": "exit", "model": "m-1"}
        await client.initialize(initializationOptions=options)
        assert client.server.engine.settings.model == "m-1"
        change = {"jsonrpc": "2.0", "text": "b = 2\n"}
        client.open("a = 1\n")
        client.change(change)
        assert client.server.documents[URI].text == "b = 2\n"


@pytest.mark.parametrize("method", ["no/such", "textDocument/hover", "$/unknown", "", "completion"])
async def test_unknown_request_is_answered(method: str) -> None:
    """Also one of the protocol's that is not offered."""
    async with editing("a = 1\n") as client:
        position = {"textDocument": {"uri": URI}, "position": PLACE}
        reply = await within(client.send(method, position))
        assert shape(reply) == error_reply(METHOD_NOT_FOUND, reply["id"])
        assert client.popups == []


@pytest.mark.parametrize(
    "method", ["initialized", "textDocument/didOpen", "textDocument/didChange", "exit"]
)
async def test_notification_sent_as_a_request_is_answered(method: str) -> None:
    """What has an id gets a reply, and is not carried out."""
    async with editing("a = 1\n") as client:
        document = {"uri": URI, "languageId": "python", "version": 2, "text": "no"}
        params = {"textDocument": document, "contentChanges": [{"text": "no"}]}
        reply = await within(client.send(method, params))
        assert shape(reply) == error_reply(METHOD_NOT_FOUND, reply["id"])
        assert client.server.documents[URI].text == "a = 1\n"


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("no/such", {}),
        ("$/unknown", None),
        (INLINE, ASKED),
        ("textDocument/didOpen", None),
        ("textDocument/didChange", {"textDocument": {"uri": URI}}),
        ("textDocument/didChange", {"textDocument": {"uri": URI, "version": 1}}),
        ("textDocument/didClose", {}),
        ("textDocument/didSave", {"textDocument": {"uri": URI}}),
        ("$/cancelRequest", {}),
        ("$/cancelRequest", {"id": None}),
        ("$/cancelRequest", {"id": [1]}),
        ("$/cancelRequest", {"id": {}}),
        ("$/setTrace", {"value": "verbose"}),
        ("window/workDoneProgress/cancel", {"token": "t"}),
        ("initialize", {"processId": None, "rootUri": None, "capabilities": {}}),
    ],
)
async def test_odd_notifications_are_survived(method: str, params: object) -> None:
    """No reply, no popup, documents as they were."""
    async with editing("a = 1\n") as client:
        before = len(client.sent)
        client.notify(method, params)
        await turns()
        assert client.sent[before:] == []
        assert client.server.documents[URI].text == "a = 1\n"


async def test_failure_inside_is_told_without_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The client gets a code and a name, the log a place; neither gets the message."""
    async with editing("a = 1\n") as client:

        def fail(*_: object) -> None:
            raise KeyError("user's code")

        client.server.completion.inline = fail  # type: ignore[method-assign, assignment]
        reply = await within(client.ask(0, 5))
        assert shape(reply) == error_reply(INTERNAL_ERROR, reply["id"])
        client.server.did_change = fail  # type: ignore[method-assign, assignment]
        client.type("x", 0, 0)
        assert client.popups == []
        told = json.dumps(client.sent) + caplog.text
        assert "Traceback" not in told
        assert "user's code" not in told
        places = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
        assert [place.partition(":")[0] for place in places] == [f"KeyError at {__file__}"] * 2


async def test_provider_that_breaks_is_no_error_of_the_protocol() -> None:
    """VS Code would show a toast for an error while typing."""
    async with editing("a = 1\n", Model(error=FimError("odd"))) as client:
        assert await client.ghost(0, 5) == []
    async with editing("a = 1\n") as client:
        client.model.say = lambda _prompt: 1 / 0  # type: ignore[assignment, return-value]
        assert result_of(await within(client.ask(0, 5))) == []
