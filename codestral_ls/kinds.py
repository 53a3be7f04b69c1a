"""What settings accept: each kind in words and as a function; how values are spelled. Pure."""

import difflib
import json
import re
import shlex
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, unquote_plus, urlsplit

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
class Keys:
    """Secrets by the names of the environment variables that hold them."""

    _pairs: tuple[tuple[str, Secret], ...] = ()

    def of(self, variable: str) -> Secret:
        """The key in a variable; empty if there is none."""
        return dict(self._pairs).get(variable, Secret())

    def without(self, variables: Collection[str]) -> "Keys":
        """The others."""
        return Keys(tuple(pair for pair in self._pairs if pair[0] not in variables))


class Unfit(ValueError):
    """A value is wrong in a way that can be told: the text of this says it, and quotes nothing.

    `part` is the one of a list that is meant, and `fit` are those that are right.
    """

    def __init__(
        self, why: str = "", *, part: str | None = None, fit: tuple[str, ...] = ()
    ) -> None:
        super().__init__(why)
        self.part = part
        self.fit = fit


@dataclass(frozen=True, slots=True)
class Kind:
    """What a setting accepts: in words, and as a function that raises ValueError or TypeError.

    Values that are not `echoed` may hold a secret and are shown by no message.
    """

    allowed: str
    parse: Callable[[object], Any]
    echoed: bool = True
    is_address: bool = False


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


def _parse_unicode(value: object) -> str:
    text = _parse_text(value)
    text.encode()  # raises for half a character, which editors do send and no address can carry
    return text


def _parse_list(value: object) -> tuple[str, ...]:
    if isinstance(value, str):  # an environment variable
        value = _list_in(value.strip())
    if not isinstance(value, list | tuple):
        raise TypeError
    fit = tuple(part for part in value if isinstance(part, str))
    if len(fit) < len(value):
        raise Unfit(fit=fit)
    return fit


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
            raise Unfit(did_you_mean(name, names))
        return name

    return Kind(" or ".join(f'"{name}"' for name in names), parse)


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """The question whether a name that nobody knows was to be one of these; "" if none is near."""
    near = difflib.get_close_matches(name, names, n=1)
    return f'did you mean "{near[0]}"?' if near else ""


def _parse_url(value: object) -> str:
    return _address(value, {"http", "https"})


def _fits(parse: Callable[[Any], object], value: object) -> bool:
    try:
        parse(value)
    except ValueError:
        return False
    return True


def _parse_proxy(value: object) -> str:
    return _address(value, {"http", "https", "socks5", "socks5h"})


def _address(value: object, schemes: Collection[str]) -> str:
    url = _parse_text(value)
    if url:
        _check_address(url, schemes)
    return url.rstrip("/")


def _check_address(url: str, schemes: Collection[str]) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Unfit("its brackets hold no address of a host") from None
    if parts.scheme not in schemes:
        raise Unfit
    if not parts.hostname:
        raise Unfit("it names no host")
    if not _fits(_nonzero_port, parts):
        raise Unfit("its port is not from 1 to 65535")


def _nonzero_port(parts: SplitResult) -> None:
    if parts.port == 0:  # raises ValueError by itself for one out of range
        raise ValueError


def _parse_secret(value: object) -> Secret:
    text = _parse_text(value)
    if why := unfit_for_key(text):
        raise Unfit(why)
    return Secret(text)


def unfit_for_key(text: str) -> str:
    """Why a text is no key, in words that quote nothing of it; "" if it can be one."""
    if not text.isascii() or not text.isprintable():  # no HTTP header can carry it
        return "it holds other characters than ASCII's"
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'`":
        return "it stands in quotes, which are no part of a key"
    return ""


def _parse_keys(value: object) -> Keys:
    if not isinstance(value, Mapping):
        raise TypeError
    return Keys(tuple((str(name), _parse_secret(text)) for name, text in value.items()))


def _parse_debounce(value: object) -> object:
    return value if value in {"auto", "frugal"} else number(0, 5000, whole=True).parse(value)


def spelled(value: object) -> str:
    """A value as TOML and the README write it, on one line and not endlessly long."""
    if isinstance(value, float):
        return f"{value:.10g}"
    try:
        value = _discreet(value)
        text = json.dumps(value, ensure_ascii=False, default=str)
        text = text if text.isprintable() else json.dumps(value, default=str)
        text = without_credentials(text)
    except (RecursionError, TypeError, ValueError):  # too deep, or a number of too many digits
        return "..."
    return text if len(text) <= SPELLED_CHARS else text[:SPELLED_CHARS] + "..."


def spelled_for_shell(value: object) -> str:
    """A value as a shell takes it: one word needs no quotes."""
    if not isinstance(value, str) or not value.isprintable():
        return spelled(value)
    value = str(_discreet(value))
    return shlex.quote(value[:SPELLED_CHARS]) + "..." * (len(value) > SPELLED_CHARS)


def _discreet(value: object) -> object:
    """The same without what is secret in an address, be it written as oddly as it may."""
    if isinstance(value, list | tuple):
        return [_discreet(each) for each in value]
    if not isinstance(value, str):
        return value
    return re.sub(r"(?s)(//[^?]*\?).+", r"\1...", re.sub(r"(?s)//.*@", "//...@", value))


def without_credentials(text: str) -> str:
    """The text with "..." in the place of logins and of what is asked for in its addresses."""
    text = re.sub(r'//[^\s"]*@', "//...@", text)
    return re.sub(r'(//[^\s"?]*\?)[^\s"]+|([?&]key=)[^\s"&]+', r"\1\2...", text)


LONG_VALUE = 8
"""Characters: what is asked for by an address is often no secret, but no shorter one is one."""


def secrets_in(url: str) -> tuple[Secret, ...]:
    """What of an address no message may show: its login, and the longer values of its query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ()
    login = parts.netloc.rpartition("@")[0]
    user, _, password = login.partition(":")
    values = (each.partition("=")[2] or each for each in parts.query.split("&"))
    raw = [login, password or user, *(each for each in values if len(each) >= LONG_VALUE)]
    texts = dict.fromkeys(text for each in raw for text in (each, unquote_plus(each)) if text)
    return tuple(map(Secret, texts))


def split_entry(entry: str) -> tuple[str, str, str]:
    """NAME:MODEL@URL -> its three parts, "" for what is left out; models may hold ":" and "@"."""
    rest, *address = re.split(r"(?i)@(?=http)", entry, maxsplit=1)
    name, _, model = rest.partition(":")
    return name.strip().lower(), model.strip(), "".join(address).strip()


DEBOUNCE = Kind('"auto", "frugal" or a whole number from 0 to 5000', _parse_debounce)
BOOL = Kind("true or false", _parse_bool)
TEXT = Kind("a text", _parse_text)
UNICODE = Kind("a text", _parse_unicode)
TEXTS = Kind("a list of texts", _parse_list)
URL = Kind("an address that begins with http:// or https://", _parse_url, is_address=True)
PROXY = Kind(
    "an address that begins with http://, https://, socks5:// or socks5h://",
    _parse_proxy,
    echoed=False,
)
KEYS = Kind("texts of ASCII characters", _parse_keys, echoed=False)
SECRET = Kind("a text of ASCII characters", _parse_secret, echoed=False)
