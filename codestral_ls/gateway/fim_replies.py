"""Replies of the routes that speak Mistral's wire format, whole or as a stream."""

import asyncio
import secrets
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from codestral_ls.errors import FimError
from codestral_ls.gateway.errors import Refusal
from codestral_ls.gateway.fim_failures import error_of, refusal_for
from codestral_ls.gateway.fim_wire import (
    DONE,
    Head,
    Invalid,
    error_event,
    first_event,
    last_event,
    text_event,
    whole_reply,
)
from codestral_ls.gateway.leaving import while_there
from codestral_ls.gateway.orders import Order, Way
from codestral_ls.gateway.replies import STREAM_HEADERS, json_reply
from codestral_ls.gateway.transcript import Transcript
from codestral_ls.model import Chunk, Source

MOST_PADDING = 36
"""Characters; about as many as the vendor's own replies have."""
SOURCE = "x-codestral-ls-source"
"""The header that says where a text comes from: `model`, or what was there already."""


def refused(refusal: Refusal, request: Request) -> Response:
    """A refusal in Mistral's form."""
    error = error_of(refusal, request.scope.get("request_id", ""))
    return json_reply(error, refusal.status, refusal.headers)


def invalid(fault: Invalid) -> Response:
    """A body that breaks the schema, in the form of the vendor's framework."""
    return json_reply({"detail": fault.faults}, HTTPStatus.UNPROCESSABLE_ENTITY)


async def whole(order: Order, way: Way, head: Head, receive: Receive) -> Response:
    """The reply to who waits for the whole text.

    Raises:
        FimError, Refusal: there is none.
        Gone: nobody waits any more.
    """
    transcript, pieces = Transcript(order.body.stops), list[str]()

    def take(chunk: Chunk) -> bool:
        pieces.append(transcript.take(chunk))
        return not transcript.is_over

    known = await way.recall(order)
    for chunk in known:
        take(chunk)
    if not known:
        await while_there(receive, way.fill(order, take))
    text = "".join(pieces) + transcript.finish()
    body = whole_reply(head, text, transcript.finish_reason, transcript.usage)
    return Response(body, headers=_source(transcript), media_type="application/json")


async def streamed(order: Order, way: Way, head: Head, receive: Receive) -> Response:
    """The reply to who wants each piece as it comes, from the first one on.

    Raises:
        FimError, Refusal: it has failed before there was anything.
        Gone: nobody waits any more.
    """
    transcript = Transcript(order.body.stops)
    known = await way.recall(order)
    if known:
        pieces = [transcript.take(chunk) for chunk in known]
        body = first_event(head) + _text(head, "".join(pieces)) + _ending(head, transcript)
        return Response(body, headers={**STREAM_HEADERS, **_source(transcript)})
    feed = Feed(order, way, transcript)
    try:
        await while_there(receive, feed.begun())
    except BaseException:
        feed.close()
        raise
    return Streamed(feed, head, transcript)


class Feed:
    """An order that is being filled, piece by piece; `close` ends that."""

    def __init__(self, order: Order, way: Way, transcript: Transcript) -> None:
        self._transcript = transcript
        self._pieces: asyncio.Queue[str | None] = asyncio.Queue()
        self._has_begun = asyncio.Event()
        self._task = asyncio.ensure_future(way.fill(order, self._take))
        self._task.add_done_callback(self._end)

    async def begun(self) -> None:
        """Waits for the first token: most of what goes wrong does so before, and has a status.

        Raises:
            FimError, Refusal: there will be none.
        """
        await self._has_begun.wait()
        if self._task.done():
            self._task.result()

    async def next(self) -> str | None:
        """The next piece, None behind the last one.

        Raises:
            FimError, Refusal: it has failed.
        """
        piece = await self._pieces.get()
        if piece is None:
            self._task.result()
        return piece

    def close(self) -> None:
        """Ends it, if it goes on."""
        self._task.cancel()

    def _take(self, chunk: Chunk) -> bool:
        piece = self._transcript.take(chunk)
        if chunk.text or chunk.finish_reason:
            self._has_begun.set()
        if piece:
            self._pieces.put_nowait(piece)
        return not self._transcript.is_over

    def _end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            task.exception()  # or asyncio complains where nobody reads to the end
        self._pieces.put_nowait(None)
        self._has_begun.set()


class Streamed(Response):
    """A stream that has begun. A failure in its middle is its last event, as at the vendor's."""

    def __init__(self, feed: Feed, head: Head, transcript: Transcript) -> None:
        super().__init__(headers={**STREAM_HEADERS, **_source(transcript)})
        del self.headers["content-length"]  # of an empty body
        self._feed = feed
        self._head = head
        self._transcript = transcript

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Sends it, as long as there is somebody to read it."""
        try:
            await while_there(receive, self._send(send))
        finally:
            self._feed.close()

    async def _send(self, send: Send) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        await _part(send, first_event(self._head))
        try:
            while (piece := await self._feed.next()) is not None:
                await _part(send, _text(self._head, piece))
            ending = _ending(self._head, self._transcript)
        except Refusal as refusal:
            ending = error_event(error_of(refusal, ""))
        except FimError as error:
            ending = error_event(error_of(refusal_for(error), ""))
        await send({"type": "http.response.body", "body": ending, "more_body": False})


async def _part(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": True})


def _text(head: Head, piece: str) -> bytes:
    return text_event(head, piece, _padding()) if piece else b""


def _ending(head: Head, transcript: Transcript) -> bytes:
    rest = _text(head, transcript.finish())
    last = last_event(head, transcript.finish_reason, transcript.usage, _padding())
    return rest + last + DONE


def _padding() -> int:
    return 1 + secrets.randbelow(MOST_PADDING)


def _source(transcript: Transcript) -> dict[str, str]:
    return {SOURCE: (transcript.source or Source.MODEL).value}
