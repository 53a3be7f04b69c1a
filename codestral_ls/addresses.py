"""Addresses as users write them -> the addresses that are asked. Pure.

Any part of an address will do: with or without `/v1`, with the whole path, or with the path that
another program wants to have.
"""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import quote, urlsplit

MODEL = "{model}"
_KNOWN = (
    *("/v1/fim/completions", "/v1/completions", "/v1/chat/completions", "/v1/models", "/v1"),
    *("/fim/completions", "/chat/completions", "/completions", "/completion", "/models"),
    *("/infill", "/health", "/api/generate", "/api/show", "/api/tags", "/api/chat"),
)
"""How the addresses end that other programs are given."""
_PREDICT = re.compile(r"/publishers/mistralai/models/([^/:]+):(?:streamR|r)awPredict$")
"""Google's, whose models are part of the path."""


class Place(NamedTuple):
    """An address in three parts; the middle one is what was recognized as a path."""

    root: str
    path: str
    query: str

    def url(self, path: str) -> str:
        """The address with another path."""
        return self.root + path + self.query


def full_url(address: str, path: str, model: str = "") -> str:
    """Where requests go that have this path; a `{model}` in it is filled in."""
    place = _place(address, path)
    if _PREDICT.search(place.path):
        return place.url(place.path.replace(":rawPredict", ":streamRawPredict"))
    if place.path and place.path == _versionless(path):
        return place.url(place.path)
    return place.url(path.replace(MODEL, quote(model, safe="@")))


def listing_url(address: str, path: str, listing: str) -> str:
    """Where the same server lists its models."""
    place = _place(address, path)
    versionless = bool(place.path) and place.path == _versionless(path) != path
    return place.url(_versionless(listing) if versionless else listing)


def named_model(address: str) -> str:
    """The model that is a part of the address, "" if none is."""
    found = _PREDICT.search(urlsplit(address).path.rstrip("/"))
    return found[1] if found else ""


def _place(address: str, path: str) -> Place:
    parts = urlsplit(address)
    whole = parts.path.rstrip("/")
    found = _PREDICT.search(whole)
    ends = [end for end in _ends(path) if whole.endswith(end)]
    at = found.start() if found else len(whole) - len(max(ends, key=len, default=""))
    root = f"{parts.scheme}://{parts.netloc}{whole[:at]}".rstrip("/")
    return Place(root, whole[at:], f"?{parts.query}" if parts.query else "")


def _ends(path: str) -> Iterator[str]:
    """The endings that are no part of where a server is, if it is asked by this path."""
    if MODEL in path:
        return  # Google's version stands in front of the project
    yield from _KNOWN
    yield path
    yield _versionless(path)
    parts = path.split("/")
    yield from ("/".join(parts[:count]) for count in range(2, len(parts)))


def _versionless(path: str) -> str:
    return re.sub(r"^/v\d+", "", path)


def bare(url: str) -> str:
    """An address as messages show it: neither a login nor what is asked for; "" if it is none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{host_of(url)}{parts.path}" if parts.netloc else ""


def without_login(address: str) -> str:
    """What is to be an address, with "..." in the place of a login and of what is asked for."""
    address = re.sub(r"(?s)^(.*?//)?.*@", r"\1...@", address)
    return re.sub(r"(?s)\?.*", "?...", address)


def host_of(url: str) -> str:
    """How messages call a server: no path, no credentials, its port if the address names it."""
    return urlsplit(url).netloc.rpartition("@")[2].lower() or "the endpoint"


def is_local(url: str) -> bool:
    """Whether a server is on this machine."""
    return is_loopback(urlsplit(url).hostname or "")


def is_private(url: str) -> bool:
    """Whether nobody on the way can read what is sent there."""
    parts = urlsplit(url)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine; not by its first digits, with which names can begin too."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
