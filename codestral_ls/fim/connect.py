"""Settings -> the providers that they mean, ready to be asked: a chain, first the first one."""

from codestral_ls.fim.client import FimClient
from codestral_ls.fim.offline import offline_provider
from codestral_ls.fim.providers import Endpoint, choose_endpoints
from codestral_ls.fim.routes import network_of
from codestral_ls.fim.trace import Trace
from codestral_ls.kinds import split_entry
from codestral_ls.model import Budget, Source
from codestral_ls.provider import Propose, Provider
from codestral_ls.settings import Settings
from codestral_ls.vendors import OFFLINE


def connect(settings: Settings, propose: Propose) -> Provider:
    """Builds the providers; nothing is sent yet. `propose` is what an offline one answers with.

    Each serves while those before it fail. They share one trace.
    """
    endpoints = choose_endpoints(settings)
    if not endpoints:
        return offline_provider(propose)
    names = {split_entry(entry)[0] for entry in settings.providers}
    trace = Trace(settings.trace_file)
    last = offline_provider(propose) if OFFLINE in names else None
    provider = _provider(endpoints[-1], settings, trace, last)
    for endpoint in reversed(endpoints[:-1]):
        provider = _provider(endpoint, settings, trace, provider)
    return provider


def _provider(
    endpoint: Endpoint, settings: Settings, trace: Trace, then: Provider | None
) -> Provider:
    client = FimClient(endpoint, network_of(settings), trace)
    return Provider(
        name=endpoint.provider,
        model=endpoint.model,
        source=Source.MODEL,
        local=endpoint.local,
        budget=Budget(
            prefix_chars=_capped(settings.prefix_chars, endpoint.prefix_chars),
            suffix_chars=_capped(settings.suffix_chars, endpoint.suffix_chars),
            snippet_chars=0 if settings.context == "file" else settings.context_chars,
            tokens=endpoint.tokens,
        ),
        ask=client.ask,
        warm=client.warm,
        close=client.close,
        prime=client.prime if endpoint.dialect.prime else None,
        prices=endpoint.prices,
        requests_per_minute=endpoint.requests_per_minute,
        tokens_per_minute=endpoint.tokens_per_minute,
        then=then,
    )


def _capped(chars: int, most: int) -> int:
    """What is sent of a text where a server may read `most` characters only, 0 if it reads all."""
    return min(chars, most) if most else chars
