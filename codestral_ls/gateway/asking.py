"""The body of a call of `/complete` -> what the engine is asked. Pure."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from codestral_ls.gateway.answers import Asked
from codestral_ls.gateway.errors import Refusal
from codestral_ls.gateway.gateway import Model
from codestral_ls.gateway.users import User
from codestral_ls.kinds import did_you_mean
from codestral_ls.languages import identifier_of, language_of
from codestral_ls.model import Budget, Request, Snapshot, Trigger
from codestral_ls.wishes import Scope, Wishes

HEAD_CHARS = 6000
"""Of the beginning of a text that is longer than what a model is shown of it."""
BOM = "\ufeff"
NAME_CHARS = 40
"""Of a field that nobody knows, in a message."""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


_Stop = Annotated[str, Field(min_length=1, max_length=1000)]


class Body(BaseModel):
    """What a client may send. A field that is null is as good as none."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    prefix: str
    suffix: str = ""
    language: str = Field("", max_length=100)
    path: str = Field("", max_length=4096)
    trigger: Literal["automatic", "invoked"] = "invoked"
    max_tokens: int = Field(0, ge=1, le=4096)
    stop: Annotated[list[_Stop], Field(max_length=4), BeforeValidator(_as_list)] = []
    candidates: int = Field(1, ge=1, le=5)
    model: str = Field("", max_length=200)
    explain: bool = False


def read_body(value: Mapping[str, object]) -> Body:
    """The body, if all its fields are right.

    Raises:
        Refusal: one of them is not; it says which one and why.
    """
    try:
        return Body.model_validate({name: each for name, each in value.items() if each is not None})
    except ValidationError as error:
        raise _wrong(error.errors(include_url=False, include_input=False)[0]) from None


def _wrong(error: Mapping[str, Any]) -> Refusal:
    name = ".".join(str(each) for each in error["loc"])
    kind = error["type"]
    if kind == "missing":
        message = f"`{name}` is required: the text before the cursor, which may be empty."
    elif kind == "extra_forbidden":
        name = name if name.isascii() and name.isidentifier() else ""
        name = name[:NAME_CHARS]
        hint = did_you_mean(name, Body.model_fields).capitalize() if name else ""
        known = ", ".join(f"`{each}`" for each in Body.model_fields)
        message = " ".join(filter(None, ("There is no such field.", hint, f"There are {known}.")))
    else:
        _, _, expected = error["msg"].partition(" ")  # "Input should be a valid string"
        message = f"`{name}` {expected}."
    return Refusal(status=400, code="invalid_field", message=message, field_name=name)


def asked_of(body: Body, user: User, models: Mapping[str, Model], lane: str) -> Asked:
    """What a body asks of one of the models, as one request of its own.

    Raises:
        Refusal: there is no such model.
    """
    model = models.get(body.model) if body.model else next(iter(models.values()))
    if model is None:
        message = f"There is no such model. There are {', '.join(models)}: see GET /v1/models."
        raise Refusal(status=400, code="unknown_model", message=message, field_name="model")
    wishes = Wishes(max_tokens=body.max_tokens, candidates=body.candidates, stop=tuple(body.stop))
    snapshot = snapshot_of(body, model.engine.budget, Scope(owner=user.name, wishes=wishes))
    request = Request(snapshot=snapshot, trigger=Trigger(body.trigger), lane=lane, patient=True)
    line_end = line_end_of(body.prefix) or line_end_of(body.suffix) or "\n"
    return Asked(engine=model.engine, request=request, line_end=line_end, explain=body.explain)


def snapshot_of(body: Body, budget: Budget, scope: Scope) -> Snapshot:
    """As much of the text around the cursor as matters; `path` is a name and nothing else."""
    prefix, suffix = body.prefix.removeprefix(BOM), body.suffix
    if prefix.endswith("\r") and suffix.startswith("\n"):  # a cursor inside of a line end
        prefix, suffix = prefix[:-1], "\r" + suffix
    prefix, suffix = _lf(prefix), _lf(suffix)
    left_out = prefix[: max(0, len(prefix) - budget.prefix_chars)]
    head = left_out[:HEAD_CHARS]
    below = suffix[budget.suffix_chars :]
    return Snapshot(
        uri=f"gateway:///{quote(body.path.lstrip('/') or 'untitled', errors='replace')}",
        language=language_in(body),
        prefix=prefix[len(left_out) :],
        suffix=suffix[: budget.suffix_chars],
        head=head[: head.rfind("\n") + 1],
        lines_above=left_out.count("\n"),
        lines_below=below.count("\n"),
        scope=scope,
    )


def language_in(body: Body) -> str:
    """The language by its name, whichever editor's, or by that of the file."""
    if body.language.strip():
        return identifier_of(body.language)
    return language_of(body.path.replace("\\", "/").rpartition("/")[2])


def line_end_of(text: str) -> str:
    """With what the first line of a text ends; "" if there is but one."""
    at = min((found for each in "\r\n" if (found := text.find(each)) >= 0), default=-1)
    if at < 0:
        return ""
    return "\r\n" if text.startswith("\r\n", at) else text[at]


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
