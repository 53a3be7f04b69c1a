"""What settings accept: each kind in words and as a function; how values are spelled. Pure."""

import json
import shlex
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

SPELLED_CHARS = 80
"""Of a wrong value, in a message: enough to know it again."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that no repr, log or message shows."""

    _text: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self._text)

    def reveal(self) -> str:
        """The text itself, for the one place that sends it."""
        return self._text


@dataclass(frozen=True, slots=True)
class Kind:
    """What a setting accepts: in words, and as a function that raises ValueError or TypeError.

    Values that are not `echoed` may hold a secret and are shown by no message.
    """

    allowed: str
    parse: Callable[[object], Any]
    echoed: bool = True


def _parse_bool(value: object) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "1": True, "yes": True, "on": True}
    words |= {"false": False, "0": False, "no": False, "off": False}
    return words[str(value).strip().lower()]


def _parse_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value.strip()


def _parse_list(value: object) -> tuple[str, ...]:
    if isinstance(value, str):  # an environment variable
        value = _list_in(value.strip())
    if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
        raise TypeError
    return tuple(value)


def _list_in(text: str) -> object:
    """What a text of a list says: JSON, or parts between commas."""
    if not text.startswith(("[", "{", '"')):
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError from None


def number(least: float, most: float, *, whole: bool) -> Kind:
    """A number within bounds, or a text of one."""

    def parse(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise TypeError
        number = float(value)
        if not least <= number <= most or (whole and number != int(number)):
            raise ValueError
        return int(number) if whole else number

    bounds = f"{least:.10g} to {most:.10g}"
    return Kind(f"a {'whole ' if whole else ''}number from {bounds}", parse)


def choice(*names: str) -> Kind:
    """One of some names."""

    def parse(value: object) -> str:
        name = _parse_text(value).lower()
        if name not in names:
            raise ValueError
        return name

    return Kind(" or ".join(f'"{name}"' for name in names), parse)


def _parse_url(value: object) -> str:
    return _address(value, {"http", "https"})


def _parse_proxy(value: object) -> str:
    return _address(value, {"http", "https", "socks5", "socks5h"})


def _address(value: object, schemes: Collection[str]) -> str:
    url = _parse_text(value)
    parts = urlsplit(url)  # raises ValueError for brackets, `parts.port` for a port out of range
    if url and (parts.scheme not in schemes or not parts.hostname or parts.port == 0):
        raise ValueError
    return url.rstrip("/")


def _parse_secret(value: object) -> Secret:
    text = _parse_text(value)
    if not text.isascii() or not text.isprintable():
        raise ValueError  # no HTTP header can carry it
    return Secret(text)


def _parse_debounce(value: object) -> object:
    return value if value in {"auto", "frugal"} else number(0, 5000, whole=True).parse(value)


def spelled(value: object) -> str:
    """A value as TOML and the README write it, on one line and not endlessly long."""
    if isinstance(value, float):
        return f"{value:.10g}"
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
        text = text if text.isprintable() else json.dumps(value, default=str)
    except (RecursionError, TypeError, ValueError):  # too deep, or a number of too many digits
        return "..."
    return text if len(text) <= SPELLED_CHARS else text[:SPELLED_CHARS] + "..."


def spelled_for_shell(value: object) -> str:
    """A value as a shell takes it: one word needs no quotes."""
    if not isinstance(value, str) or not value.isprintable():
        return spelled(value)
    return shlex.quote(value[:SPELLED_CHARS]) + "..." * (len(value) > SPELLED_CHARS)


DEBOUNCE = Kind('"auto", "frugal" or a whole number from 0 to 5000', _parse_debounce)
BOOL = Kind("true or false", _parse_bool)
TEXT = Kind("a text", _parse_text)
TEXTS = Kind("a list of texts", _parse_list)
URL = Kind("an address that begins with http:// or https://", _parse_url)
PROXY = Kind(
    "an address that begins with http://, https://, socks5:// or socks5h://",
    _parse_proxy,
    echoed=False,
)
SECRET = Kind("a text of ASCII characters", _parse_secret, echoed=False)
