"""A request's body -> JSON, within bounds of size and time, or the reason why not."""

import asyncio
import json
import math
import re
from collections.abc import AsyncIterator
from typing import Any, NoReturn

from starlette.requests import Request
from starlette.types import Scope

from codestral_ls.gateway.access import value_of
from codestral_ls.gateway.errors import Refusal
from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.leaving import Gone

BODY_SECONDS = 10.0
"""For a body as a whole; a megabyte comes in that time through the slowest of lines."""
LENGTH_DIGITS = 20
"""Of a length; what has more is as much too long as what they say."""
_CLOSE = {"Connection": "close"}
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_UTF8 = frozenset({"", "utf-8", "utf8"})


class _Unfit(ValueError):
    """What JSON allows and nobody means."""


async def read_json(
    request: Request, gateway: Gateway, *, seconds: float = BODY_SECONDS
) -> dict[str, object]:
    """The object that a body holds; half surrogate pairs in it become U+FFFD.

    Raises:
        Refusal: there is none, or it is too long, too slow, or not what it says it is.
        Gone: whoever was sending it has hung up.
    """
    _check_kind(request.scope)
    return parse_object(await _read(request, gateway.own.max_body, seconds))


def _check_kind(scope: Scope) -> None:
    kind, _, parameters = value_of(scope, b"content-type").partition(";")
    if kind.strip().lower() != "application/json":
        raise _unsupported("Send JSON, with `Content-Type: application/json`.")
    for each in parameters.split(";"):
        name, _, value = each.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in _UTF8:
            raise _unsupported("Send the body in UTF-8.")
    if value_of(scope, b"content-encoding").strip().lower() not in {"", "identity"}:
        raise _unsupported("Send the body as it is, without a Content-Encoding.")


def _unsupported(message: str) -> Refusal:
    return Refusal(status=415, code="unsupported_media_type", message=message)


async def _read(request: Request, most: int, seconds: float) -> bytes:
    announced = value_of(request.scope, b"content-length")
    if announced.isascii() and announced.isdecimal() and int(announced[:LENGTH_DIGITS]) > most:
        raise _too_large(most)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for part in _parts(request):
                body += part
                if len(body) > most:
                    raise _too_large(most)
    except TimeoutError:
        message = f"The body has not come within {seconds:g} s. Send it again."
        raise Refusal(status=408, code="slow_body", message=message, headers=_CLOSE) from None
    return bytes(body)


async def _parts(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes."""
    more = True
    while more:
        message = await request.receive()
        if message["type"] != "http.request":
            raise Gone
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _too_large(most: int) -> Refusal:
    message = f"The body is longer than {most} bytes. Send less of the text around the cursor."
    return Refusal(status=413, code="too_large", message=message, headers=_CLOSE)


def parse_object(body: bytes) -> dict[str, object]:
    """The object in a body.

    Raises:
        Refusal: it holds none.
    """
    try:
        value = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
        if _HALF.search(body):
            value = _whole(value)
    except UnicodeDecodeError as error:
        raise _invalid(f"The body is no UTF-8: see its byte {error.start}.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _invalid(f"The body is no JSON: {error.msg}, {where}.") from None
    except _Unfit as error:
        raise _invalid(f"The body is no JSON that is read here: {error}.") from None
    except ValueError:  # the one that is left, of the interpreter
        raise _invalid("The body holds a number of too many digits.") from None
    except RecursionError:
        raise _invalid("The body is nested too deep.") from None
    if not isinstance(value, dict):
        raise _invalid("The body is no JSON object: put the fields between braces.")
    return value


def _invalid(message: str) -> Refusal:
    return Refusal(status=400, code="invalid_json", message=message)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Unfit("the same name is there twice in an object")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise _Unfit(f"{name} is no number of JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _Unfit("a number is too large")
    return number


def _whole(value: object) -> object:
    """The same with text that UTF-8 can carry; editors cut emoji in half."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        return {str(_whole(key)): _whole(each) for key, each in value.items()}
    return value
