"""The request body, as strictly as it is documented."""

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Count = Annotated[int, Field(ge=0)]


class FimRequest(BaseModel):
    """Unknown keys are refused: a client that sends one has misread the API."""

    model_config = ConfigDict(extra="forbid", strict=True)

    model: str
    prompt: str
    suffix: str | None = ""
    temperature: Annotated[float, Field(ge=0, le=1.5)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    max_tokens: Count | None = None
    min_tokens: Count | None = None
    stop: str | list[str] | None = None
    random_seed: Count | None = None
    stream: bool = False
    metadata: dict[str, Any] | None = None
    prompt_cache_key: str | None = None

    @property
    def stops(self) -> list[str]:
        """The texts to stop at, however they were given."""
        given = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return [text for text in given if text]


def parse(raw: bytes) -> FimRequest | list[dict[str, Any]]:
    """The request, or all that is wrong with it, in the words of the endpoint's framework."""
    try:
        return FimRequest.model_validate(read_json(raw))
    except ValidationError as error:
        return [_detail(fault) for fault in error.errors(include_url=False)]
    except ValueError as error:
        fault = {"loc": ("body", getattr(error, "pos", 0)), "msg": "JSON decode error"}
        return [{"type": "json_invalid", **fault, "input": {}, "ctx": {"error": str(error)}}]


def _detail(fault: Any) -> dict[str, Any]:  # a TypedDict that only mypy knows
    kept = {key: fault[key] for key in ("type", "loc", "msg", "input", "ctx") if key in fault}
    return kept | {"loc": ("body", *fault["loc"])}


def read_json(raw: bytes) -> object:
    """Raises ValueError for NaN and Infinity too, which Python reads but JSON does not have."""
    return json.loads(raw, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
