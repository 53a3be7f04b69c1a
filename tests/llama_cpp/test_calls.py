"""The client's calls to a real llama.cpp server."""

from dataclasses import replace

import pytest

from codestral_ls.errors import Refused, TooLong, Unauthorized
from codestral_ls.fim.client import FimClient, Network
from codestral_ls.fim.dialects import ListedModel
from codestral_ls.fim.providers import choose_endpoints
from codestral_ls.model import Prompt, Snippet
from codestral_ls.settings import Settings
from tests.llama_cpp.asking import ANSWER, PROMPT, ask, connected
from tests.llama_cpp.server import MODEL, Llama, Serve

pytestmark = pytest.mark.llama

DOUBLE = Snippet(path="double.py", text="def double(n):\n    return n * 2")
TRIPLE = Snippet(path="triple.py", text="def triple(n):\n    return n * 3")
MARKED = "<|fim_prefix|>{prefix}<|fim_suffix|>{suffix}<|fim_middle|>"
BEGIN, MARKS = 1, 3
"""Tokens that stand around the text of a prompt, in which each character is one."""


async def test_the_models_text_comes_piece_by_piece(llama: Llama) -> None:
    """Exactly as it was written, with the reason of its end and the tokens of both sides."""
    async with connected(llama.url) as provider:
        heard = await ask(provider)
    assert heard.text == ANSWER
    assert len([chunk for chunk in heard.chunks if chunk.text]) == 5
    assert heard.chunks[-1].finish_reason == "stop"
    assert heard.usage.completion_tokens == 6
    assert heard.usage.prompt_tokens == BEGIN + MARKS + len(PROMPT.prefix + PROMPT.suffix)


async def test_a_template_in_openais_form_brings_the_same(llama: Llama) -> None:
    """The model's own marks are written into the prompt, and read as marks."""
    options = {"provider": "template", "model": "scripted", "fim_template": MARKED}
    async with connected(llama.url, **options) as provider:
        heard = await ask(provider)
    assert heard.text == ANSWER
    assert heard.usage.prompt_tokens == BEGIN + MARKS + len(PROMPT.prefix + PROMPT.suffix)


async def test_openais_own_form_hides_the_suffix(llama: Llama) -> None:
    """Why a server of one's own is not asked in this form: it drops the field silently."""
    async with connected(llama.url, provider="openai", model="scripted", api_key="k") as provider:
        heard = await ask(provider)
    assert heard.usage.prompt_tokens == BEGIN + len(PROMPT.prefix)


async def test_other_files_reach_the_model_with_their_names(serve: Serve) -> None:
    """In a field of their own, which the server writes in the form that the model was taught."""
    with serve("half, files") as llama:
        async with connected(llama.url) as provider:
            heard = await ask(provider, snippets=(DOUBLE, TRIPLE))
    form = "Rmyproject\nSdouble.py\n{}\nStriple.py\n{}\nSfilename\nBP{}S{}M"
    told = form.format(DOUBLE.text, TRIPLE.text, PROMPT.prefix, PROMPT.suffix)
    assert heard.usage.prompt_tokens == len(told)
    assert heard.text == ANSWER


async def test_a_primed_prompt_is_not_read_again(llama: Llama) -> None:
    """Reading ahead generates nothing; the call that follows finds all but the end in memory."""
    prefix = f"# primed\n{PROMPT.prefix}" * 20
    async with connected(llama.url) as provider:
        assert provider.prime is not None
        await provider.prime(_with(prefix))
        before = llama.log
        heard = await ask(provider, _with(prefix))
    assert heard.usage.cached_tokens == heard.usage.prompt_tokens - 1
    assert "eval time =       0.00 ms /     1 tokens" in before


async def test_many_streams_in_a_row_survive_the_connections_end(llama: Llama) -> None:
    """The server closes the connection of each finished stream although it promises to keep it."""
    async with connected(llama.url) as provider:
        answers = {(await ask(provider)).text for _ in range(150)}
    assert answers == {ANSWER}


async def test_a_model_without_marks_is_refused_with_advice(serve: Serve) -> None:
    """What to do instead is said in the same breath."""
    with serve("half, no marks") as llama:
        async with connected(llama.url) as provider:
            with pytest.raises(Refused, match=r"no tokens for filling in.*template"):
                await ask(provider)


async def test_a_prompt_beyond_the_context_is_too_long(serve: Serve) -> None:
    """The kind of error after which half of it is tried; the advice names the server's option."""
    with serve("half", context=1024) as llama:
        async with connected(llama.url) as provider:
            with pytest.raises(TooLong, match="-c"):
                await ask(provider, _with("x" * 1500))


async def test_the_server_lists_its_model_with_its_context(llama: Llama) -> None:
    """The context is that of one slot, as the server was started, not the model's own."""
    (endpoint,) = choose_endpoints(Settings(provider="llama.cpp", endpoint=llama.url))
    client = FimClient(endpoint, Network(timeout=5.0, trust_env=False))
    try:
        assert await client.catalog() == (ListedModel(id=MODEL, context=8192),)
    finally:
        await client.close()


@pytest.mark.parametrize(("batch", "told"), [(256, 1), (4096, 0)])
async def test_what_the_server_leaves_out_of_prompts_is_said_once(
    serve: Serve, caplog: pytest.LogCaptureFixture, batch: int, told: int
) -> None:
    """It cuts without a word; the tokens that it has counted give it away."""
    with serve("half", "--batch-size", str(batch)) as llama:
        async with connected(llama.url) as provider:
            for _ in range(2):
                await ask(provider, _with("lengthy = 1\n" * 250))
    assert caplog.text.count("`-b") == told


async def test_a_servers_own_key_is_asked_for_and_sent(serve: Serve) -> None:
    """Without it the message says which setting to make."""
    with serve("half", "--api-key", "tiny-key-0000") as llama:
        async with connected(llama.url) as provider:
            with pytest.raises(Unauthorized, match="CODESTRAL_LS_API_KEY"):
                await ask(provider)
        async with connected(llama.url, api_key="tiny-key-0000") as provider:
            assert (await ask(provider)).text == ANSWER


def _with(prefix: str) -> Prompt:
    return replace(PROMPT, prefix=prefix)
