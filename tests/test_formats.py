"""What is sent in each wire format."""

import json
from dataclasses import replace
from typing import Any

import pytest

from codestral_ls.fim.dialects import DIALECTS, Target
from codestral_ls.model import Parameters, Prompt, Snippet
from codestral_ls.vendors import Quirks
from tests.fim_client import PROMPT

SNIPPETS = (Snippet(path="lib/util.py", text="def util():\n    ..."),)
SHOWN = replace(PROMPT, path="app/main.py", prefix="import util\n", snippets=SNIPPETS)
FULL = Parameters(
    max_tokens=32, temperature=0.1, top_p=0.9, min_tokens=1, random_seed=0, stop=("A", "B")
)
QWEN = Target(model="qwen2.5-coder:1.5b")


def sent(name: str, prompt: Prompt = PROMPT, target: Target = QWEN) -> dict[str, Any]:
    return DIALECTS[name].payload(prompt, target)


def test_a_request_of_mistrals_has_only_what_is_chosen() -> None:
    """Unset parameters are left out, so that the endpoint's own defaults count."""
    assert sent("mistral", target=Target(model="codestral-2508")) == {
        "model": "codestral-2508",
        "prompt": "def add(a, b):\n    ",
        "suffix": "\n",
        "max_tokens": 64,
        "temperature": 0.2,
        "stream": True,
    }


def test_every_parameter_of_mistrals_can_be_sent() -> None:
    """Under the names of its closed schema."""
    chosen = replace(FULL, prompt_cache_key="mine")
    body = sent("mistral", replace(PROMPT, parameters=chosen))
    named = {key: body[key] for key in ("top_p", "min_tokens", "random_seed", "stop")}
    assert named == {"top_p": 0.9, "min_tokens": 1, "random_seed": 0, "stop": ["A", "B"]}
    assert body["prompt_cache_key"] == "mine"


def test_llama_cpp_gets_each_part_in_a_field() -> None:
    """Other files too, whose form the server knows."""
    body = sent("llama.cpp", replace(SHOWN, parameters=FULL), Target(model=""))
    assert body == {
        "input_prefix": "import util\n",
        "input_suffix": "\n",
        "input_extra": [{"filename": "lib/util.py", "text": "def util():\n    ...\n"}],
        "n_predict": 32,
        "temperature": 0.1,
        "top_p": 0.9,
        "seed": 0,
        "stop": ["A", "B"],
        "stream": True,
        "cache_prompt": True,
    }


def test_priming_shows_llama_cpp_the_same_text() -> None:
    """Or what it has read would be of no use; and it writes nothing."""
    asked = sent("llama.cpp", SHOWN)
    primed = DIALECTS["llama.cpp"].primer(SHOWN, QWEN)
    assert primed is not None
    for key in ("input_prefix", "input_suffix", "input_extra", "cache_prompt", "model"):
        assert primed[key] == asked[key]
    assert (primed["n_predict"], primed["stream"], primed["samplers"]) == (0, False, [])
    assert (primed["t_max_predict_ms"], primed["response_fields"]) == (1, [""])
    for name in set(DIALECTS) - {"llama.cpp"}:
        assert DIALECTS[name].primer(SHOWN, QWEN) is None


def test_ollama_gets_its_own_names() -> None:
    """Sampling is among the options; other files are comments in front."""
    body = sent("ollama", replace(SHOWN, parameters=FULL))
    assert body == {
        "model": "qwen2.5-coder:1.5b",
        "prompt": "# Path: lib/util.py\n# def util():\n#     ...\nimport util\n",
        "suffix": "\n",
        "stream": True,
        "keep_alive": "30m",
        "options": {
            "num_predict": 32,
            "temperature": 0.1,
            "top_p": 0.9,
            "seed": 0,
            "stop": ["A", "B"],
            "num_ctx": 8192,
        },
    }


def test_ollama_loads_a_model_as_it_will_be_asked() -> None:
    """With the same context: another one would make it load the model anew."""
    load = DIALECTS["ollama"].load
    assert load is not None
    asked = sent("ollama", SHOWN)
    assert load(QWEN) == {
        "model": asked["model"],
        "stream": False,
        "keep_alive": asked["keep_alive"],
        "options": {"num_ctx": asked["options"]["num_ctx"]},
    }


def test_a_template_that_is_set_makes_ollamas_prompt_raw() -> None:
    """For models whose own template cannot fill in."""
    body = sent("ollama", SHOWN, Target(model="x", template="qwen"))
    assert body["raw"] is True
    assert "suffix" not in body
    assert body["prompt"].endswith("<|fim_prefix|>import util\n<|fim_suffix|>\n<|fim_middle|>")
    assert "<|endoftext|>" in body["options"]["stop"]


@pytest.mark.parametrize(
    ("chars", "context"), [(100, 8192), (12_000, 8192), (20_000, 16_384), (10**6, 131_072)]
)
def test_ollama_has_room_for_what_it_is_sent(chars: int, context: int) -> None:
    """In a few steps: with every other number it would load the model anew."""
    body = sent("ollama", replace(PROMPT, prefix="x" * chars))
    assert body["options"]["num_ctx"] == context


def test_openais_completions_get_a_suffix() -> None:
    """And are asked for the bill."""
    body = sent("openai", replace(SHOWN, suffix="\nx = 1\n", parameters=FULL))
    assert body == {
        "model": "qwen2.5-coder:1.5b",
        "prompt": "# Path: lib/util.py\n# def util():\n#     ...\nimport util\n",
        "suffix": "\nx = 1\n",
        "max_tokens": 32,
        "temperature": 0.1,
        "top_p": 0.9,
        "seed": 0,
        "stop": ["A", "B"],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_a_template_replaces_the_suffix() -> None:
    """The same request, with all of it in the prompt."""
    body = sent("template")
    assert body["prompt"] == "<|fim_prefix|>def add(a, b):\n    <|fim_suffix|>\n<|fim_middle|>"
    assert "suffix" not in body
    assert body["stop"][0] == "<|endoftext|>"


@pytest.mark.parametrize(
    ("name", "suffix", "expected"),
    [
        ("mistral", "", "\n"),  # Codestral rambles
        ("ollama", "", "\n"),  # takes the prefix for a message of a chat
        ("openai", "", "\n"),
        ("openai", " \n", " \n"),
        ("llama.cpp", "", ""),
    ],
)
def test_an_empty_suffix_becomes_what_the_server_understands(
    name: str, suffix: str, expected: str
) -> None:
    """To most an empty one is none at all."""
    body = sent(name, replace(PROMPT, suffix=suffix))
    assert body.get("suffix", body.get("input_suffix")) == expected


def test_a_vendor_may_want_another_blank_suffix() -> None:
    """Mercury's is a token of its."""
    target = Target(model="mercury-coder", quirks=Quirks(blank_suffix="<|endoftext|>"))
    assert sent("openai", replace(PROMPT, suffix=" \n"), target)["suffix"] == "<|endoftext|>"
    assert sent("openai", replace(PROMPT, suffix="\nx"), target)["suffix"] == "\nx"


def test_a_model_that_talks_is_told_where_the_hole_is() -> None:
    """Around the code, with language, path and other files."""
    body = sent("chat", replace(SHOWN, suffix="\nx = 1\n"))
    system, user = body["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    assert "import util\n<HOLE>\nx = 1\n" in user["content"]
    assert "<HOLE>" in system["content"]
    for words in ("lib/util.py", "def util():\n    ...", "app/main.py", "python"):
        assert words in user["content"]
    assert "prompt" not in body
    assert body["max_tokens"] == 64


def test_the_mark_of_the_hole_does_not_stand_in_the_code() -> None:
    """Or there would be two."""
    system, user = sent("chat", replace(PROMPT, prefix="<HOLE> = "))["messages"]
    assert "<HOLE> = <<HOLE>>\n" in user["content"]
    assert "<<HOLE>>" in system["content"]


@pytest.mark.parametrize("name", DIALECTS)
def test_no_more_stops_are_sent_than_a_server_takes(name: str) -> None:
    """The first ones, which are the user's own."""
    own = tuple(f"stop {number}" for number in range(70))
    prompt = replace(SHOWN, parameters=replace(PROMPT.parameters, stop=own))
    for most in (0, 2):
        body = sent(name, prompt, replace(QWEN, quirks=Quirks(most_stops=most)))
        stops = body.get("stop") or body["options"]["stop"]
        assert stops == list(own[: most or DIALECTS[name].most_stops])


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize(("text", "carried"), [("a\ud83d", "a\ufffd"), ("\ud83d\ude00", "😀")])
def test_lone_surrogates_are_replaced(name: str, text: str, carried: str) -> None:
    """UTF-8 cannot carry half a character, and a pair that came in halves is made whole."""
    snippets = (Snippet(path="x.py", text=text),)
    prompt = replace(PROMPT, prefix=text, suffix=text, snippets=snippets)
    body = json.dumps(sent(name, prompt), ensure_ascii=False)
    body.encode()
    assert carried in body
