"""Whether a gateway is alive, and whether it wants to be asked. Neither needs a token."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from codestral_ls.engine.condition import Condition
from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.replies import json_reply


def routes(gateway: Gateway) -> list[Route]:
    """`/healthz` for who restarts processes, `/readyz` for who chooses one among several."""

    async def alive(_request: Request) -> Response:
        return json_reply({"alive": True})

    async def ready(_request: Request) -> Response:
        return json_reply(readiness(gateway), 503 if gateway.is_draining else 200)

    return [Route("/healthz", alive), Route("/readyz", ready)]


def readiness(gateway: Gateway) -> dict[str, Any]:
    """How it stands, in words that hold no address and nothing that a host has said.

    A model that fails does not make a gateway unready: another one would fail as well, and what is
    known is still answered.
    """
    models = {name: state_of(each.engine.condition) for name, each in gateway.models.items()}
    return {"ready": not gateway.is_draining, "redis": redis_of(gateway), "models": models}


def redis_of(gateway: Gateway) -> str:
    """How it stands with what several gateways share."""
    if not gateway.own.redis:
        return "unused"
    return "well" if gateway.tier.is_well else "away"


def state_of(condition: Condition) -> str:
    """How it stands with a model, in a word or two."""
    if condition.cause is not None:
        return condition.cause.value
    if condition.offline:
        return "offline"
    return "well" if condition.serves and condition.failure is None else "failing"
