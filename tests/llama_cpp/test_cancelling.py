"""Nobody waits for it any more: a real llama.cpp server then stops generating."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from codestral_ls.model import Chunk
from tests.llama_cpp.asking import COLUMN, HEAD, LINE, PROMPT, ask, connected, until, writing
from tests.llama_cpp.server import Llama
from tests.lsp_client import URI, Session

pytestmark = pytest.mark.llama

MOST = 4096
ENDLESS: dict[str, Any] = {"max_tokens": MOST, "timeout_ms": 60_000}
"""Ten seconds and more of text in one line, of which nothing is shown before its end."""
ENDLESS_PROMPT = replace(PROMPT, parameters=replace(PROMPT.parameters, max_tokens=MOST))
QUESTION = "question"


@asynccontextmanager
async def generating(llama: Llama) -> AsyncIterator[Session]:
    """A session in which the server is in the middle of a text that has not been shown yet."""
    async with writing(llama.url, **ENDLESS) as opened:
        reply = opened.ask(LINE, COLUMN, request_id=QUESTION)
        await until(llama, lambda: written(llama) > 2, "tokens")
        assert not reply.done()
        yield opened
    await until(llama, lambda: not llama.slot()["is_processing"], "rest")


def written(llama: Llama) -> int:
    """How many tokens the call under way has generated so far."""
    (token,) = llama.slot().get("next_token", [{"n_decoded": 0}])
    return int(token["n_decoded"])


def close(opened: Session) -> None:
    """Closes the document."""
    opened.notify("textDocument/didClose", {"textDocument": {"uri": URI}})


def give_up(opened: Session) -> None:
    """Cancels the request, as editors do when the cursor goes elsewhere."""
    opened.cancel(QUESTION)


def type_something_else(opened: Session) -> None:
    """Writes what the model has not said, and asks there."""
    opened.change({"text": f"{HEAD}xyz"})
    opened.ask(LINE, COLUMN + 3)


@pytest.mark.parametrize("leave", [close, give_up, type_something_else])
async def test_a_text_that_nobody_waits_for_is_not_generated_to_its_end(
    endless: Llama, leave: Callable[[Session], None]
) -> None:
    """The server hears of it in the middle and breaks the call off."""
    ended = len(endless.read_and_written())
    async with generating(endless) as opened:
        leave(opened)
        await until(endless, lambda: len(endless.read_and_written()) > ended, "the call's end")
    assert endless.read_and_written()[ended] < MOST / 2


async def test_enough_text_ends_the_generation(endless: Llama) -> None:
    """Whoever listens may say so at any piece, and the call is over then, without an error."""
    ended, heard = len(endless.read_and_written()), list[str]()

    def three_pieces(chunk: Chunk) -> bool:
        heard.append(chunk.text)
        return len("".join(heard).split()) < 3

    async with connected(endless.url, **ENDLESS) as provider:
        await provider.ask(ENDLESS_PROMPT, three_pieces)
        await until(endless, lambda: len(endless.read_and_written()) > ended, "the call's end")
    assert "".join(heard) == " and so on"
    assert endless.read_and_written()[ended] < MOST / 2


async def test_a_cancelled_task_ends_the_generation(endless: Llama) -> None:
    """The connection is closed before the cancelled caller goes on."""
    ended = len(endless.read_and_written())
    async with connected(endless.url, **ENDLESS) as provider:
        call = asyncio.create_task(ask(provider, ENDLESS_PROMPT))
        await until(endless, lambda: written(endless) > 2, "tokens")
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        await until(endless, lambda: len(endless.read_and_written()) > ended, "the call's end")
    assert endless.read_and_written()[ended] < MOST / 2
