"""Settings -> the provider that they mean, ready to be asked."""

from codestral_ls.fim.client import FimClient, Network
from codestral_ls.fim.offline import offline_provider
from codestral_ls.fim.providers import choose_endpoint
from codestral_ls.fim.trace import Trace
from codestral_ls.model import Budget, Propose, Provider, Source
from codestral_ls.settings import Settings


def connect(settings: Settings, propose: Propose) -> Provider:
    """Builds the provider; nothing is sent yet. `propose` is what an offline one answers with."""
    endpoint = choose_endpoint(settings)
    if endpoint is None:
        return offline_provider(propose)
    client = FimClient(
        endpoint,
        Network(
            timeout=settings.timeout_ms / 1000,
            proxy=settings.proxy,
            ca_file=settings.ca_file,
            trust_env=settings.trust_env,
        ),
        Trace(settings.trace_file),
    )
    return Provider(
        name=endpoint.provider,
        model=endpoint.model,
        source=Source.MODEL,
        local=endpoint.is_local,
        budget=Budget(
            prefix_chars=settings.prefix_chars,
            suffix_chars=settings.suffix_chars,
            snippet_chars=0 if settings.context == "file" else settings.context_chars,
            tokens=endpoint.tokens,
        ),
        ask=client.ask,
        warm=client.warm,
        close=client.close,
    )
