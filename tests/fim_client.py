"""The real client for tests, against the endpoint or against a server that says anything."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from codestral_ls.fim import providers
from codestral_ls.fim.client import FimClient
from codestral_ls.fim.routes import Network
from codestral_ls.kinds import Keys, Secret
from codestral_ls.model import Chunk, Parameters, Prompt
from codestral_ls.settings import Settings
from tests.fim_endpoint import DEFAULT, Endpoint, Script, serve

KEY = Secret("test-key-0000")
PROMPT = Prompt(
    uri="file:///w/a.py",
    language="python",
    prefix="def add(a, b):\n    ",
    suffix="\n",
    parameters=Parameters(max_tokens=64, temperature=0.2),
)


class Reader:
    """Takes chunks, as many as it is told to."""

    def __init__(self, enough: int = 10**9) -> None:
        self.chunks: list[Chunk] = []
        self._enough = enough

    @property
    def text(self) -> str:
        return "".join(chunk.text for chunk in self.chunks)

    def __call__(self, chunk: Chunk) -> bool:
        self.chunks.append(chunk)
        return len(self.text) < self._enough


def client_for(
    url: str, *, key: Secret = KEY, model: str = "codestral-2508", **network: Any
) -> FimClient:
    """A client for an address, which gets the key of a variable."""
    settings = Settings(endpoint=url, keys=Keys((("MISTRAL_API_KEY", key),)), model=model)
    return client_of(endpoint_of(settings), **network)


def endpoint_of(settings: Settings) -> providers.Endpoint:
    """The first endpoint that settings mean."""
    return providers.choose_endpoints(settings)[0]


def client_of(endpoint: providers.Endpoint, **network: Any) -> FimClient:
    """A client for an endpoint, without what the environment says."""
    return FimClient(endpoint, Network(**{"timeout": 5.0, "trust_env": False, **network}))


@asynccontextmanager
async def talking(
    behaviour: Script = DEFAULT, **options: Any
) -> AsyncIterator[tuple[FimClient, Endpoint]]:
    """A client and the endpoint that it talks to."""
    async with serve(behaviour) as endpoint:
        client = client_for(endpoint.url, **options)
        try:
            yield client, endpoint
        finally:
            await client.close()


class Speaker:
    """Answers each request with the same bytes, then hangs up, or holds the line."""

    def __init__(self, answer: bytes, *, hold: bool) -> None:
        self.requests = 0
        self.url = ""
        self._answer = answer
        self._hold = hold
        self._over = asyncio.Event()

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection."""
        await reader.readuntil(b"\r\n\r\n")
        self.requests += 1
        writer.write(self._answer)
        await writer.drain()
        if self._hold:
            await self._over.wait()
        writer.close()

    def hang_up(self) -> None:
        """Lets go of the lines that are held."""
        self._over.set()


@asynccontextmanager
async def speaking(answer: bytes, *, hold: bool = False) -> AsyncIterator[Speaker]:
    """A server that is no endpoint at all."""
    speaker = Speaker(answer, hold=hold)
    server = await asyncio.start_server(speaker.speak, "127.0.0.1", 0)
    speaker.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield speaker
    finally:
        speaker.hang_up()
        server.close()
        await server.wait_closed()
