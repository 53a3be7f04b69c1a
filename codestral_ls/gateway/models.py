"""`GET /v1/models`: who can be asked, in Mistral's form, and whom a name means."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from codestral_ls.gateway.access import caller
from codestral_ls.gateway.errors import Refusal
from codestral_ls.gateway.fim_replies import refused
from codestral_ls.gateway.gateway import Gateway, Model
from codestral_ls.gateway.replies import json_reply
from codestral_ls.vendors import UNKNOWN_TOKENS

USUAL = "codestral"
"""What begins like this means the usual model: clients bring names of the vendor's with them."""
LATEST = "codestral-latest"
"""The name that most clients ask for; the list says that it is there."""
UNKNOWN = "unknown_model"
OWNER = "codestral-ls"
CREATED = 1_753_833_600
"""When a model was made is not known; of `codestral-2508` it is this day."""
PREFIXES = ("", "/raw", "/shaped")
"""Each of them serves as a base address for clients that add `/v1/...` themselves."""


def chosen(gateway: Gateway, name: str) -> Model:
    """The model that a name means; the usual one for none.

    Raises:
        Refusal: there is none of this name.
    """
    usual = gateway.usual
    found = gateway.models.get(name) if name else usual
    if found is None and name.lower().startswith(USUAL):
        found = usual
    if found is None:
        names = ", ".join(gateway.models)
        raise Refusal(
            status=HTTPStatus.BAD_REQUEST,
            code=UNKNOWN,
            message=f"Invalid model: this gateway has {names}. Name one of them, or none.",
            field_name="model",
        )
    return found


def cards(gateway: Gateway) -> list[dict[str, Any]]:
    """A row for each model, the usual one first."""
    return [_card(model, gateway) for model in gateway.models.values()]


def _card(model: Model, gateway: Gateway) -> dict[str, Any]:
    is_usual = model is gateway.usual
    has_alias = is_usual and LATEST not in gateway.models
    return {
        "id": model.name,
        "object": "model",
        "created": CREATED,
        "owned_by": OWNER,
        "capabilities": {
            "completion_chat": False,
            "completion_fim": True,
            "function_calling": False,
            "fine_tuning": False,
            "vision": False,
            "classification": False,
        },
        "name": model.name,
        "description": f"{model.provider.name}, by way of this gateway",
        "max_context_length": model.provider.budget.tokens or UNKNOWN_TOKENS,
        "aliases": [LATEST] if has_alias else [],
        "deprecation": None,
        "default_model_temperature": model.engine.settings.temperature,
        "type": "base",
    }


def routes(gateway: Gateway) -> list[Route]:
    """The list, and each of its rows, under every base address."""

    async def listed(request: Request) -> Response:
        try:
            await caller(request, gateway)
        except Refusal as refusal:
            return refused(refusal, request)
        return json_reply({"object": "list", "data": cards(gateway)})

    async def described(request: Request) -> Response:
        try:
            await caller(request, gateway)
            model = chosen(gateway, request.path_params["name"])
        except Refusal as refusal:
            is_missing = refusal.code == UNKNOWN
            status = HTTPStatus.NOT_FOUND if is_missing else refusal.status
            return refused(replace(refusal, status=status), request)
        return json_reply(_card(model, gateway))

    return [
        *(Route(f"{each}/v1/models", listed, methods=["GET"]) for each in PREFIXES),
        *(
            Route(f"{each}/v1/models/{{name:path}}", described, methods=["GET"])
            for each in PREFIXES
        ),
    ]
