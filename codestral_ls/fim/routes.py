"""How an endpoint is reached: deadline, certificates, proxy. Pure."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from codestral_ls.addresses import is_loopback
from codestral_ls.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How to get there: seconds for a whole call, proxy, certificates."""

    timeout: float
    proxy: str = field(default="", repr=False)
    ca_file: str = ""
    client_cert: str = ""
    client_cert_key: str = ""
    trust_env: bool = True


def network_of(settings: Settings) -> Network:
    """How the settings say that endpoints are reached."""
    return Network(
        timeout=settings.timeout_ms / 1000,
        proxy=settings.proxy,
        ca_file=settings.ca_file,
        client_cert=settings.client_cert,
        client_cert_key=settings.client_cert_key,
        trust_env=settings.trust_env,
    )


class Server(NamedTuple):
    """How messages call a server, and what they tell the user to do if it cannot be reached.

    `address_in` is the setting with its address, `absent` is for where nothing listens.
    """

    host: str
    address_in: str = "`endpoint`"
    check: str = "Check the network and the proxy."
    absent: str = ""


def proxy_for(url: str, variables: Mapping[str, str]) -> str:
    """The address of the proxy, "" for none.

    `variables` are those of the environment, or of the system, by scheme: "http", "https", "all"
    and "no". Nothing on this machine is behind a proxy: one elsewhere could not reach it.

    Not left to httpx, which takes no networks in NO_PROXY and stops at `[::1]`; both are common.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxy = variables.get(parts.scheme) or variables.get("all") or ""
    if not proxy or is_loopback(host) or _is_excepted(host, variables.get("no", "")):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def _is_excepted(host: str, exceptions: str) -> bool:
    host = host.lower().rstrip(".")
    return any(_covers(entry.lower(), host) for entry in exceptions.replace(",", " ").split())


def _covers(entry: str, host: str) -> bool:
    """Whether an entry of NO_PROXY means a host: "*", a network, an address, a name or its tail."""
    if entry == "*":
        return True
    with suppress(ValueError):
        address = ip_address(host)
        with suppress(ValueError):
            return address in ip_network(entry.strip("[]"), strict=False)
    name = ""
    with suppress(ValueError):  # brackets without an address between them
        name = urlsplit(entry if "://" in entry else f"//{entry}").hostname or ""
    name = name.removeprefix("*").strip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))
