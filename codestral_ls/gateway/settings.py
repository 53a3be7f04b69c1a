"""Everything that can be chosen of a gateway, beside what the settings say of completion. Pure.

Like a setting of completion, each of them is declared in one place: its default, what it accepts
and what it does. Two fields are bounds, which are chosen one by one.
"""
# ruff: noqa: RUF009 - every default is declared with its meaning by one function

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from codestral_ls.entries import entries
from codestral_ls.gateway.users import Bounds
from codestral_ls.kinds import BOOL, SECRET, TEXT, TEXTS, Kind, Secret, Unfit, choice, number
from codestral_ls.vendors import OFFLINE, VENDORS


def _option(default: Any, kind: Kind, about: str, *, name: str = "") -> Any:  # noqa: ANN401 - the field's own annotation is what counts
    return field(default=default, metadata={"kind": kind, "about": about, "name": name})


def _bounds(prefix: str, about: str) -> Any:  # noqa: ANN401 - likewise
    return field(default=Bounds(), metadata={"prefix": prefix, "about": about})


def _parse_host(value: object) -> str:
    host = TEXT.parse(value)
    if not isinstance(host, str) or not host:
        raise Unfit("it is empty")
    if "//" in host:
        raise Unfit("it is to have no http:// in front")
    bare = host.removeprefix("[").removesuffix("]")
    if re.fullmatch(r"[0-9A-Za-z._-]+", bare) or re.fullmatch(r"[0-9A-Fa-f:.]+(%\w+)?", bare):
        return bare
    if re.fullmatch(r"[^:]+:\d+", host):
        raise Unfit("its port is a setting of its own")
    raise Unfit


def _parse_redis(value: object) -> Secret:
    text = TEXT.parse(value)
    if text and not str(text).startswith(("redis://", "rediss://", "unix://")):
        raise Unfit
    try:
        urlsplit(str(text)).port  # noqa: B018 - raises for one that is none
    except ValueError:
        raise Unfit("its host or port is none") from None
    return Secret(str(text))


def _parse_token_file(value: object) -> str:
    path = str(TEXT.parse(value))
    if path.startswith("cls_"):
        raise Unfit("it is a token")
    return path


def _parse_origins(value: object) -> tuple[str, ...]:
    origins: tuple[str, ...] = TEXTS.parse(value)
    for each in origins:
        if each != "*" and not re.fullmatch(r"https?://[^\s/?#@]+", each):
            raise Unfit("an origin is like https://example.org, with no path", part=each)
    return tuple(each.lower() for each in origins)


def _parse_secret(value: object) -> Secret:
    secret: Secret = SECRET.parse(value)
    if secret and len(secret.reveal()) < SECRET_CHARS:
        raise Unfit("it is too short to be one")
    return secret


SECRET_CHARS = 16
HOST = Kind("a name or an address of this machine, without a port", _parse_host)
REDIS = Kind(
    "an address that begins with redis://, rediss:// or unix://", _parse_redis, echoed=False
)
TOKEN_FILE = Kind("the name of a file", _parse_token_file, echoed=False)
ORIGINS = Kind('a list of origins such as "https://example.org", or ["*"]', _parse_origins)
LONG_SECRET = Kind(
    f"a text of {SECRET_CHARS} ASCII characters or more", _parse_secret, echoed=False
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """Total, so that nobody asks twice what was meant.

    `user` are the bounds of each user whose token says nothing else, `all` those of all together.
    """

    host: str = _option(
        "127.0.0.1",
        HOST,
        "Address to listen on. Any but this machine's own needs tokens, or `open`.",
    )
    port: int = _option(
        8787, number(0, 65_535, whole=True), "Port to listen on; 0 is any that is free."
    )
    workers: int = _option(
        1, number(1, 64, whole=True), "Processes that answer. More than one needs `redis`."
    )
    redis: Secret = _option(
        Secret(),
        REDIS,
        "Redis through which processes and gateways share texts, limits and who asks already: "
        "`redis://HOST:6379/0`.",
    )
    secret: Secret = _option(
        Secret(),
        LONG_SECRET,
        "With which the names of texts in Redis are made; gateways on several machines need the "
        "same one. Empty: one of this machine.",
    )
    is_open: bool = _option(
        False,
        BOOL,
        "Answer whoever can reach it without a token, also from other machines. They spend your "
        "key.",
        name="open",
    )
    tokens: str = _option(
        "",
        TOKEN_FILE,
        "File of the tokens; empty: `gateway-tokens.json` in the folder of the state.",
    )
    origins: tuple[str, ...] = _option(
        (), ORIGINS, 'Origins of web pages that may ask (CORS); `["*"]` is every page.'
    )
    fim: Literal["raw", "shaped"] = _option(
        "raw",
        choice("raw", "shaped"),
        "What `/v1/fim/completions` answers. `raw`: the model's own text; `shaped`: what an editor "
        "would show. `/raw/v1` and `/shaped/v1` do so whatever this says.",
    )
    models: tuple[str, ...] = _option(
        (),
        entries(OFFLINE, *VENDORS),
        "Further models that may be asked for by name, beside the one of `provider` or "
        '`providers`: `["ollama:qwen2.5-coder:7b"]`.',
    )
    max_body: int = _option(
        1_000_000, number(1000, 100_000_000, whole=True), "Most bytes of a request."
    )
    cache_seconds: int = _option(
        3600, number(0, 30 * 86_400, whole=True), "How long a text is kept for all; 0: not at all."
    )
    drain_seconds: float = _option(
        10.0,
        number(0, 600, whole=False),
        "How long replies that are under way may take when it is to end.",
    )
    user: Bounds = _bounds("user_", "of each user whose token says nothing else")
    all: Bounds = _bounds("", "of all users together")
    certificate: str = _option(
        "", TEXT, "File with the certificate (PEM), to answer by https; it may hold the key too."
    )
    certificate_key: str = _option("", TEXT, "File with the certificate's key (PEM).")


class Option(NamedTuple):
    """One that can be chosen: `field_name` and perhaps `part` say where its value stands."""

    name: str
    kind: Kind
    default: Any
    about: str
    field_name: str
    part: str = ""


def _options() -> Mapping[str, Option]:
    found: dict[str, Option] = {}
    for each in fields(GatewaySettings):
        about = each.metadata["about"]
        if "prefix" not in each.metadata:
            name = each.metadata["name"] or each.name
            found[name] = Option(name, each.metadata["kind"], each.default, about, each.name)
            continue
        for bound in fields(Bounds):
            name = each.metadata["prefix"] + bound.name
            said = f"{bound.metadata['about']} {about}; 0: no bound."
            kind = bound.metadata["kind"]
            found[name] = Option(name, kind, bound.default, said, each.name, bound.name)
    return found


OPTIONS: Mapping[str, Option] = _options()
"""By the name that a file, the environment and the command line give it."""


def build(values: Mapping[str, Any]) -> GatewaySettings:
    """The settings in which these differ from the usual ones; values are parsed already."""
    own = GatewaySettings()
    for name, value in values.items():
        option = OPTIONS[name]
        if option.part:
            value = replace(getattr(own, option.field_name), **{option.part: value})  # noqa: PLW2901 - the whole that it is a part of
        own = replace(own, **{option.field_name: value})
    return own
