"""What texts are counted for where no endpoint has counted, and what that costs. Pure."""

from codestral_ls.context.tokens import BYTES_PER_TOKEN
from codestral_ls.engine.metering import cost_of
from codestral_ls.model import Sent, Usage
from codestral_ls.provider import Provider


def tokens_of(text: str) -> int:
    """What a text will most probably be counted for."""
    return tokens_in(len(text.encode("utf-8", "replace")))


def tokens_in(size: int) -> int:
    """What so many bytes will most probably be counted for."""
    return round(size / BYTES_PER_TOKEN)


def usage_of(sent: Sent, text: str) -> Usage:
    """What a call has taken that was ended as soon as there was enough, before it was counted."""
    return Usage(
        prompt_tokens=tokens_in(sent.prefix_chars + sent.suffix_chars),
        completion_tokens=tokens_of(text),
    )


def cost_at(provider: Provider, usage: Usage) -> float:
    """What so many tokens cost at a provider; nothing on a machine of one's own."""
    return 0.0 if provider.local else cost_of(usage, provider.prices)
