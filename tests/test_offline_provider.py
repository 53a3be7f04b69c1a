"""The offline provider: how a proposal becomes an answer."""

from codestral_ls.fim.offline import offline_provider
from codestral_ls.model import Chunk, Prompt, Source
from tests.offline_prompts import prompt_at


async def test_provider_hands_over_one_chunk() -> None:
    """The whole proposal comes at once; without one the chunk is empty."""
    asked: list[Prompt] = []
    chunks: list[Chunk] = []

    async def propose(prompt: Prompt) -> str:
        asked.append(prompt)
        return "getLogger()" if prompt.prefix.endswith(".") else ""

    def take(chunk: Chunk) -> bool:
        chunks.append(chunk)
        return True

    provider = offline_provider(propose)
    questions = [prompt_at("log = logging.‸\n"), prompt_at("unheard_of ‸\n")]
    await provider.warm()
    for question in questions:
        await provider.ask(question, take)
    await provider.close()
    assert asked == questions
    assert chunks == [
        Chunk(text="getLogger()", finish_reason="stop"),
        Chunk(finish_reason="stop"),
    ]
    assert (provider.source, provider.local) == (Source.OFFLINE, True)
