"""The table of routes, and around it what goes for every request and reply."""

import logging
import re
import secrets
import time
from functools import partial
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from codestral_ls.engine.outcomes import place_raised
from codestral_ls.gateway import complete, cors, fim, health, models, page
from codestral_ls.gateway.access import values_of
from codestral_ls.gateway.errors import Refusal, internal_error
from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.leaving import Gone
from codestral_ls.gateway.replies import error_reply

FAMILIES = (complete, fim, models, health, page)
HUNG_UP = 499
"""The status of a request whose client did not wait for one, in the metrics."""
ELSEWHERE = "other"
"""The route of all paths that do not exist: what strangers try is no label."""
SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
)
_OWN_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)

log = logging.getLogger(__name__)


def build_app(gateway: Gateway) -> Starlette:
    """The application over an open gateway, which whoever opened it closes."""
    app = Starlette(
        routes=[route for each in (*FAMILIES, gateway.metrics) for route in each.routes(gateway)],
        middleware=[Middleware(Shell, gateway=gateway)],
        exception_handlers={HTTPException: _no_route},
    )
    app.router.redirect_slashes = False  # it would lead to whatever the client calls this host
    return app


async def _no_route(request: Request, error: Exception) -> Response:
    """Says that there is no such path, or not with this method; tells the methods if asked."""
    if not isinstance(error, HTTPException):
        raise error
    methods = sorted((error.headers or {}).get("Allow", "").replace(" ", "").split(","))
    if error.status_code == HTTPStatus.NOT_FOUND:
        message = "There is no such path here. Ask at /complete or /v1/fim/completions, by POST."
        return error_reply(Refusal(status=404, code="not_found", message=message))
    allow = {"Allow": ", ".join([*methods, "OPTIONS"])}
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=allow)
    message = f"This path takes {' and '.join(methods)} only."
    return error_reply(
        Refusal(status=error.status_code, code="method_not_allowed", message=message, headers=allow)
    )


class Shell:
    """Around all routes: identity, header fields, other origins, mistakes, and counting."""

    def __init__(self, app: ASGIApp, gateway: Gateway) -> None:
        self._app = app
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, whatever happens."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        own = scope["request_id"] = request_id(scope)
        reply = _Reply(send, self._fields(scope, own), self._gateway)
        began = time.perf_counter()
        self._gateway.under_way.add(reply)
        try:
            await self._answer(scope, receive, reply)
        finally:
            self._gateway.under_way.discard(reply)
            route = getattr(scope.get("route"), "path", ELSEWHERE)
            seconds = time.perf_counter() - began
            self._gateway.metrics.http(route, reply.status, seconds)
            # Neither the path nor the query as they were asked for: they could hold anything.
            who = getattr(scope.get("user"), "name", "") or "nobody by name"
            told = (own, who, scope["method"], route, reply.status, 1000 * seconds)
            log.info("request %s of %s: %s %s: %d after %.1f ms", *told)

    async def _answer(self, scope: Scope, receive: Receive, reply: "_Reply") -> None:
        refuse = partial(_refuse, scope, receive, reply)
        try:
            if scope["method"] == "OPTIONS" and (asked := _preflight(scope, self._gateway)):
                await asked(scope, receive, reply)
            else:
                await self._app(scope, receive, reply)
        except Refusal as refusal:
            await refuse(refusal)
        except Gone:
            pass
        except Exception as error:  # noqa: BLE001 - the one place that must catch everything
            # Not the message and no values: they could hold the user's code.
            told = (scope["request_id"], type(error).__name__, place_raised(error))
            log.error("request %s failed: %s at %s", *told)  # noqa: TRY400 - no traceback, for the same reason
            await refuse(internal_error())

    def _fields(self, scope: Scope, own: str) -> list[tuple[bytes, bytes]]:
        """What every reply says."""
        fields = [(b"x-request-id", own.encode("ascii")), *SECURITY]
        if origins := self._gateway.own.origins:
            origin = next(iter(values_of(scope, b"origin")), "")
            for name, value in cors.shared_with(origin, origins).items():
                fields.append((name.lower().encode("ascii"), value.encode("latin-1")))
        return fields


def request_id(scope: Scope) -> str:
    """By which a request is known in replies: the client's own name for it, if it is a tame one."""
    given = values_of(scope, b"x-request-id")
    if len(given) == 1 and _OWN_ID.fullmatch(given[0]):
        return given[0]
    return secrets.token_hex(16)


async def _refuse(scope: Scope, receive: Receive, reply: "_Reply", refusal: Refusal) -> None:
    """Says why, unless something else has been said already: then the connection tells it."""
    if not reply.has_begun:
        await error_reply(refusal)(scope, receive, reply)


def _preflight(scope: Scope, gateway: Gateway) -> Response | None:
    """The answer to a browser that asks before a page does; None if none has."""
    origin = next(iter(values_of(scope, b"origin")), "")
    if not origin or not values_of(scope, b"access-control-request-method"):
        return None
    if not cors.is_allowed(origin, gateway.own.origins):
        message = "Pages of this origin may not ask this gateway: see `origins` of its settings."
        return error_reply(Refusal(status=403, code="foreign_origin", message=message))
    private = bool(values_of(scope, b"access-control-request-private-network"))
    return Response(status_code=204, headers=cors.promised_to(private_network=private))


class _Reply:
    """Sends a reply with the fields that all have, and keeps its status in mind."""

    def __init__(self, send: Send, fields: list[tuple[bytes, bytes]], gateway: Gateway) -> None:
        self.status = HUNG_UP
        self._send = send
        self._fields = fields
        self._gateway = gateway

    @property
    def has_begun(self) -> bool:
        """Whether a status is on its way."""
        return self.status != HUNG_UP

    async def __call__(self, message: Message) -> None:
        """Passes a part of the reply on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self._headers(message.get("headers", ()))
        await self._send(message)

    def _headers(self, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        names = {name.lower() for name, _ in given}
        headers = [
            *given,
            *(each for each in self._fields if each[0] not in names or each[0] == b"vary"),
        ]
        if b"cache-control" not in names:
            headers.append((b"cache-control", b"no-store"))
        if self._gateway.is_draining and b"connection" not in names:
            headers.append((b"connection", b"close"))
        return headers
