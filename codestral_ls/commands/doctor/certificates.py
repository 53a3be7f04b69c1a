"""Who has issued a certificate. Pure.

The standard library tells nothing of a certificate that it does not trust, which is just the one
whose issuer is wanted: so its DER is read here as far as the issuer stands (RFC 5280, 4.1).
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

COMMON_NAME = b"\x55\x04\x03"
ORGANIZATION = b"\x55\x04\x0a"
_SEQUENCE, _EXPLICIT_VERSION = 0x30, 0xA0
_LONG_FORM = 0x80
_TEXTS: Mapping[int, str] = {
    0x0C: "utf-8",
    0x13: "ascii",
    0x14: "latin-1",
    0x16: "ascii",
    0x1E: "utf-16-be",
}
"""Kinds of text that a name may have, and their encodings."""


class _Element(NamedTuple):
    tag: int
    body: bytes


def issuer_of(certificate: bytes) -> str:
    """The issuer's name in a DER certificate; "" where it cannot be read."""
    try:
        (whole,) = _elements(certificate)
        signed = list(_elements(next(_elements(whole.body)).body))
        # version (if it is not 1), serial number, algorithm of the signature, issuer
        issuer = signed[3 if signed[0].tag == _EXPLICIT_VERSION else 2]
        return _name(dict(_attributes(issuer.body)))
    except (ValueError, IndexError, StopIteration):
        return ""


def issuer_in(certificate: Mapping[str, object]) -> str:
    """The same from what `getpeercert` says of a trusted one."""
    rows = certificate.get("issuer")
    names = {}
    for row in rows if isinstance(rows, tuple) else ():
        for name, text in row:
            names[name] = str(text)
    return _named(names.get("organizationName", ""), names.get("commonName", ""))


def _name(attributes: Mapping[bytes, str]) -> str:
    return _named(attributes.get(ORGANIZATION, ""), attributes.get(COMMON_NAME, ""))


def _named(organization: str, name: str) -> str:
    return f"{name} ({organization})" if name and organization else name or organization


def _attributes(name: bytes) -> Iterator[tuple[bytes, str]]:
    for group in _elements(name):
        for pair in _elements(group.body):
            kind, text = _elements(pair.body)
            yield kind.body, text.body.decode(_TEXTS.get(text.tag, "latin-1"), "replace")


def _elements(data: bytes) -> Iterator[_Element]:
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & _LONG_FORM:
            digits = length & ~_LONG_FORM
            length, at = int.from_bytes(data[at : at + digits]), at + digits
        if at + length > len(data):
            raise ValueError
        yield _Element(tag, data[at : at + length])
        at += length
