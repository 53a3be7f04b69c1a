"""Any messages in any order: each request is answered once, and nothing is raised."""

import asyncio
import json
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from tests.lsp_client import GHOST, PLACE, URI, editing, ghost_params, turns

KNOWN = sorted(set(types.METHOD_TO_TYPES) - {types.EXIT})
DOCUMENT = {"uri": URI, "languageId": "python", "version": 3, "text": "x = \r\ny"}
NOTEBOOK = {"uri": "file:///n", "notebookType": "n", "version": 1, "cells": []}
ITEM = {"command": {"title": "", "command": "codestral.accepted", "arguments": [URI, 1]}}
FOLDER = {"uri": "file:///no/such", "name": "n"}

SENSIBLE: list[tuple[str, Any]] = [
    ("initialize", {"processId": None, "rootUri": None, "capabilities": GHOST}),
    ("shutdown", None),
    ("textDocument/inlineCompletion", ghost_params(0, 5)),
    ("textDocument/inlineCompletion", ghost_params(9, 9, kind=1)),
    ("textDocument/completion", {"textDocument": {"uri": URI}, "position": PLACE}),
    ("textDocument/didOpen", {"textDocument": DOCUMENT}),
    ("textDocument/didClose", {"textDocument": {"uri": URI}}),
    ("textDocument/didChange", {"textDocument": DOCUMENT, "contentChanges": [{"text": "z"}]}),
    ("workspace/executeCommand", {"command": "no such"}),
    ("workspace/didChangeConfiguration", {"settings": {"codestral": {"debounce_ms": 0}}}),
    ("workspace/didChangeWorkspaceFolders", {"event": {"added": [FOLDER], "removed": [FOLDER]}}),
    ("notebookDocument/didOpen", {"notebookDocument": NOTEBOOK, "cellTextDocuments": [DOCUMENT]}),
    ("notebookDocument/didClose", {"notebookDocument": NOTEBOOK, "cellTextDocuments": []}),
    ("window/workDoneProgress/cancel", {"token": 1}),
    ("$/setTrace", {"value": "messages"}),
    ("$/cancelRequest", {"id": 3}),
    ("codestral/explain", None),
    ("codestral/status", None),
    ("textDocument/didShowCompletion", {"item": ITEM}),
    ("textDocument/didPartiallyAcceptCompletion", {"item": ITEM, "acceptedLength": 2}),
    *(
        ("workspace/executeCommand", {"command": f"codestral.{name}", "arguments": arguments})
        for name, arguments in (
            *(("accepted", [URI]), ("accepted", [URI, 1]), ("accepted", [URI, 1, 2])),
            *(("toggle", []), ("pause", [1]), ("pause", [0]), ("retry", []), ("status", [])),
            *(("explain", [5]), ("statistics", [5])),
        )
    ),
]
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2**33) | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["jsonrpc", "id", "uri", "position", "textDocument", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
ODD = st.tuples(st.sampled_from(KNOWN) | st.text(max_size=5), JSON)
CALL = st.tuples(st.sampled_from(SENSIBLE) | ODD, st.booleans(), st.integers(0, 3))


@settings(max_examples=150)
@given(st.lists(CALL, max_size=10), st.booleans())
async def test_every_request_is_answered_once_whatever_comes(
    calls: list[tuple[tuple[str, Any], bool, int]],
    menu: bool,  # noqa: FBT001 - drawn
) -> None:
    """Methods known and not, parameters right and wrong, as requests and as notifications."""
    async with editing("a = 1\n", completion="always" if menu else "auto") as client:
        before = len(client.sent)
        asked = []
        for number, ((method, params), is_request, pause) in enumerate(calls):
            message: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
            if is_request:
                message["id"] = number
                asked.append(number)
            client.feed(json.dumps(message).encode())
            await turns(pause)
        for _ in range(2000):  # statistics and what may be sent are looked up in threads
            replies = [each for each in client.sent[before:] if "method" not in each]
            if len(replies) >= len(asked):
                break
            await asyncio.sleep(0.001)
        await turns()
        replies = [each for each in client.sent[before:] if "method" not in each]
        assert Counter(each["id"] for each in replies) == Counter(asked)
        assert all(("error" in each) != ("result" in each) for each in replies)
        assert not any(client.server.protocol._request_futures)  # noqa: SLF001 - what pygls waits for
        assert client.popups == []
