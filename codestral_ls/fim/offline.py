"""The embedded provider: ghost text from what is there already. No network, no key."""

from collections.abc import Awaitable, Callable

from codestral_ls.model import Budget, Chunk, Prompt, Provider, Source

BUDGET = Budget(prefix_chars=32_000, suffix_chars=16_000)
"""Most files as a whole: a name counts as unknown if it is not in there."""


def offline_provider(propose: Callable[[Prompt], Awaitable[str]]) -> Provider:
    """Makes a provider that answers with what `propose` returns, `""` for nothing."""

    async def ask(prompt: Prompt, take: Callable[[Chunk], bool]) -> None:
        take(Chunk(text=await propose(prompt), finish_reason="stop"))

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
