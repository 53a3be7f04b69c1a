"""Which pages of other origins may ask, in the words of browsers. Off unless origins are named."""

from collections.abc import Collection, Mapping

ANY = "*"
ALLOWED: Mapping[str, str] = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, X-Request-Id",
    "Access-Control-Max-Age": "600",
}
EXPOSED = "Retry-After, X-Request-Id"


def is_allowed(origin: str, origins: Collection[str]) -> bool:
    """Whether pages of an origin may ask; names of hosts are written in any case."""
    return ANY in origins or any(origin.lower() == each.lower() for each in origins)


def shared_with(origin: str, origins: Collection[str]) -> dict[str, str]:
    """The header fields by which a browser lets a page read a reply; what varies, in any case.

    Nothing is ever sent with a browser's own credentials, so that those are not allowed.
    """
    if not origins:
        return {}
    if ANY in origins:
        return {"Access-Control-Allow-Origin": ANY, "Access-Control-Expose-Headers": EXPOSED}
    fields = {"Vary": "Origin"}
    if origin and is_allowed(origin, origins):
        fields["Access-Control-Allow-Origin"] = origin
        fields["Access-Control-Expose-Headers"] = EXPOSED
    return fields


def promised_to(*, private_network: bool) -> dict[str, str]:
    """What a page that is allowed may send, for the question that browsers ask before."""
    fields = dict(ALLOWED)
    if private_network:  # a page of the Internet that asks a machine of the house
        fields["Access-Control-Allow-Private-Network"] = "true"
    return fields
