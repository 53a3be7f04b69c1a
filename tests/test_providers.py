"""Settings, and whom they mean."""

import pytest

from codestral_ls.fim.dialects import DIALECTS
from codestral_ls.fim.providers import choose_endpoint, full_url
from codestral_ls.model import Parameters, Prompt
from codestral_ls.kinds import Secret
from codestral_ls.settings import Settings

FIM = "/v1/fim/completions"
KEY = Secret("k")


@pytest.mark.parametrize(
    ("settings", "url", "provider"),
    [
        (Settings(mistral_key=KEY), "https://api.mistral.ai" + FIM, "mistral"),
        (Settings(codestral_key=KEY), "https://codestral.mistral.ai" + FIM, "codestral"),
        (
            Settings(codestral_key=KEY, mistral_key=KEY),
            "https://codestral.mistral.ai" + FIM,
            "codestral",
        ),
        (
            Settings(provider="mistral", codestral_key=KEY, mistral_key=KEY),
            "https://api.mistral.ai" + FIM,
            "mistral",
        ),
        (Settings(api_key=KEY), "https://api.mistral.ai" + FIM, "mistral"),
        (Settings(endpoint="http://localhost:5000"), "http://localhost:5000" + FIM, "mistral"),
        (
            Settings(endpoint="http://localhost:5000", codestral_key=KEY),
            "http://localhost:5000" + FIM,
            "codestral",
        ),
    ],
)
def test_the_key_chooses_the_host(settings: Settings, url: str, provider: str) -> None:
    """`auto` follows the key; a chosen provider or endpoint wins."""
    endpoint = choose_endpoint(settings)
    assert endpoint is not None
    assert (endpoint.url, endpoint.provider) == (url, provider)


def test_without_a_key_the_offline_provider_completes() -> None:
    """So does choosing it, whatever keys there are."""
    assert choose_endpoint(Settings()) is None
    assert choose_endpoint(Settings(provider="offline", mistral_key=KEY)) is None


def test_a_key_of_the_settings_wins_over_the_environments() -> None:
    """`api_key` is the more deliberate of the two."""
    endpoint = choose_endpoint(Settings(api_key=Secret("mine"), mistral_key=KEY))
    assert endpoint is not None
    assert endpoint.key.reveal() == "mine"
    assert "mine" not in repr(endpoint)


@pytest.mark.parametrize(
    "base",
    [
        "https://h/x",
        "https://h/x/",
        "https://h/x/v1",
        "https://h/x/v1/",
        "https://h/x/v1/fim/completions",
    ],
)
def test_a_base_url_is_taken_in_any_form(base: str) -> None:
    """With or without the version, a slash at the end, or the whole path."""
    assert full_url(base, FIM) == "https://h/x/v1/fim/completions"


def body(prompt: str = "a", suffix: str = "b", **parameters: object) -> dict[str, object]:
    sampling = Parameters(max_tokens=96, temperature=0.2, **parameters)  # type: ignore[arg-type]
    asked = Prompt(uri="u", language="python", prefix=prompt, suffix=suffix, parameters=sampling)
    return DIALECTS["mistral"].body(asked, "codestral-2508")


def test_only_what_is_chosen_is_sent() -> None:
    """Unset parameters are left out, so that the endpoint's own defaults count."""
    assert body() == {
        "model": "codestral-2508",
        "prompt": "a",
        "suffix": "b",
        "max_tokens": 96,
        "temperature": 0.2,
        "stream": True,
    }


def test_every_parameter_of_the_endpoint_can_be_sent() -> None:
    """Under the names of its closed schema."""
    chosen: dict[str, object] = {
        "top_p": 0.5,
        "min_tokens": 1,
        "random_seed": 0,
        "prompt_cache_key": "mine",
    }
    sent = body(stop=("\n",), **chosen)  # type: ignore[arg-type]
    assert sent == {**body(), **chosen, "stop": ["\n"]}


def test_an_empty_suffix_becomes_a_line_end() -> None:
    """Codestral rambles after an empty one."""
    assert body(suffix="")["suffix"] == "\n"


def test_lone_surrogates_are_replaced() -> None:
    """UTF-8 cannot carry half a character, and a pair that came in halves is made whole."""
    assert body(prompt="a\ud83d")["prompt"] == "a\ufffd"
    assert body(prompt="\ud83d\ude00")["prompt"] == "😀"
