"""The embedded provider: ghost text from what is there already. No network, no key."""

from collections.abc import Callable

from codestral_ls.model import Budget, Chunk, Prompt, Source
from codestral_ls.provider import Propose, Provider

BUDGET = Budget(prefix_chars=32_000, suffix_chars=16_000)
"""Most files as a whole: a name counts as unknown if it is not in there."""


def offline_provider(propose: Propose) -> Provider:
    """Makes a provider that answers with what `propose` returns, `""` for nothing.

    What was not looked for to the end, None, is no answer: it would be taken for known that there
    is nothing at this place.
    """

    async def ask(prompt: Prompt, take: Callable[[Chunk], bool]) -> None:
        text = await propose(prompt)
        if text is not None:
            take(Chunk(text=text, finish_reason="stop"))

    async def nothing() -> None:
        pass

    return Provider(
        name="offline",
        model="offline",
        source=Source.OFFLINE,
        local=True,
        budget=BUDGET,
        ask=ask,
        warm=nothing,
        close=nothing,
    )
