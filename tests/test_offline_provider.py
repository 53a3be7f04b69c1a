"""The offline provider: how a proposal becomes an answer."""

from codestral_ls.fim.offline import offline_provider
from codestral_ls.model import Answer, Chunk, Nothing, Prompt, Reason, Source
from tests.chained import engine_over
from tests.marked import request
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


async def test_what_was_not_looked_for_in_time_is_asked_again() -> None:
    """A worker that is late once does not silence the place: nothing is known of it."""
    late: list[str | None] = [None, "getLogger()"]

    async def propose(_prompt: Prompt) -> str | None:
        return late.pop(0)

    engine = engine_over(offline_provider(propose))
    first, second = [await engine.complete(request("log = logging.‸\n")) for _ in range(2)]
    assert isinstance(first, Nothing)
    assert first.reason is Reason.EMPTY
    assert isinstance(second, Answer)
    assert second.text == "getLogger()"
    await engine.close()
