"""Settings, and whom they mean."""

from dataclasses import replace

import pytest

from codestral_ls.fim.dialects import DIALECTS
from codestral_ls.fim.providers import choose_endpoint, full_url
from codestral_ls.kinds import Secret
from codestral_ls.layers import Layer, resolve
from codestral_ls.model import Parameters, Prompt
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


VENDOR, OWN = Secret("vendor"), Secret("own")


@pytest.mark.parametrize(
    ("url", "vendor_key_goes_there"),
    [
        ("https://eu.example.com/mistral/eu", True),
        ("https://192.168.0.7", True),
        ("http://localhost:5000", True),
        ("http://127.0.0.1:5000", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:5000", True),
        ("http://192.168.0.7:5000", False),
        ("http://gpu.local:5000", False),
        ("http://api.mistral.ai", False),
        ("http://127.example.com", False),
        ("http://localhost.example.com", False),
        ("http://[fe80::1]", False),
    ],
)
@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        (Settings(mistral_key=VENDOR), "MISTRAL_API_KEY"),
        (Settings(codestral_key=VENDOR), "CODESTRAL_API_KEY"),
        (Settings(provider="mistral", mistral_key=VENDOR), "MISTRAL_API_KEY"),
    ],
)
def test_a_vendors_key_is_not_sent_in_the_clear(
    settings: Settings,
    variable: str,
    url: str,
    vendor_key_goes_there: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Over TLS or on this machine it is; `api_key` goes wherever the user sends it."""
    endpoint = choose_endpoint(replace(settings, endpoint=url))
    assert endpoint is not None
    expected = ("vendor", "") if vendor_key_goes_there else ("", variable)
    assert (endpoint.key.reveal(), endpoint.withheld) == expected
    endpoint = choose_endpoint(replace(settings, endpoint=url, api_key=OWN))
    assert endpoint is not None
    assert (endpoint.key.reveal(), endpoint.withheld) == ("own", "")


def test_without_a_key_nothing_is_withheld() -> None:
    """A server of one's own may want none."""
    endpoint = choose_endpoint(Settings(endpoint="http://gpu.local:5000"))
    assert endpoint is not None
    assert (bool(endpoint.key), endpoint.needs_key, endpoint.withheld) == (False, False, "")


@pytest.mark.parametrize(
    ("url", "local"),
    [("http://localhost:1", True), ("http://127.0.0.1", True), ("http://127.example.com", False)],
)
def test_only_this_machine_is_local(url: str, local: bool) -> None:  # noqa: FBT001 - a parameter
    """A name can begin with the same digits; and whoever asks for a key asks for money."""
    endpoint = choose_endpoint(Settings(endpoint=url))
    assert endpoint is not None
    assert endpoint.is_local is local
    endpoint = choose_endpoint(Settings(endpoint=url, api_key=OWN))
    assert endpoint is not None
    assert not endpoint.is_local


@pytest.mark.parametrize(
    "proxy",
    ["", "http://h:3128", "https://joe:s3cret@h", "socks5://h:1080", "socks5h://joe:p%40w@h:1080"],
)
def test_every_kind_of_proxy_can_be_set(proxy: str) -> None:
    """The schemes are those that httpx knows."""
    settings, problems = resolve([Layer("editor", {"proxy": proxy})])
    assert (settings.proxy, problems) == (proxy, ())


@pytest.mark.parametrize(
    "proxy",
    [
        "joe:s3cret@h:80",
        "ftp://joe:s3cret@h",
        "http://joe:s3cret@",
        "http://joe:s3cret#@h:80",
        "http://joe@h:s3cret",
        ["s3cret"],
    ],
)
def test_a_wrong_proxy_is_not_quoted(proxy: object) -> None:
    """It may hold a password, and so may the one that is used instead."""
    right = "http://joe:s3cret@h:3128"
    layers = [Layer("file", {"proxy": right}), Layer("editor", {"proxy": proxy})]
    settings, (problem,) = resolve(layers)
    assert settings.proxy == right
    assert problem.loud
    assert "socks5://" in problem.message
    assert "s3cret" not in problem.message


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


def test_no_more_stops_are_sent_than_the_endpoint_takes() -> None:
    """The first ones, which are the user's own."""
    dialect = DIALECTS["mistral"]
    stops = tuple(f"stop {number}" for number in range(dialect.most_stops + 1))
    sampling = Parameters(max_tokens=96, temperature=0.2, stop=stops)
    asked = Prompt(uri="u", language="python", prefix="a", suffix="b", parameters=sampling)
    assert dialect.payload(asked, "codestral-2508")["stop"] == list(stops[:-1])


def test_an_empty_suffix_becomes_a_line_end() -> None:
    """Codestral rambles after an empty one."""
    assert body(suffix="")["suffix"] == "\n"


def test_lone_surrogates_are_replaced() -> None:
    """UTF-8 cannot carry half a character, and a pair that came in halves is made whole."""
    assert body(prompt="a\ud83d")["prompt"] == "a\ufffd"
    assert body(prompt="\ud83d\ude00")["prompt"] == "😀"
