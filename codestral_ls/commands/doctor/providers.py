"""Who is asked: how each is started, which models it has, and who answers in its place. Pure."""

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from codestral_ls.addresses import is_loopback
from codestral_ls.commands.doctor.findings import (
    Finding,
    failed,
    fine,
    split_advice,
    unchecked,
    warned,
)
from codestral_ls.context.tokens import BYTES_PER_TOKEN, CAUTION
from codestral_ls.fim.formats.terms import ListedModel
from codestral_ls.fim.providers import Endpoint
from codestral_ls.kinds import split_entry
from codestral_ls.settings import Settings
from codestral_ls.vendors import OFFLINE, VENDORS

AUTO = "auto"
LISTED = "`providers`"
"""Where the addresses and the models of several are set."""
MOST_NAMED = 3
"""Models, in an advice."""
COMPLETE_LISTS = frozenset({"mistral"})
"""Dialects whose lists name every model; those of gateways are often only a part."""
GATEWAY = "gateway"
OWNERS: Mapping[str, str] = {
    "llamacpp": "llama.cpp",
    "library": "ollama",
    "vllm": "vllm",
    "organization_owner": "lmstudio",
    "codestral-ls": GATEWAY,
}
"""What servers of one's own write as `owned_by` into their lists of models, and whose it is."""
SPOKEN_BY_ALL = frozenset({"openai", "template", "chat"})
"""Dialects that each of these servers understands beside its own, but for a gateway: that is
Mistral's API itself."""
_NO_KEY = (
    "For Codestral, set MISTRAL_API_KEY or CODESTRAL_API_KEY to a key from console.mistral.ai."
)
SILENT = "Check the network, the proxy and the firewall: something takes, and does not answer."
PORTS: Mapping[str, int] = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do if a stage fails, which depends on who is asked; `tls` is for silence there."""

    address: str
    connection: str
    tls: str


def provider_finding(settings: Settings, endpoints: Sequence[Endpoint]) -> Finding:
    """Who is going to be asked, in which order, and what decided on it."""
    if not endpoints:
        if settings.provider == AUTO and not settings.providers:
            return warned("offline, because no key is set", _NO_KEY)
        return fine(f"offline, because {_decided(settings, ())} says so")
    names = [_shown(endpoint) for endpoint in endpoints]
    entries = [split_entry(entry)[0] for entry in settings.providers]
    if OFFLINE in entries or settings.offline_fallback:
        names.append(OFFLINE)
    return fine(f"{', then '.join(names)}; by {_decided(settings, endpoints)}")


def _decided(settings: Settings, endpoints: Sequence[Endpoint]) -> str:
    if settings.providers:
        return LISTED
    if settings.provider != AUTO:
        return "`provider`"
    if settings.endpoint:
        return "`endpoint`"
    return endpoints[0].key.origin if endpoints else "`provider`"


def _shown(endpoint: Endpoint) -> str:
    model = f" with {endpoint.model}" if endpoint.model else ""
    return f"{endpoint.provider} ({endpoint.host}{model})"


def place_of(url: str) -> tuple[str, int]:
    """The host and the port of an address.

    Raises:
        ValueError: it is none.
    """
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError
    return parts.hostname, parts.port or PORTS.get(parts.scheme, 443)


def labels(endpoints: Sequence[Endpoint]) -> tuple[str, ...]:
    """What stands before the names of each endpoint's checks; nothing where there is only one."""
    if len(endpoints) == 1:
        return ("",)
    names = [each.provider for each in endpoints]
    return tuple(
        f"{name}: " if names.count(name) == 1 else f"{number} {name}: "
        for number, name in enumerate(names, 1)
    )


def advice_for(endpoint: Endpoint) -> Advice:
    """What to do if an endpoint cannot be reached."""
    host, port = place_of(endpoint.url)
    start, where = endpoint.start, endpoint.address_in
    tls = f"Check its address in {where}: perhaps the server speaks http:// and not https://."
    if start and is_loopback(host):
        started = f"Start it: `{start}`. If it runs elsewhere, set its address in {where}."
        return Advice(address=started, connection=started, tls=tls)
    if start or is_elsewhere(endpoint):
        return Advice(
            address=f"Check its address in {where}, and the network.",
            connection=f"Check that the server runs on {host} and listens on port {port}, or "
            f"correct its address in {where}.",
            tls=tls,
        )
    return Advice(
        address="Check the network and its name server; behind a company's proxy set `proxy`.",
        connection="Check the network and the firewall; behind a company's proxy set `proxy`.",
        tls=SILENT,
    )


def is_elsewhere(endpoint: Endpoint) -> bool:
    """Whether it is at an address of the user's, and not at the provider's own."""
    base = VENDORS[endpoint.provider].base
    return not base or place_of(base) != place_of(endpoint.url)


def server_in(listing: str) -> str:
    """The provider whose server has written a list of models; "" if that cannot be seen."""
    try:
        data = json.loads(listing)["data"]
        return OWNERS.get(data[0]["owned_by"], "")
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""


def wrong_server(endpoint: Endpoint, answers: str) -> Finding | None:
    """What to say if the server that answers is another provider's, and cannot be asked so."""
    spoken, name = endpoint.dialect, VENDORS[endpoint.provider].dialect
    also = {"mistral"} if answers == GATEWAY else SPOKEN_BY_ALL
    if not answers or name in {VENDORS[answers].dialect, *also}:
        return None
    return failed(
        f"{endpoint.host} is a server of {answers}, which has no {spoken.path}",
        f'Use the provider "{answers}" there instead of "{endpoint.provider}", or correct the '
        f"address in {endpoint.address_in}.",
    )


def listed_as(endpoint: Endpoint, listed: Sequence[ListedModel]) -> ListedModel | None:
    """The row of the model that is to be asked; where none is named it is the first one."""
    if not endpoint.model:
        return listed[0] if listed else None
    return next((each for each in listed if each.id == endpoint.model), None)


def model_finding(endpoint: Endpoint, listed: Sequence[ListedModel]) -> Finding:
    """Whether the model is there, and can fill in the middle."""
    if endpoint.unusable:
        return _unnamed(endpoint, listed)
    if not listed:
        return unchecked("nothing is listed; the completion below shows it")
    row = listed_as(endpoint, listed)
    if row is None:
        return _unlisted(endpoint, listed)
    if row.fim is False and endpoint.provider != "chat":
        others = _to_take(endpoint, [each for each in listed if each.fim])
        return failed(f"{row.id} cannot fill in the middle", others)
    if row.replaced_by:
        advice = f"Set `model` to {row.replaced_by}."
        return warned(f"{row.id} is going to be withdrawn", advice)
    return fine(f"{row.id} can fill in the middle" if row.fim else f"{row.id} is there")


def _unnamed(endpoint: Endpoint, listed: Sequence[ListedModel]) -> Finding:
    """Nothing can be asked before a model is named, or its family."""
    found, advice = split_advice(endpoint.unusable)
    able = [each for each in listed if not _lacks(endpoint, each)]
    if endpoint.model or not listed:
        return failed(found, advice)
    if able:
        return failed(found, _to_take(endpoint, able))
    names = ", ".join(each.id for each in listed[:MOST_NAMED])
    return failed(f"{found}; it has {names}", advice)


def _lacks(endpoint: Endpoint, model: ListedModel) -> str:
    return endpoint.dialect.lacks(replace(endpoint.target, model=model.id))


def _unlisted(endpoint: Endpoint, listed: Sequence[ListedModel]) -> Finding:
    vendor = VENDORS[endpoint.provider]
    if not vendor.needs_model and endpoint.provider != GATEWAY:
        return fine(f"{listed[0].id}, whatever `model` says")
    able = [each for each in listed if each.fim is not False]
    advice = _to_take(endpoint, able)
    if vendor.dialect in COMPLETE_LISTS:
        return failed(f"{endpoint.host} has no model {endpoint.model}", advice)
    return warned(f"{endpoint.model} is not listed", advice)


def _to_take(endpoint: Endpoint, able: Sequence[ListedModel]) -> str:
    """Which model to take instead: the vendor's usual one if it is there, or what sounds alike."""
    names = sorted(each.id for each in able)
    usual = VENDORS[endpoint.provider].model
    near = difflib.get_close_matches(endpoint.model, names, n=MOST_NAMED, cutoff=0.5)
    best = list(dict.fromkeys([*[usual] * (usual in names), *near, *names]))[:MOST_NAMED]
    if not best:
        return f"Choose a `model` that fills in the middle; {endpoint.host} lists none."
    if endpoint.address_in == LISTED:
        entries = " or ".join(f'"{endpoint.provider}:{name}"' for name in best)
        return f"Name it in `providers`: {entries}."
    return f"Set `model` to {' or '.join(best)}."


def context_finding(
    endpoint: Endpoint, listed: Sequence[ListedModel], settings: Settings
) -> Finding:
    """Whether the longest prompt fits into the model."""
    row = listed_as(endpoint, listed)
    longest = min(endpoint.tokens, longest_prompt(settings))
    if row is None or not row.context:
        return unchecked(f"the endpoint does not say how much it takes; up to {longest} are sent")
    if longest > row.context:
        return warned(
            f"prompts take up to {longest} tokens, and {row.id} takes {row.context}",
            f"Set `model_tokens` to {row.context}.",
        )
    return fine(f"{row.context} tokens; prompts take up to {longest}")


def longest_prompt(settings: Settings) -> int:
    """Tokens of the longest prompt and its answer, of dense code."""
    chars = settings.prefix_chars + settings.suffix_chars
    if settings.context != "file":
        chars += settings.context_chars
    return round(CAUTION * chars / BYTES_PER_TOKEN) + settings.max_tokens_invoked
