"""A client in the server's own process: it hands over bodies and collects what the server sends."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from pygls.protocol import default_converter

from codestral_ls.layers import ENVIRONMENT_ALLOWS, Layer
from codestral_ls.lsp.framing import Framer
from codestral_ls.lsp.server import CodestralServer, ConnectWith
from codestral_ls.reuse.pace import SYSTEM_CLOCK, Clock
from tests.lsp_model import Model

URI = "file:///project/sample.py"
GHOST = {"textDocument": {"inlineCompletion": {"dynamicRegistration": False}}}
"""Capabilities of a client that draws ghost text."""
PLACE = {"line": 0, "character": 0}
CANCELLED = -32800
SECONDS = 10.0
"""How long anything may take here; it takes some milliseconds."""

T = TypeVar("T")

# To build one takes longer than most of the tests.
_CONVERTER = default_converter()  # type: ignore[no-untyped-call]
_LEAVE_OUT = object()


class RequestFailed(Exception):
    """An error reply."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(error["message"])
        self.code: int = error["code"]
        self.error = error


class Session:
    """A server in this process and what it has sent, in order."""

    def __init__(
        self,
        model: Model,
        connect: ConnectWith,
        /,
        *,
        clock: Clock,
        statistics: Path | None,
        **settings: object,
    ) -> None:
        layer = Layer("test", {"debounce_ms": 0, **settings}, ENVIRONMENT_ALLOWS)
        self.model = model
        self.server = CodestralServer(
            [layer],
            connect,
            statistics=statistics,
            clock=clock,
            converter_factory=lambda: _CONVERTER,
        )
        self.server.protocol.set_writer(self)
        self.sent: list[dict[str, Any]] = []
        self.configuration: Any = None
        self._framer = Framer()
        self._waiting: dict[int | str, asyncio.Future[dict[str, Any]]] = {}
        self._last_id = 0

    # --- what the server writes to

    def write(self, data: bytes) -> None:
        """Takes what the server sends."""
        for body in self._framer.feed(data):
            message = json.loads(body)
            self.sent.append(message)
            waiting = self._waiting.pop(message.get("id"), None)
            if waiting is not None and not waiting.done() and "method" not in message:
                waiting.set_result(message)

    def close(self) -> None:
        """There is nothing to close."""

    # --- sending

    def feed(self, message: bytes | Mapping[str, Any]) -> None:
        """Hands over one body, bytes as they are."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.server.protocol.receive(body)

    def notify(self, method: str, params: object = _LEAVE_OUT) -> None:
        """Sends a notification."""
        self.feed(_message({"method": method}, params))

    def send(
        self, method: str, params: object = _LEAVE_OUT, *, request_id: int | str | None = None
    ) -> asyncio.Future[dict[str, Any]]:
        """Sends a request; the future brings the whole reply."""
        if request_id is None:
            self._last_id += 1
            request_id = self._last_id
        reply = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = reply
        self.feed(_message({"id": request_id, "method": method}, params))
        return reply

    async def request(self, method: str, params: object = _LEAVE_OUT) -> Any:
        """Sends a request and waits for its result.

        Raises:
            RequestFailed: the reply is an error.
        """
        return result_of(await within(self.send(method, params)))

    # --- a client's usual steps

    async def initialize(self, **params: object) -> dict[str, Any]:
        """Initializes as a client that draws ghost text, unless `params` say otherwise."""
        whole = {"processId": None, "rootUri": None, "capabilities": GHOST, **params}
        result: dict[str, Any] = await self.request("initialize", whole)
        self.notify("initialized", {})
        await turns()
        return result

    def open(self, text: str, uri: str = URI, language: str = "python", version: int = 0) -> None:
        """Opens a document."""
        document = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def type(self, text: str, line: int, character: int, uri: str = URI) -> None:
        """Inserts text."""
        place = {"line": line, "character": character}
        self.change({"range": {"start": place, "end": place}, "text": text}, uri=uri)

    def change(self, *changes: Mapping[str, object], uri: str = URI) -> None:
        """Edits a document."""
        document = {"uri": uri, "version": 1}
        params = {"textDocument": document, "contentChanges": changes}
        self.notify("textDocument/didChange", params)

    def ask(
        self,
        line: int,
        character: int,
        *,
        kind: int = 2,
        uri: str = URI,
        request_id: int | str | None = None,
        **context: object,
    ) -> asyncio.Future[dict[str, Any]]:
        """Asks for ghost text; the future brings the whole reply."""
        params = ghost_params(line, character, kind=kind, uri=uri, **context)
        return self.send("textDocument/inlineCompletion", params, request_id=request_id)

    async def ghost(self, line: int, character: int, **more: Any) -> list[dict[str, Any]]:
        """Asks for ghost text and waits for the items."""
        items: list[dict[str, Any]] = result_of(await within(self.ask(line, character, **more)))
        return items

    async def ask_waiting(
        self, request_id: int | str | None = None
    ) -> asyncio.Future[dict[str, Any]]:
        """A request for ghost text that has reached the model, which keeps it."""
        self.model.gate.clear()
        before = len(self.model.prompts)
        reply = self.ask(0, 5, request_id=request_id)
        await turns()
        assert len(self.model.prompts) == before + 1
        return reply

    async def run(self, command: str, *arguments: object) -> Any:
        """Has a command executed; brings its result."""
        params = {"command": command, "arguments": list(arguments)}
        return await self.request("workspace/executeCommand", params)

    def cancel(self, request_id: object) -> None:
        """Cancels a request."""
        self.notify("$/cancelRequest", {"id": request_id})

    # --- looking

    def said(self, method: str) -> list[str]:
        """The messages of all notifications of a kind."""
        return [each["params"]["message"] for each in self.sent if each.get("method") == method]

    @property
    def popups(self) -> list[str]:
        """What the user was shown."""
        return self.said("window/showMessage")

    def notified(self, method: str) -> list[Any]:
        """The parameters of all notifications of a kind."""
        return [
            each["params"]
            for each in self.sent
            if each.get("method") == method and "id" not in each
        ]

    def asked(self, method: str) -> list[dict[str, Any]]:
        """The requests of a kind that the server has sent."""
        return [each for each in self.sent if each.get("method") == method and "id" in each]

    def replies(self, request_id: object) -> list[dict[str, Any]]:
        """All replies with an id."""
        return [each for each in self.sent if "method" not in each and each["id"] == request_id]

    def answer(self, request: Mapping[str, Any], **reply: object) -> None:
        """Replies to a request of the server's with `result` or `error`."""
        self.feed({"jsonrpc": "2.0", "id": request["id"], **reply})


@asynccontextmanager
async def session(
    model: Model | None = None,
    connect: ConnectWith | None = None,
    /,
    *,
    clock: Clock = SYSTEM_CLOCK,
    statistics: Path | None = None,
    **settings: object,
) -> AsyncIterator[Session]:
    """A session that is not initialized yet; `connect` takes the place of the model."""
    model = model or Model()
    connect = connect or model.connect
    opened = Session(model, connect, clock=clock, statistics=statistics, **settings)
    try:
        yield opened
    finally:
        await opened.server.close()


@asynccontextmanager
async def editing(
    text: str, model: Model | None = None, /, **options: Any
) -> AsyncIterator[Session]:
    """An initialized session with one open document."""
    async with session(model, None, **options) as opened:
        await opened.initialize()
        opened.open(text)
        await opened.server.view.denial(URI)  # read in a thread
        yield opened


def ghost_params(
    line: int, character: int, *, kind: int = 2, uri: str = URI, **context: object
) -> dict[str, object]:
    """Parameters of a request for ghost text."""
    return {
        "textDocument": {"uri": uri},
        "position": {"line": line, "character": character},
        "context": {"triggerKind": kind, **context},
    }


def result_of(reply: Mapping[str, Any]) -> Any:
    """The result of a reply.

    Raises:
        RequestFailed: it is an error.
    """
    if "error" in reply:
        raise RequestFailed(reply["error"])
    return reply["result"]


def code(reply: Mapping[str, Any]) -> int:
    """The error code of a reply; 0 for a success."""
    return int(reply["error"]["code"]) if "error" in reply else 0


async def within(what: Awaitable[T], seconds: float = SECONDS) -> T:
    """Waits, but not for ever."""
    return await asyncio.wait_for(what, seconds)


async def turns(count: int = 20) -> None:
    """Lets everything run that waits for nothing but its turn."""
    for _ in range(count):
        await asyncio.sleep(0)


def _message(message: dict[str, Any], params: object) -> dict[str, Any]:
    given = {} if params is _LEAVE_OUT else {"params": params}
    return {"jsonrpc": "2.0", **message, **given}
