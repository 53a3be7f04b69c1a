"""Settings -> the provider that they mean, ready to be asked."""

from collections.abc import Callable, Sequence

from codestral_ls.fim.client import FimClient, Network
from codestral_ls.fim.offline import offline_provider
from codestral_ls.fim.providers import choose_endpoint
from codestral_ls.model import Budget, Provider, Source, SourceText
from codestral_ls.settings import Settings


def connect(settings: Settings, texts: Callable[[str], Sequence[SourceText]]) -> Provider:
    """Builds the provider; nothing is sent yet. `texts` is what an offline one may draw from."""
    endpoint = choose_endpoint(settings)
    if endpoint is None:
        return offline_provider(texts)
    client = FimClient(
        endpoint,
        Network(
            timeout=settings.timeout_ms / 1000,
            proxy=settings.proxy,
            ca_file=settings.ca_file,
            trust_env=settings.trust_env,
        ),
    )
    return Provider(
        name=endpoint.provider,
        model=endpoint.model,
        source=Source.MODEL,
        local=endpoint.is_local,
        budget=Budget(prefix_chars=settings.prefix_chars, suffix_chars=settings.suffix_chars),
        ask=client.ask,
        warm=client.warm,
        close=client.close,
    )
