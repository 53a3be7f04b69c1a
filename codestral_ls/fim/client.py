"""Calls to a FIM endpoint: streamed, and with errors that give nothing away."""

import logging
import math
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from codestral_ls.errors import BrokenReply, FimError, Refused
from codestral_ls.fim.apart import Apart
from codestral_ls.fim.complaints import Complaint, presentable
from codestral_ls.fim.dialects import Dialect, ListedModel
from codestral_ls.fim.formats.terms import plain_text
from codestral_ls.fim.limits import rate_limits
from codestral_ls.fim.providers import Endpoint
from codestral_ls.fim.reading import StreamReading
from codestral_ls.fim.routes import Network
from codestral_ls.fim.session import Message, Read, Session, closed
from codestral_ls.fim.trace import Trace
from codestral_ls.kinds import without_credentials
from codestral_ls.model import Chunk, Prompt, Usage

if TYPE_CHECKING:
    from codestral_ls.fim.network import Reply

__all__ = ("FimClient", "Network")

DRAIN_SECONDS = 0.25
"""After the last event the final chunk of the body is read, or the connection is lost for reuse."""
CLOSE_SECONDS = 1.0
"""For calls that are under way to end, which takes them a millisecond."""
LOAD_SECONDS = 60.0
"""For a model to be loaded: some gigabytes from a disk."""
MAX_REPLY_BODY = 256 * 1024
MAX_CATALOG = 4 * 1024 * 1024
"""Bytes; resellers with some hundred models tell a kilobyte or two of each."""

_WITHHELD = (
    "{} was not sent, because the address is plain http on another machine: use https, or set "
    "`api_key` to send a key nevertheless."
)

log = logging.getLogger(__name__)


class FimClient:
    """Calls one endpoint over one pool of kept-alive connections.

    Belongs to the event loop in which it is first used; `close` it there.
    """

    def __init__(self, endpoint: Endpoint, network: Network, trace: Trace | None = None) -> None:
        self._endpoint = endpoint
        self._trace = trace or Trace()
        self._session = Session(endpoint, network)
        self._calls = Apart()
        self._is_cut = False

    async def ask(self, prompt: Prompt, more: Callable[[Chunk], bool]) -> None:
        """Streams one call; see `model.Ask`. Cancelling the caller closes the connection.

        Whatever goes wrong is a FimError, also an end that `close` has put to the call.
        """
        await self._run(partial(self._ask, prompt, more), prompt)

    async def prime(self, prompt: Prompt) -> None:
        """Lets the server read a prompt that may be asked soon, where it can be made to.

        Nobody waits for that, so nothing is raised. Cancelling the caller closes the connection.
        """
        try:
            await self._run(partial(self._prime, prompt), prompt)
        except FimError as error:
            log.debug("not primed: %s", error)

    async def catalog(self) -> tuple[ListedModel, ...]:
        """The models that the endpoint has; none if it does not list them.

        Raises:
            FimError: as `ask`.
        """
        listed: list[ListedModel] = []
        await self._run(partial(self._list, listed), None)
        return tuple(listed)

    async def warm(self) -> None:
        """Reads the key and opens a connection, so that the first call need not wait for them.

        A server that loads its model only when it is asked is made to load it.
        """
        if not self._endpoint.unusable:
            await self._calls.run(self._warm)

    async def close(self) -> None:
        """Ends what is under way and closes all connections."""
        self._session.end()
        await self._calls.end(CLOSE_SECONDS)
        await self._calls.run(self._session.close)
        await anyio.to_thread.run_sync(self._trace.close)

    async def _run(self, work: Callable[[], Awaitable[None]], prompt: Prompt | None) -> None:
        try:
            complete = await self._calls.run(work)
        except Exception as error:  # noqa: BLE001 - callers pause after any failure, of whatever kind
            raise self._presentable(error, prompt) from None
        if not complete:
            raise closed()

    def _presentable(self, error: Exception, prompt: Prompt | None) -> FimError:
        """The error as the user may see it: in place of anything foreign, without key and code."""
        hidden = self._session.without_keys
        if isinstance(error, Complaint):
            error = error.error(lambda said: presentable(hidden(said), prompt))
            if isinstance(error, Refused) and (withheld := self._endpoint.key.withheld):
                error.args = (f"{error} {_WITHHELD.format(withheld)}",)
        elif not isinstance(error, FimError):
            name, places = type(error).__name__, traceback.format_tb(error.__traceback__)
            log.error("%s, not foreseen\n%s", name, "".join(places))  # its message may hold code
            error = BrokenReply(f"The call to {self._endpoint.host} has failed: {name}.")
        error.args = (hidden(str(error)),)
        return error

    async def _ask(self, prompt: Prompt, more: Callable[[Chunk], bool]) -> None:
        endpoint = self._usable()
        answer: list[str] = []

        def heard(chunk: Chunk) -> bool:
            answer.append(chunk.text)
            if chunk.usage is not None:
                self._note_cut(prompt, chunk.usage)
            return more(chunk)

        async def read(reply: "Reply", deadline: anyio.CancelScope) -> None:
            await self._read(reply, heard, deadline)

        payload = endpoint.dialect.payload(prompt, endpoint.target)
        await self._traced(Message("POST", endpoint.url, payload), answer, read)

    def _note_cut(self, prompt: Prompt, usage: Usage) -> None:
        """Says once that the server reads less of prompts than is sent."""
        cut_short = self._endpoint.dialect.cut_short
        if cut_short is not None and not self._is_cut and (said := cut_short(prompt, usage)):
            self._is_cut = True
            log.warning("%s", said)

    async def _warm(self) -> None:
        await self._session.warm()
        endpoint = self._endpoint
        if endpoint.dialect.load is not None:
            message = Message("POST", endpoint.url, endpoint.dialect.load(endpoint.target))
            try:
                await self._session.exchange(message, _read_nothing, LOAD_SECONDS)
            except (FimError, Complaint) as error:
                log.info("not loaded yet: %s", type(error).__name__)  # the first call will tell why

    async def _prime(self, prompt: Prompt) -> None:
        endpoint = self._usable()
        payload = endpoint.dialect.primer(prompt, endpoint.target)
        if payload is not None:
            message = Message("POST", endpoint.url, payload, logging.DEBUG)
            await self._traced(message, [], _read_nothing)

    async def _list(self, listed: list[ListedModel]) -> None:
        endpoint, catalog = self._endpoint, self._endpoint.dialect.catalog
        if catalog is None or not endpoint.catalog_url:
            return

        async def read(reply: "Reply", _: anyio.CancelScope) -> None:
            text = (await reply.body(MAX_CATALOG)).decode("utf-8", "replace")
            listed.extend(catalog.read(text, endpoint.model))

        asked = Message(catalog.method, endpoint.catalog_url, catalog.body(endpoint.model))
        await self._session.exchange(asked, read)

    def _usable(self) -> Endpoint:
        if self._endpoint.unusable:
            raise Refused(self._endpoint.unusable)
        return self._endpoint

    async def _traced(self, message: Message, answer: list[str], read: Read[None]) -> None:
        error = ""
        try:
            await self._session.exchange(message, read)
        except Exception as raised:
            error = type(raised).__name__
            raise
        finally:
            record = {"sent": message.body, "answer": "".join(answer), "error": error}
            self._trace.write("call", {"url": without_credentials(message.url), **record})

    async def _read(
        self, reply: "Reply", more: Callable[[Chunk], bool], deadline: anyio.CancelScope
    ) -> None:
        dialect = self._endpoint.dialect
        more(Chunk(limits=rate_limits(reply.headers)))
        said = reply.headers.get("content-type", "").partition(";")[0].strip()
        kind = said.lower()
        if kind in dialect.content_types:
            await _pump(reply, StreamReading(dialect, more), deadline)
        elif kind == "application/json":
            more(_read_whole(dialect, await reply.body(MAX_REPLY_BODY)))
        else:
            raise Complaint(
                Refused,
                f"{self._endpoint.host} answers with a content type{{said}} which no FIM endpoint "
                f"uses. Check {self._endpoint.address_in}.",
                said or "none",
            )


async def _read_nothing(reply: "Reply", _: anyio.CancelScope) -> None:
    await reply.body(MAX_REPLY_BODY)  # to its end, or the connection is lost for reuse


async def _pump(reply: "Reply", reading: StreamReading, deadline: anyio.CancelScope) -> None:
    while not reading.finished:
        data = await reply.read()
        if not data:
            break
        if not reading.feed(data):
            return  # closing the connection is what ends the generation, and the bill
    if reading.finished:
        await _drain(reply, reading, deadline)
    reading.end()


async def _drain(reply: "Reply", reading: StreamReading, deadline: anyio.CancelScope) -> None:
    """Reads what is left behind a complete answer, which no error can spoil any more."""
    deadline.deadline = math.inf
    with anyio.move_on_after(DRAIN_SECONDS):
        try:
            while data := await reply.read():
                reading.feed(data)
        except FimError as error:
            log.info("a complete answer, but then: %s", error)


def _read_whole(dialect: Dialect, body: bytes) -> Chunk:
    """The one chunk of a reply that was not streamed."""
    chunk = dialect.read(body.decode("utf-8", "replace"))
    if not chunk.text and not chunk.finish_reason:
        raise BrokenReply("The endpoint's reply has no answer in it.")
    chunk = replace(chunk, text=plain_text(chunk.text))
    if dialect.clean is None:
        return chunk
    cleaning = dialect.clean()
    return replace(chunk, text=cleaning.feed(chunk.text) + cleaning.finish())
