"""Whose a refused key is: a vendor with two hosts gives out two kinds of keys.

The other host is asked for its list of models, once for each key and never while somebody types.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio

from codestral_ls.addresses import host_of
from codestral_ls.errors import FimError
from codestral_ls.fim.providers import Endpoint, Sibling
from codestral_ls.fim.threads import in_thread
from codestral_ls.kinds import Secret
from codestral_ls.vendors import VENDORS

if TYPE_CHECKING:
    from codestral_ls.fim.network import Connections

SECONDS = 3.0
"""At most for the question; without an answer the general words have to do."""
_MADE_AT: Mapping[str, str] = {
    "codestral.mistral.ai": "https://console.mistral.ai/codestral",
    "api.mistral.ai": "https://console.mistral.ai/api-keys",
}
_HOSTS = frozenset(host_of(row.base) for row in VENDORS.values() if row.base.startswith("https:"))
"""No key goes anywhere else on a guess."""
_ACCEPTED = frozenset({HTTPStatus.OK, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN}) | {
    HTTPStatus.TOO_MANY_REQUESTS
}
"""What a host says to keys that it knows, whatever it thinks of the request."""

log = logging.getLogger(__name__)


class Siblings:
    """The other hosts of an endpoint's vendor, and what they said of the last refused key.

    `connect` makes connections to an address; it takes a while.
    """

    def __init__(self, endpoint: Endpoint, connect: Callable[[str], "Connections"]) -> None:
        ours = endpoint.url, *(each.url for each in endpoint.siblings)
        self._siblings = endpoint.siblings if all(map(_is_vendor, ours)) else ()
        self._endpoint = endpoint
        self._connect = connect
        self._asking = asyncio.Lock()
        self._refused = Secret()
        self._finding = ""

    async def advice_on(self, key: Secret, seconds: float) -> str:
        """What the user can do about a key that the endpoint has refused; "" if nobody knows."""
        if not key or not self._siblings:
            return ""
        async with self._asking:
            if key != self._refused:
                self._refused, self._finding = key, ""
                with anyio.move_on_after(min(SECONDS, seconds)):
                    self._finding = await self._advice(key)
            return self._finding

    async def _advice(self, key: Secret) -> str:
        host = self._endpoint.host
        for sibling in self._siblings:
            status = await self._ask(sibling, key)
            if status in _ACCEPTED:
                return self._belongs_to(sibling)
            if status != HTTPStatus.UNAUTHORIZED:
                return ""
        others = " nor ".join(host_of(each.url) for each in self._siblings)
        where = f" at {_MADE_AT[host]}" if host in _MADE_AT else ""
        return (
            f"The key of {self._endpoint.key.origin} is accepted by neither {host} nor {others}: "
            f"make a new one{where}."
        )

    def _belongs_to(self, sibling: Sibling) -> str:
        provider = f'`provider = "{sibling.provider}"`'
        if self._endpoint.key.given_in:
            to_do = f"put it into {sibling.variable}, and set {provider} if you have set another"
        else:
            to_do = f"set {provider}"
        return (
            f"{self._endpoint.host} does not accept this key: it is one of "
            f"{host_of(sibling.url)}. To use it there, {to_do}."
        )

    async def _ask(self, sibling: Sibling, key: Secret) -> int:
        """The status of the answer, 0 if there is none."""
        headers = {"Authorization": f"Bearer {key.reveal()}", "Accept": "application/json"}
        connections: Connections | None = None
        try:
            connections = await in_thread(partial(self._connect, sibling.url))
            async with connections.request("GET", sibling.url, headers) as reply:
                return reply.status
        except FimError as error:
            log.info("whose the key is remains unknown: %s", error)
            return 0
        finally:
            if connections is not None:
                with anyio.CancelScope(shield=True):
                    await connections.close()


def _is_vendor(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and parts.hostname in _HOSTS
