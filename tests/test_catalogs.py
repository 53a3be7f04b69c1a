"""Which models an endpoint has, as each kind of server tells it."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.errors import BrokenReply
from codestral_ls.fim.dialects import DIALECTS, Catalog, ListedModel
from codestral_ls.fim.formats.llama_cpp import cut_short
from codestral_ls.model import Parameters, Prompt, Snippet, Usage

OTHERS = Path(__file__).parent / "wire" / "others"


def catalog(name: str) -> Catalog:
    found = DIALECTS[name].catalog
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            {"id": "a", "capabilities": {"completion_fim": True}, "max_context_length": 131072},
            ListedModel(id="a", fim=True, context=131072),
        ),
        (
            {"id": "a", "capabilities": {"completion_fim": False}},
            ListedModel(id="a", fim=False),
        ),
        ({"id": "a", "max_model_len": 4096}, ListedModel(id="a", context=4096)),
        ({"id": "a", "context_length": 256000}, ListedModel(id="a", context=256000)),
        ({"id": "a", "capabilities": ["completion"]}, ListedModel(id="a")),
        ({"id": "a"}, ListedModel(id="a")),
    ],
)
def test_what_a_list_tells_of_a_model(row: object, expected: ListedModel) -> None:
    """In the words of Mistral, vLLM, OpenRouter, llama.cpp and OpenAI, who tells least."""
    read = catalog("openai").read
    assert read(json.dumps({"object": "list", "data": [row]}), "asked") == (expected,)
    assert read(json.dumps([row, {"id": 5}, "b", None]), "asked") == (expected,)


def test_a_model_can_be_asked_under_its_other_names() -> None:
    """Each is listed once."""
    rows = [{"id": "codestral-2508", "aliases": ["codestral-latest", "codestral-2508", 5]}]
    found = catalog("mistral").read(json.dumps({"data": rows}), "")
    assert [it.id for it in found] == ["codestral-2508", "codestral-latest"]


def test_llama_cpp_tells_the_context_that_it_was_started_with() -> None:
    """Not the one that the model was trained with."""
    found = catalog("llama.cpp").read((OTHERS / "llama-models.json").read_text(), "")
    assert found == (ListedModel(id="tiny-fim", context=1024),)


def test_ollama_is_asked_about_one_model() -> None:
    """It alone says whether a model can fill in."""
    show = catalog("ollama")
    assert (show.method, show.path, show.body("m")) == ("POST", "/api/show", {"model": "m"})
    told = {"capabilities": ["completion", "insert"], "model_info": {"qwen2.context_length": 32768}}
    assert show.read(json.dumps(told), "m") == (ListedModel(id="m", fim=True, context=32768),)
    told = {"capabilities": ["completion"], "model_info": {}}
    assert show.read(json.dumps(told), "m") == (ListedModel(id="m", fim=False),)
    assert show.read("{}", "m") == (ListedModel(id="m"),)


@pytest.mark.parametrize("name", sorted(set(DIALECTS) - {"ollama"}))
def test_all_others_list_their_models(name: str) -> None:
    """In one way."""
    listing = catalog(name)
    assert (listing.method, listing.path, listing.body("m")) == ("GET", "/v1/models", None)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "data",
                        "id",
                        "aliases",
                        "capabilities",
                        "model_info",
                        "meta",
                        "n_ctx",
                        "x.context_length",
                    ]
                ),
                inner,
            )
        ),
    ),
    st.sampled_from(sorted(DIALECTS)),
)
def test_no_list_upsets_its_reader(told: object, name: str) -> None:
    """Any JSON names some models, or is a broken reply."""
    with suppress(BrokenReply):
        assert all(isinstance(it, ListedModel) for it in catalog(name).read(json.dumps(told), "m"))


@pytest.mark.parametrize("text", ["", "<html>", '"a"', "[" * 50_000])
def test_what_is_no_list_is_a_broken_reply_or_empty(text: str) -> None:
    """A gateway's page, for one."""
    with suppress(BrokenReply):
        assert catalog("mistral").read(text, "m") == ()
    with pytest.raises(BrokenReply):
        catalog("ollama").read(text, "m")


def shown(prefix: int, suffix: int, snippet: int) -> Prompt:
    return Prompt(
        uri="u",
        language="python",
        prefix="x" * prefix,
        suffix="x" * suffix,
        snippets=(Snippet(path="p", text="x" * snippet),),
        parameters=Parameters(max_tokens=1, temperature=0),
    )


def test_a_prompt_that_the_reply_quotes_is_the_surer_sign() -> None:
    """Tokens of dense code are many, also of a part of it."""
    whole = Usage(prompt_tokens=2050, prompt_chars=12_040)
    part = Usage(prompt_tokens=2050, prompt_chars=8_040)
    assert not cut_short(shown(6000, 2000, 4000), whole)
    assert "2050" in cut_short(shown(6000, 2000, 4000), part)


@pytest.mark.parametrize(
    ("prompt", "tokens", "cut"),
    [
        (shown(6000, 2000, 4000), 12_000 // 4, False),
        (shown(4500, 1500, 0), 1400, False),
        (shown(6000, 2000, 4000), 1024, True),  # the batch of its presets for completion
        (shown(4500, 1500, 20_000), 2048, True),  # a context that is all batch
        (shown(500, 400, 0), 60, False),  # short, and mostly blanks
        (shown(6000, 2000, 4000), 0, False),  # a reply that does not say
    ],
)
def test_a_server_that_has_read_a_part_is_noticed(prompt: Prompt, tokens: int, cut: bool) -> None:  # noqa: FBT001 - a parameter
    """By what it counts: it says nothing itself."""
    words = cut_short(prompt, Usage(prompt_tokens=tokens))
    assert bool(words) is cut
    assert not cut or (str(tokens) in words and "`-b" in words and "`prefix_chars`" in words)
