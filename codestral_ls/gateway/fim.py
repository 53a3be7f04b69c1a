"""`POST /v1/fim/completions`: Mistral's own wire format, so that its clients need not change.

`/raw` and `/shaped` in front of it say what becomes of the text: `raw` passes it through, `shaped`
makes of it what an editor would be shown. Without either it is as the setting `fim` says, so that a
client chooses by its base address.
"""

import time
import uuid
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from codestral_ls.errors import FimError
from codestral_ls.gateway.access import caller
from codestral_ls.gateway.bodies import read_json
from codestral_ls.gateway.errors import Refusal
from codestral_ls.gateway.fim_failures import refusal_for
from codestral_ls.gateway.fim_replies import invalid, refused, streamed, whole
from codestral_ls.gateway.fim_wire import Head, Invalid, read_request
from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.models import chosen
from codestral_ls.gateway.orders import Order, Way
from codestral_ls.gateway.raw import RAW
from codestral_ls.gateway.shaped import SHAPED

PATH = "/v1/fim/completions"

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(gateway: Gateway) -> list[Route]:
    """The three addresses of the format."""
    usual = RAW if gateway.own.fim == "raw" else SHAPED
    ways = {"": usual, "/raw": RAW, "/shaped": SHAPED}
    return [
        Route(prefix + PATH, _endpoint(gateway, way), methods=["POST"])
        for prefix, way in ways.items()
    ]


def _endpoint(gateway: Gateway, way: Way) -> Endpoint:
    async def complete(request: Request) -> Response:
        try:
            return await _complete(request, gateway, way)
        except Refusal as refusal:
            return refused(refusal, request)
        except FimError as error:
            return refused(refusal_for(error), request)
        except Invalid as fault:
            return invalid(fault)

    return complete


async def _complete(request: Request, gateway: Gateway, way: Way) -> Response:
    user = await caller(request, gateway)
    body = read_request(await read_json(request, gateway))
    model = chosen(gateway, body.model or "")
    order = Order(gateway=gateway, model=model, user=user, body=body, id=uuid.uuid4().hex)
    head = Head(id=order.id, created=int(time.time()), model=model.name)
    reply = streamed if body.stream else whole
    return await reply(order, way, head, request.receive)
