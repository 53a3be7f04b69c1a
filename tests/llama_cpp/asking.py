"""The real client, and the language server with it, for tests against a real llama.cpp server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from codestral_ls.engine.journal import Record
from codestral_ls.fim.connect import connect
from codestral_ls.layers import Layer, resolve
from codestral_ls.model import Chunk, Nothing, Parameters, Prompt, Usage
from codestral_ls.provider import Provider
from tests.llama_cpp.server import Llama
from tests.lsp_client import URI, Session, session

PROMPT = Prompt(
    uri=URI,
    language="python",
    prefix="def half(n):\n    ",
    suffix="\n\nhalf(8)\n",
    parameters=Parameters(max_tokens=64, temperature=0.2),
    path="half.py",
)
HEAD = "def half(n):\n    "
LINE, COLUMN = 1, 4
"""Where the cursor is in what is written here."""
ANSWER = "return n // 2\n"


class Heard:
    """All chunks of an answer."""

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []

    def __call__(self, chunk: Chunk) -> bool:
        self.chunks.append(chunk)
        return True

    @property
    def text(self) -> str:
        return "".join(chunk.text for chunk in self.chunks)

    @property
    def usage(self) -> Usage:
        """The tokens that the server has counted."""
        (usage,) = (chunk.usage for chunk in self.chunks if chunk.usage is not None)
        return usage


def llama_settings(url: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Settings of somebody who completes with a server of his own."""
    return {
        "provider": "llama.cpp",
        "endpoint": url,
        "trust_env": False,
        "offline_fallback": False,
        "candidates": 1,
        **settings,
    }


@asynccontextmanager
async def connected(url: str, **settings: Any) -> AsyncIterator[Provider]:
    """The provider that the settings mean."""
    values = llama_settings(url, settings)
    resolved, problems = resolve([Layer("test", values)])
    assert not problems
    provider = connect(resolved, _propose_nothing)
    try:
        yield provider
    finally:
        await provider.close()


async def ask(provider: Provider, prompt: Prompt = PROMPT, **changes: Any) -> Heard:
    """Listens to the end."""
    heard = Heard()
    await provider.ask(replace(prompt, **changes), heard)
    return heard


@asynccontextmanager
async def writing(
    url: str,
    text: str = HEAD,
    *,
    uri: str = URI,
    folder: Path | None = None,
    **settings: Any,
) -> AsyncIterator[Session]:
    """A session with one open document, completed by the server."""
    values = llama_settings(url, settings)
    async with session(None, connect, **values) as opened:
        await opened.initialize(rootUri=folder and folder.as_uri())
        opened.open(text, uri=uri)
        await opened.server.view.denial(uri)  # read in a thread
        yield opened


async def texts(opened: Session, line: int = LINE, character: int = COLUMN) -> list[str]:
    """The ghost texts at a place, for somebody who asks by hand."""
    return [item["insertText"] for item in await opened.ghost(line, character, kind=1)]


def last_record(opened: Session) -> Record:
    """How the latest request ended."""
    (record,) = opened.server.engine.journal.latest(1)
    return record


def last_nothing(opened: Session) -> Nothing:
    """Why the latest request ended without ghost text."""
    outcome = last_record(opened).outcome
    assert isinstance(outcome, Nothing)
    return outcome


async def until(llama: Llama, condition: Any, what: str) -> None:
    """Waits for the server, while the session goes on."""
    await asyncio.to_thread(llama.wait_until, condition, what)


async def _propose_nothing(_prompt: Prompt) -> str:
    return ""
