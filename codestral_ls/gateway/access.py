"""Who asks: by token where there are tokens, and else only who sits at this machine.

A page in the user's own browser is no user: it may ask if it comes from here or from an origin
that is allowed. Without tokens nothing else keeps out a page that has its own name point here
(DNS rebinding), so that the name by which the gateway is called matters as well.
"""

import ipaddress
import re
from functools import lru_cache

from starlette.requests import Request
from starlette.types import Scope

from codestral_ls.gateway.cors import is_allowed
from codestral_ls.gateway.errors import Refusal
from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.users import User

LOCAL_NAMES = frozenset({"localhost", "localhost."})
FORWARDED = (b"forwarded", b"x-forwarded-", b"x-real-ip", b"x-envoy-", b"cf-connecting-ip", b"via")
"""What proxies add, or begin it with: who is behind them is not at this machine."""
MOST_HOSTS = 256
_HOST = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<name>[^:\[\]]*))(?::\d*)?", re.ASCII)
_REALM = 'Bearer realm="codestral-ls gateway"'


def values_of(scope: Scope, name: bytes) -> list[str]:
    """What stands in all header fields of a name (in lower case)."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def value_of(scope: Scope, name: bytes) -> str:
    """What stands in the one header field of a name; "" without it.

    Raises:
        Refusal: there are several, of which others may read another one.
    """
    values = values_of(scope, name)
    if len(values) > 1:
        word = name.decode("ascii")
        message = f"The header field {word} is there {len(values)} times. Send it once."
        raise Refusal(status=400, code="duplicate_header", message=message)
    return values[0] if values else ""


async def caller(request: Request, gateway: Gateway) -> User:
    """Who asks.

    Raises:
        Refusal: nobody who may.
    """
    scope, own = request.scope, gateway.own
    _check_page(scope, own)
    if gateway.tokens:
        user = _bearer(value_of(scope, b"authorization"), gateway)
        scope["user"] = user  # for the log
        return user
    if not own.is_open:
        _check_here(scope)
    return User()


def _bearer(value: str, gateway: Gateway) -> User:
    scheme, _, token = value.strip().partition(" ")
    if not value:
        raise _unauthorized("This gateway wants a token: send `Authorization: Bearer TOKEN`.")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or " " in token:
        words = "The header field Authorization is not of the form `Bearer TOKEN`."
        raise _unauthorized(words, "invalid_request")
    user = gateway.tokens.find(token)
    if user is None:
        words = "This token is unknown, expired or revoked. Ask whoever runs this gateway for one."
        raise _unauthorized(words, "invalid_token")
    return user


def _unauthorized(message: str, error: str = "") -> Refusal:
    challenge = f'{_REALM}, error="{error}"' if error else _REALM
    headers = {"WWW-Authenticate": challenge}
    return Refusal(status=401, code="unauthorized", message=message, headers=headers)


def _check_page(scope: Scope, own: GatewaySettings) -> None:
    """Refuses pages of strangers, by what the browser says of where they come from."""
    origin = value_of(scope, b"origin")
    if origin:
        if not _is_own(origin, scope) and not is_allowed(origin, own.origins):
            raise _foreign_page()
        return
    if value_of(scope, b"sec-fetch-site") == "cross-site" and not _is_link(scope):
        raise _foreign_page()


def _foreign_page() -> Refusal:
    message = (
        "Pages of this origin may not ask this gateway. Whoever runs it can allow them: "
        "set `origins` in the table [gateway] of config.toml."
    )
    return Refusal(status=403, code="foreign_origin", message=message)


def _is_own(origin: str, scope: Scope) -> bool:
    """Whether a page is the gateway's: by its name and port, since a proxy may speak the TLS."""
    scheme, _, place = origin.partition("://")
    return scheme in {"http", "https"} and place.lower() == value_of(scope, b"host").lower()


def _is_link(scope: Scope) -> bool:
    """Whether the user has followed a link, whose answer the page does not see."""
    return bool(scope["method"] == "GET" and value_of(scope, b"sec-fetch-mode") == "navigate")


def _check_here(scope: Scope) -> None:
    """Refuses who is not at this machine."""
    peer = scope.get("client")
    if not peer or not is_loopback(peer[0]):
        raise _elsewhere("Without tokens this gateway answers only programs of its own machine.")
    if _is_forwarded(scope):
        raise _elsewhere("This request has come through a proxy, and there are no tokens.")
    if not _names_here(value_of(scope, b"host")):
        raise _elsewhere(
            "Without tokens this gateway is only called localhost or by a loopback address."
        )


def _is_forwarded(scope: Scope) -> bool:
    """Whether a proxy of this machine has sent a request; not all that are one can be told.

    Of itself nginx adds no field and calls the gateway as its settings do; but it speaks HTTP/1.0,
    which has been nobody else's habit for long.
    """
    is_old = scope["http_version"] == "1.0"
    return is_old or any(key.startswith(FORWARDED) for key, _ in scope["headers"])


def _elsewhere(what: str) -> Refusal:
    message = (
        f"{what} Whoever runs it can make one with `codestral-ls gateway token create NAME`, "
        "or start it with --open for everybody who can reach it."
    )
    return Refusal(status=403, code="not_local", message=message)


@lru_cache(MOST_HOSTS)
def _names_here(host: str) -> bool:
    """Whether the value of `Host` names this machine, with any port."""
    found = _HOST.fullmatch(host)
    name = (found["v6"] or found["name"] or "") if found else ""
    return name.lower() in LOCAL_NAMES or is_loopback(name)


@lru_cache(MOST_HOSTS)
def is_loopback(address: str) -> bool:
    """Whether an address is one of this machine alone."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback)
