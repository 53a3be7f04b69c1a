"""All checks of one endpoint, in their order, and which of them need which."""

import importlib.util
import os
import ssl
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from urllib.request import getproxies

import certifi

from codestral_ls.commands.doctor.endpoint_probe import EndpointProbe
from codestral_ls.commands.doctor.findings import (
    Check,
    Finding,
    Look,
    failed,
    failure,
    fine,
    split_advice,
    warned,
)
from codestral_ls.commands.doctor.network_probe import NetworkProbe
from codestral_ls.commands.doctor.packages import KEYRING, to_install
from codestral_ls.commands.doctor.providers import SILENT, advice_for
from codestral_ls.commands.doctor.proxies import Proxy, ProxyRefused, chosen_proxy
from codestral_ls.commands.doctor.redaction import Redactor
from codestral_ls.errors import Refused, Unauthorized
from codestral_ls.fim.certificates import tls_context
from codestral_ls.fim.keys import SECONDS, Key
from codestral_ls.fim.providers import Endpoint
from codestral_ls.fim.routes import Network
from codestral_ls.fim.threads import in_thread
from codestral_ls.settings import Settings

KEY_SECONDS, KEY_CHECK_SECONDS = 8.0, 9.0
"""For a program that brings the key, which leaves some for a completion; its own limit comes first
and says more."""
STAGE_SECONDS = 4.0
ANSWER_SECONDS = 7.0

_NAMES_LATE = "Check the network: its name server does not answer."
_FILES_LATE = (
    "Check `ca_file`, `client_cert` and SSL_CERT_FILE: what they name cannot be read in time."
)
_PATIENCE = f"The server itself waits {SECONDS:g} s for it, so that a passphrase can be typed."
_KEY_LATE = f"Try in a terminal what brings the key. {_PATIENCE}"
_HOST_LATE = "Try again later; if it stays so, take another provider."
_WITHHELD = (
    "is not sent, because the address is plain http on another machine",
    "Use https, or set `api_key` to send a key nevertheless.",
)


class EndpointChecks:
    """The checks of one endpoint; `label` stands before their names where there are several."""

    def __init__(
        self,
        endpoint: Endpoint,
        network: Network,
        settings: Settings,
        *,
        label: str,
        redactor: Redactor,
    ) -> None:
        self._endpoint = endpoint
        self._network = network
        self._label = label
        self._redactor = redactor
        self._key = Key(endpoint.key, host=endpoint.host, seconds=KEY_SECONDS)
        self._probe = EndpointProbe(endpoint, network, settings, redactor.clean)

    def checks(self) -> tuple[Check, ...]:
        """In their order; each needs some of those before it."""
        if not self._endpoint.url:
            return (self._check("endpoint", self._look_at_use, needs=("provider",)),)
        try:
            advice = advice_for(self._endpoint)
            network = NetworkProbe(self._endpoint.url, advice=advice)
        except ValueError:
            return (self._check("endpoint", self._look_at_address, needs=("provider",)),)
        probe, route = self._probe, partial(self._look_at_route, network)
        answer = "key accepted" if self._endpoint.key else "answer"
        long = ANSWER_SECONDS
        return (
            self._check("key", self._look_at_key, KEY_CHECK_SECONDS, _KEY_LATE, ("provider",)),
            self._check("route", route, STAGE_SECONDS, _FILES_LATE, ("provider",)),
            self._check("DNS", network.look_up, STAGE_SECONDS, _NAMES_LATE, ("route",)),
            self._check("connection", network.connect, STAGE_SECONDS, SILENT, ("DNS",)),
            self._check("TLS", network.shake_hands, STAGE_SECONDS, advice.tls, ("connection",)),
            self._check(answer, probe.look_at_answer, long, _HOST_LATE, ("key", "TLS")),
            self._check("model", probe.look_at_model, needs=(answer,)),
            self._check("context", probe.look_at_context, needs=("model",)),
            self._check("completion", self._look_at_completion, long, _HOST_LATE, ("model",)),
            self._check("limits", probe.look_at_limits, needs=("completion",)),
        )

    def end(self) -> None:
        """Ends a program that is to bring the key."""
        self._key.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._probe.close()

    def _check(
        self,
        what: str,
        look: Look,
        seconds: float = STAGE_SECONDS,
        late: str = _HOST_LATE,
        needs: tuple[str, ...] = (),
    ) -> Check:
        named = tuple(each if each == "provider" else self._label + each for each in needs)
        return Check(name=self._label + what, look=look, seconds=seconds, late=late, needs=named)

    async def _look_at_use(self) -> Finding:
        return failed(*split_advice(self._endpoint.unusable))

    async def _look_at_address(self) -> Finding:
        where = self._endpoint.address_in
        return failed("its address names no host", f"Correct it in {where}: https://HOST:PORT.")

    async def _look_at_key(self) -> Finding:
        """Where the key comes from; of the key itself nothing is said."""
        plan = self._endpoint.key
        if plan.origin == "`api_key_keyring`" and importlib.util.find_spec("keyring") is None:
            return failed("the system's keyring cannot be read", f"Install {to_install(KEYRING)}.")
        began = time.monotonic()
        try:
            key = await self._key.get()
        except Unauthorized as error:
            finding = failure(error, f"Correct {plan.origin}.")
            is_late = time.monotonic() - began >= KEY_SECONDS
            return replace(finding, advice=f"{finding.advice} {_PATIENCE}") if is_late else finding
        self._redactor.learn(key)
        self._probe.use(key)
        if plan.withheld:
            what, advice = _WITHHELD
            return warned(f"{plan.withheld} {what}", advice)
        return fine(f"from {plan.origin}" if key else "none, and none is needed")

    async def _look_at_completion(self) -> Finding:
        finding = await self._probe.look_at_completion()
        return replace(finding, cause=finding.cause and self._label + finding.cause)

    async def _look_at_route(self, probe: NetworkProbe) -> Finding:
        """The proxy that is taken, and who is trusted."""
        network, url = self._network, self._endpoint.url
        try:
            proxy = chosen_proxy(url, network, getproxies() if network.trust_env else {})
            tls = await in_thread(partial(_trust, network))
        except ProxyRefused as refusal:
            return failed(refusal.found, refusal.advice)
        except Refused as error:
            return failure(error)
        if proxy is not None:
            self._redactor.learn_address(proxy.url)
        probe.take(proxy, tls)
        return fine(f"{_named(proxy)}; {_authorities(network)}")


def _trust(network: Network) -> ssl.SSLContext:
    environ: Mapping[str, str] = os.environ if network.trust_env else {}
    # As httpx does, which is asked by the client for the same.
    return tls_context(
        network, environ, partial(ssl.create_default_context, cafile=certifi.where())
    )


def _named(proxy: Proxy | None) -> str:
    return f"through {proxy.shown}, by {proxy.by}" if proxy else "no proxy"


def _authorities(network: Network) -> str:
    """Which certificate authorities are trusted."""
    if network.ca_file:
        return f"authorities of the system and of {network.ca_file} (`ca_file`)"
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if network.trust_env and os.environ.get(variable):
            return f"authorities of {os.environ[variable]} ({variable})"
    return "authorities as in browsers (certifi)"
