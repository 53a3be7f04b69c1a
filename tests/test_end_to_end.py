"""A client library of its own against the real process, with the offline provider."""

import asyncio
import os
import sys
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import types
from pygls.exceptions import JsonRpcRequestCancelled
from pytest_lsp import ClientServerConfig, LanguageClient

from codestral_ls.commands import sample
from tests.lsp_process import environment

SECONDS = 20.0
COMMAND = [sys.executable, "-m", "codestral_ls", "--stdio"]
URI = f"file:///project/{sample.NAME}"
HEAD, TAIL = sample.TEXT.split("‸")
LINE, INDENT = HEAD.count("\n"), 12
GHOST = "der.price * order.count"

CONFIG = ClientServerConfig(server_command=COMMAND, server_env=environment())

WITH_GHOST = types.ClientCapabilities(
    workspace=types.WorkspaceClientCapabilities(configuration=True),
    text_document=types.TextDocumentClientCapabilities(
        inline_completion=types.InlineCompletionClientCapabilities(dynamic_registration=True)
    ),
)
WITHOUT_GHOST = types.ClientCapabilities(
    text_document=types.TextDocumentClientCapabilities(
        completion=types.CompletionClientCapabilities(
            completion_item=types.ClientCompletionItemOptions(
                documentation_format=[types.MarkupKind.PlainText]
            )
        )
    )
)


@pytest_lsp.fixture(config=CONFIG)  # type: ignore[untyped-decorator]
async def client(lsp_client: LanguageClient) -> Any:
    """A client that draws ghost text, with the demo's document open."""
    await begin(lsp_client, WITH_GHOST)
    yield
    await leave(lsp_client)


@pytest_lsp.fixture(config=CONFIG)  # type: ignore[untyped-decorator]
async def plain_client(lsp_client: LanguageClient) -> Any:
    """A client with a completion menu alone."""
    await begin(lsp_client, WITHOUT_GHOST)
    yield
    await leave(lsp_client)


async def begin(client: LanguageClient, capabilities: types.ClientCapabilities) -> None:
    """Initializes and opens the document."""
    params = types.InitializeParams(capabilities=capabilities, process_id=os.getpid())
    result = await asyncio.wait_for(client.initialize_session(params), SECONDS)
    assert result.capabilities.inline_completion_provider == types.InlineCompletionOptions()
    offered = result.capabilities.completion_provider is not None
    assert offered is (capabilities is WITHOUT_GHOST)
    client.text_document_did_open(
        types.DidOpenTextDocumentParams(
            types.TextDocumentItem(
                uri=URI, language_id=sample.LANGUAGE, version=0, text=HEAD + TAIL
            )
        )
    )


async def leave(client: LanguageClient) -> None:
    """Ends the session; the process must end by itself, and well."""
    server = client._server  # noqa: SLF001 - its exit status is to be had nowhere else
    assert server is not None
    await client.shutdown_session()
    assert await asyncio.wait_for(server.wait(), SECONDS) == 0


def type_text(client: LanguageClient, text: str, start: int = INDENT) -> int:
    """Types a key at a time; returns where the cursor is then."""
    for index, key in enumerate(text, start):
        here = types.Position(line=LINE, character=index)
        client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(uri=URI, version=index + 1),
                [types.TextDocumentContentChangePartial(range=types.Range(here, here), text=key)],
            )
        )
    return start + len(text)


def question(character: int, *, invoked: bool = False) -> types.InlineCompletionParams:
    """Asks for ghost text in the line that is typed in."""
    kinds = types.InlineCompletionTriggerKind
    return types.InlineCompletionParams(
        text_document=types.TextDocumentIdentifier(uri=URI),
        position=types.Position(line=LINE, character=character),
        context=types.InlineCompletionContext(kinds.Invoked if invoked else kinds.Automatic),
    )


async def ghost(client: LanguageClient, character: int) -> list[str]:
    """The texts that are offered."""
    asked = client.text_document_inline_completion_async(question(character))
    items = await asyncio.wait_for(asked, SECONDS)
    assert isinstance(items, list | tuple)
    return [str(item.insert_text) for item in items]


async def test_typing_brings_ghost_text_that_shrinks_with_it(client: LanguageClient) -> None:
    """Asked for behind the last key, and again when its head has been typed."""
    end = type_text(client, sample.TYPED)
    assert await ghost(client, end) == [GHOST]
    assert await ghost(client, type_text(client, GHOST[:4], end)) == [GHOST[4:]]
    assert client.messages == []


async def test_cancelled_request_ends_as_such(client: LanguageClient) -> None:
    """And the next one is answered."""
    end = type_text(client, sample.TYPED)
    asked = asyncio.ensure_future(
        client.protocol.send_request_async(  # type: ignore[no-untyped-call]
            types.TEXT_DOCUMENT_INLINE_COMPLETION, question(end), msg_id="c1"
        )
    )
    await asyncio.sleep(0)
    client.cancel_request(types.CancelParams(id="c1"))
    with pytest.raises(JsonRpcRequestCancelled):
        await asyncio.wait_for(asked, SECONDS)
    assert await ghost(client, end) == [GHOST]


async def test_settings_change_while_it_runs(client: LanguageClient) -> None:
    """Pulled after a notification: switched off, and on again."""
    end = type_text(client, sample.TYPED)
    for enabled in (False, True):
        client.set_configuration({"codestral": {"enabled": enabled}})
        client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=None))
        wanted = [GHOST] if enabled else []
        async with asyncio.timeout(SECONDS):
            while await ghost(client, end) != wanted:  # noqa: ASYNC110 - the pull has no end
                await asyncio.sleep(0.01)


async def test_menu_brings_the_same_text(plain_client: LanguageClient) -> None:
    """With the word that it begins with."""
    end = type_text(plain_client, sample.TYPED)
    listed = await asyncio.wait_for(
        plain_client.text_document_completion_async(
            types.CompletionParams(
                text_document=types.TextDocumentIdentifier(uri=URI),
                position=types.Position(line=LINE, character=end),
            )
        ),
        SECONDS,
    )
    assert isinstance(listed, types.CompletionList)
    (entry,) = listed.items
    assert isinstance(entry.text_edit, types.TextEdit)
    assert entry.text_edit.new_text == f"or{GHOST}"
    assert entry.text_edit.range.start.character == INDENT + len("result += ")
