"""What must be right before a gateway starts, and what it says when it does."""

import os
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from codestral_ls.addresses import is_loopback
from codestral_ls.fim.providers import Endpoint, choose_endpoints
from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.opening import settings_of_models
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.token_file import BrokenFile
from codestral_ls.gateway.tokens import Tokens
from codestral_ls.settings import Settings

WRONG, IMPOSSIBLE = 2, 1
"""Exit statuses: something is set wrongly, or the machine does not let it."""
NEEDS_TOKENS = (
    "{host} can be reached from other machines, and there are no tokens, so that anybody there"
    " could spend your key. Make one for each user: codestral-ls gateway token create NAME. Or pass"
    " --open to answer everybody all the same"
)
NEEDS_REDIS = (
    "{workers} workers need --redis: it is through Redis that they share texts, limits and budgets"
)
NO_KEY = (
    "No key is set, so that texts are made of what is sent alone. For Codestral, set"
    " MISTRAL_API_KEY or CODESTRAL_API_KEY."
)


class NotServing(Exception):
    """It cannot be started; the message is for the user, `status` is the exit status."""

    def __init__(self, message: str, status: int = IMPOSSIBLE) -> None:
        super().__init__(f"{message}.")
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that a gateway is made of; `statistics` and what else it keeps are in one folder."""

    own: GatewaySettings
    settings: Settings
    statistics: Path
    tokens: Path


def check(plan: Plan) -> tuple[str, ...]:
    """What is not as its user may think, though it can be started.

    Raises:
        NotServing: it cannot.
    """
    own, tokens = plan.own, _tokens(plan.tokens)
    if own.workers > 1 and not own.redis:
        raise NotServing(NEEDS_REDIS.format(workers=own.workers), WRONG)
    if own.workers > 1 and os.name != "posix":
        raise NotServing("this system does not let several workers answer at one port", WRONG)
    if own.certificate_key and not own.certificate:
        raise NotServing("certificate_key is set, but no certificate", WRONG)
    is_far = not is_loopback(own.host)
    if is_far and not tokens and not own.is_open:
        raise NotServing(NEEDS_TOKENS.format(host=own.host), WRONG)
    context_of(own)
    notes = []
    if tokens and not tokens.list():
        notes.append(f"There is no token in {tokens.path}: nobody may ask until one is made.")
    if tokens and own.is_open:
        notes.append(f"--open changes nothing: there are tokens in {tokens.path}.")
    if is_far and not own.certificate:
        notes.append(
            "Tokens and code can be read on their way, unless a proxy in front of it, or"
            " --certificate, encrypts them."
        )
    return (*notes, *_unasked(own, plan.settings))


def _unasked(own: GatewaySettings, settings: Settings) -> Iterator[str]:
    """Models of which it is known that they will not answer."""
    for each in settings_of_models(own, settings):
        endpoints = choose_endpoints(each)
        if not endpoints and each.provider == "auto" and not each.providers:
            yield NO_KEY
        yield from filter(None, map(_missing, endpoints))


def _missing(endpoint: Endpoint) -> str:
    key = endpoint.key
    if endpoint.unusable or key or not key.needed:
        return endpoint.unusable
    return f"There is no API key for {endpoint.host}. Set {key.variable}."


def _tokens(path: Path) -> Tokens:
    tokens = Tokens(path)
    try:
        tokens.list()
    except BrokenFile as error:
        raise NotServing(str(error)) from None
    return tokens


def context_of(own: GatewaySettings) -> ssl.SSLContext | None:
    """What encrypts connections; None if nothing does.

    Raises:
        NotServing: the certificate or its key cannot be read, or they do not fit.
    """
    if not own.certificate:
        return None
    key = own.certificate_key or own.certificate
    for path in (own.certificate, key):
        try:
            Path(path).read_bytes()
        except OSError as error:
            raise NotServing(f"the certificate {path} cannot be read: {error.strerror}") from None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(own.certificate, own.certificate_key or None, _no_passphrase)
    except (OSError, ValueError) as error:
        why = (isinstance(error, ssl.SSLError) and error.reason) or str(error)
        raise NotServing(
            f"the certificate {own.certificate} with the key {key} cannot be used: {why};"
            " both are to be PEM, the key without a passphrase"
        ) from None
    return context


def _no_passphrase() -> str:
    """Instead of OpenSSL's question on the terminal, where nobody may sit."""
    raise ValueError("the key has a passphrase")


def words(gateway: Gateway, address: str, browser: str) -> str:
    """The line that says where it answers, with which model, whom, and where it can be tried."""
    usual = gateway.usual
    others = f" and {len(gateway.models) - 1} more" * (len(gateway.models) > 1)
    who = "whoever asks" if gateway.own.is_open else "programs of this machine"
    who = "whoever has a token" if gateway.tokens else who
    provider = usual.engine.provider.name
    model = usual.name if usual.name == provider else f"{usual.name} ({provider})"
    return (
        f"codestral-ls gateway: {address} answers {who}, with {model}{others}."
        f" Playground: {browser}/"
    )
