"""Settings, and whom they mean."""

from dataclasses import replace

import pytest

from codestral_ls.fim.providers import Endpoint, choose_endpoints
from codestral_ls.kinds import Keys, Secret
from codestral_ls.settings import Settings
from codestral_ls.vendors import OFFLINE, VENDORS, Prices

FIM = "/v1/fim/completions"
KEY = Secret("k")
MISTRAL = Keys((("MISTRAL_API_KEY", KEY),))
CODESTRAL = Keys((("CODESTRAL_API_KEY", KEY),))
BOTH = Keys((("CODESTRAL_API_KEY", KEY), ("MISTRAL_API_KEY", KEY)))
HERE = "http://localhost:5000"
LIST = Prices(prompt=0.3, completion=0.9)


def only(settings: Settings) -> Endpoint:
    (endpoint,) = choose_endpoints(settings)
    return endpoint


def listed(endpoint: Endpoint) -> Endpoint:
    """The same endpoint as one of several."""
    return replace(endpoint, address_in="`providers`")


@pytest.mark.parametrize(
    ("settings", "url", "provider"),
    [
        (Settings(keys=MISTRAL), "https://api.mistral.ai" + FIM, "mistral"),
        (Settings(keys=CODESTRAL), "https://codestral.mistral.ai" + FIM, "codestral"),
        (Settings(keys=BOTH), "https://codestral.mistral.ai" + FIM, "codestral"),
        (Settings(provider="mistral", keys=BOTH), "https://api.mistral.ai" + FIM, "mistral"),
        (Settings(api_key=KEY), "https://api.mistral.ai" + FIM, "mistral"),
        (Settings(api_key_command="pass x"), "https://api.mistral.ai" + FIM, "mistral"),
        (Settings(api_key_file="~/key"), "https://api.mistral.ai" + FIM, "mistral"),
        (Settings(api_key_keyring="a/b"), "https://api.mistral.ai" + FIM, "mistral"),
        (Settings(endpoint=HERE), HERE + FIM, "mistral"),
        (Settings(endpoint=HERE, keys=CODESTRAL), HERE + FIM, "codestral"),
    ],
)
def test_the_key_chooses_the_host(settings: Settings, url: str, provider: str) -> None:
    """`auto` follows the key; a chosen provider or endpoint wins."""
    endpoint = only(settings)
    assert (endpoint.url, endpoint.provider) == (url, provider)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(keys=Keys((("OPENAI_API_KEY", KEY),))),
        Settings(provider=OFFLINE, keys=MISTRAL),
        Settings(providers=(OFFLINE, "codestral"), keys=BOTH),
    ],
)
def test_sometimes_only_the_offline_provider_completes(settings: Settings) -> None:
    """Without a key of Mistral's, or where it was chosen, whatever keys there are."""
    assert choose_endpoints(settings) == ()


def test_several_are_asked_in_order() -> None:
    """Each with its own model and address, up to the one that always answers."""
    entries = ("codestral", "ollama:qwen2.5-coder:7b", "llama.cpp@http://box:8012", OFFLINE, "vllm")
    found = choose_endpoints(Settings(providers=entries, keys=BOTH))
    assert [(it.provider, it.model, it.url) for it in found] == [
        ("codestral", "codestral-2508", "https://codestral.mistral.ai" + FIM),
        ("ollama", "qwen2.5-coder:7b", "http://127.0.0.1:11434/api/generate"),
        ("llama.cpp", "", "http://box:8012/infill"),
    ]


def test_what_is_said_of_the_provider_belongs_to_the_first() -> None:
    """A key, above all, is for nobody else; the vendors' own variables are for each of them."""
    settings = Settings(
        providers=("mistral", "codestral", "langdock"),
        keys=CODESTRAL,
        api_key=Secret("own"),
        endpoint="https://eu.example",
        model="m",
        model_tokens=1000,
        price_prompt=1.0,
        price_completion=2.0,
        requests_per_minute=7,
        tokens_per_minute=8,
        fim_template="qwen",
    )
    first, second, third = choose_endpoints(settings)
    assert (first.url, first.model, first.tokens) == ("https://eu.example" + FIM, "m", 1000)
    assert (first.key.given, first.prices) == (Secret("own"), Prices(prompt=1.0, completion=2.0))
    assert (first.requests_per_minute, first.tokens_per_minute, first.template) == (7, 8, "qwen")
    assert second == listed(only(Settings(provider="codestral", keys=CODESTRAL)))
    assert third == listed(only(Settings(provider="langdock")))
    assert (bool(third.key), third.requests_per_minute) == (False, 500)


def test_an_entry_wins_over_what_the_settings_say() -> None:
    """Of model and address."""
    settings = Settings(providers=("mistral:a@https://a",), model="b", endpoint="https://b")
    assert (only(settings).model, only(settings).url) == ("a", "https://a" + FIM)


@pytest.mark.parametrize(
    ("settings", "key", "origin"),
    [
        (Settings(keys=MISTRAL), "k", "MISTRAL_API_KEY"),
        (Settings(keys=MISTRAL, api_key=Secret("own")), "own", "`api_key`"),
        (Settings(keys=MISTRAL, api_key_command="c"), "", "`api_key_command`"),
        (Settings(keys=MISTRAL, api_key_file="f"), "", "`api_key_file`"),
        (Settings(keys=MISTRAL, api_key_keyring="r"), "", "`api_key_keyring`"),
        (Settings(api_key=Secret("own"), api_key_command="c"), "own", "`api_key`"),
        (Settings(provider="mistral"), "", ""),
    ],
)
def test_the_more_deliberate_key_wins(settings: Settings, key: str, origin: str) -> None:
    """`api_key` over the other ways, and each of these over the environment's."""
    plan = only(settings).key
    assert (plan.given.reveal(), plan.origin, bool(plan)) == (key, origin, bool(origin))
    assert "own" not in repr(plan)
    assert (plan.variable, plan.needed) == ("MISTRAL_API_KEY", True)


def test_who_has_no_variable_is_told_ours() -> None:
    """Google's tokens, for one, are short-lived and in no variable."""
    endpoint = only(Settings(provider="vertex", endpoint="https://h/v1/projects/p/locations/l"))
    assert (endpoint.key.variable, endpoint.key.needed) == ("CODESTRAL_LS_API_KEY", True)
    assert only(Settings(provider="llama.cpp")).key.needed is False


VENDOR, OWN = Secret("vendor"), Secret("own")


@pytest.mark.parametrize(
    ("url", "vendor_key_goes_there"),
    [
        ("https://eu.example.com/mistral/eu", True),
        ("https://192.168.0.7", True),
        ("http://localhost:5000", True),
        ("http://127.0.0.1:5000", True),
        ("http://[::1]:5000", True),
        ("http://192.168.0.7:5000", False),
        ("http://gpu.local:5000", False),
        ("http://api.mistral.ai", False),
        ("http://127.example.com", False),
        ("http://localhost.example.com", False),
        ("http://[fe80::1]", False),
    ],
)
@pytest.mark.parametrize("provider", ["auto", "codestral", "mistral", "openrouter", "deepseek"])
def test_a_vendors_key_is_not_sent_in_the_clear(
    provider: str,
    url: str,
    vendor_key_goes_there: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Over TLS or on this machine it is; `api_key` goes wherever the user sends it."""
    variable = VENDORS["codestral" if provider == "auto" else provider].key
    settings = Settings(provider=provider, endpoint=url, keys=Keys(((variable, VENDOR),)))
    plan = only(settings).key
    expected = ("vendor", variable, "") if vendor_key_goes_there else ("", "", variable)
    assert (plan.given.reveal(), plan.given_in, plan.withheld) == expected
    plan = only(replace(settings, api_key=OWN)).key
    assert (plan.given.reveal(), plan.withheld) == ("own", "")
    plan = only(replace(settings, api_key_file="f")).key
    expected = ("", "", "f") if vendor_key_goes_there else ("", "`api_key_file`", "")
    assert (plan.given.reveal(), plan.withheld, plan.file) == expected


def test_without_a_key_nothing_is_withheld() -> None:
    """A server of one's own may want none."""
    plan = only(Settings(endpoint="http://gpu.local:5000")).key
    assert (bool(plan), plan.needed, plan.withheld) == (False, False, "")


@pytest.mark.parametrize(
    ("settings", "local", "prices"),
    [
        (Settings(endpoint=HERE), True, None),
        (Settings(endpoint=HERE, api_key=OWN), False, LIST),
        (Settings(endpoint=HERE, api_key_file="f"), False, LIST),
        (Settings(endpoint="http://127.example.com"), False, LIST),
        (Settings(provider="ollama"), True, None),
        (Settings(provider="llama.cpp", api_key=OWN), True, None),
        (Settings(provider="llama.cpp", endpoint="http://box:8012"), False, None),
        (Settings(provider="ollama", price_prompt=1.0), True, Prices(prompt=1.0, completion=0.0)),
        (Settings(keys=MISTRAL, price_prompt=1.0), False, Prices(prompt=1.0, completion=0.9)),
        (Settings(keys=MISTRAL, price_completion=0.0), False, Prices(prompt=0.3, completion=0.0)),
        (Settings(provider="openai", api_key=OWN), False, None),
    ],
)
def test_what_a_call_costs(settings: Settings, local: bool, prices: Prices | None) -> None:  # noqa: FBT001 - a parameter
    """Whoever asks for a key asks for money, unless it is a program for this machine."""
    endpoint = only(settings)
    assert (endpoint.local, endpoint.prices) == (local, prices)


@pytest.mark.parametrize("name", VENDORS)
def test_every_provider_can_be_chosen_by_its_name(name: str) -> None:
    """It is asked where it lives, or it says what is missing; neither stops the server."""
    vendor = VENDORS[name]
    endpoint = only(Settings(provider=name))
    assert endpoint.url.startswith(vendor.base) if vendor.base else not endpoint.url
    missing = not vendor.base or (vendor.needs_model and not vendor.model) or name == "tgi"
    assert bool(endpoint.unusable) is missing
    with_all = only(Settings(provider=name, endpoint="https://h/v1", model="qwen2.5-coder"))
    assert with_all.unusable == ""
    assert with_all.host == "h"
    assert with_all.origin == "https://h/"
    assert "{" not in with_all.url


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Settings(provider="azure"), "https://NAME.models.ai.azure.com"),
        (Settings(provider="vertex"), "projects/PROJECT/locations/"),
        (Settings(provider="chat"), "Set `endpoint` to yours"),
        (Settings(providers=("chat:m",)), '`providers`: "chat:m@http://127.0.0.1:8080".'),
        (Settings(provider="vllm"), "Set `model`"),
        (Settings(providers=("vllm",)), 'Name it in `providers`: "vllm:MODEL".'),
        (Settings(provider="tgi"), "Set `model` to its name, or `fim_template` to its family"),
        (Settings(provider="vllm"), "http://127.0.0.1:8000/v1/models"),
        (Settings(provider="vllm", model="gpt-oss-20b"), '"qwen"'),
        (Settings(provider="ollama", fim_template="nonsense"), '"codestral"'),
    ],
)
def test_what_cannot_be_asked_says_what_is_missing(settings: Settings, words: str) -> None:
    """In words for whoever asks all the same."""
    assert words in only(settings).unusable


def test_where_a_refused_key_may_belong() -> None:
    """Mistral's two hosts take keys of their own; an address of one's own has no sibling."""
    (other,) = only(Settings(provider="mistral")).siblings
    assert other == ("codestral", "https://codestral.mistral.ai/v1/models", "CODESTRAL_API_KEY")
    (other,) = only(Settings(provider="codestral")).siblings
    assert other == ("mistral", "https://api.mistral.ai/v1/models", "MISTRAL_API_KEY")
    assert only(Settings(provider="mistral", endpoint="https://h")).siblings == ()
    assert only(Settings(provider="openai")).siblings == ()


@pytest.mark.parametrize(
    ("settings", "tokens"),
    [
        (Settings(provider="mistral"), 128_000),
        (Settings(provider="mistral", endpoint="https://h"), 32_000),
        (Settings(provider="azure", endpoint="https://h"), 128_000),
        (Settings(provider="ollama"), 32_000),
        (Settings(provider="mistral", endpoint="https://h", model_tokens=5000), 5000),
    ],
)
def test_how_much_a_model_takes_in(settings: Settings, tokens: int) -> None:
    """Behind an address of one's own there may be any."""
    assert only(settings).tokens == tokens


def test_the_model_in_a_path_is_the_one_that_is_asked() -> None:
    """Of Google's addresses it is a part; a chosen one wins in the body."""
    url = "https://h/v1/publishers/mistralai/models/codestral@2405:rawPredict"
    endpoint = only(Settings(provider="vertex", endpoint=url))
    assert endpoint.model == "codestral@2405"
    assert endpoint.url == url.replace("rawPredict", "streamRawPredict")
    assert endpoint.catalog_url == ""


def test_a_key_in_the_address_is_one() -> None:
    """As Google takes it; nobody has to set another."""
    settings = Settings(provider="vertex", endpoint="https://h/v1?key=x")
    assert only(settings).key.needed is False
    assert only(settings).url.endswith(":streamRawPredict?key=x")
    assert only(replace(settings, endpoint="https://h/v1?keys=x")).key.needed is True


def test_limits_that_a_server_keeps_silently_are_known() -> None:
    """A prompt is kept shorter than llama.cpp would cut it, whose batch has 2048 tokens."""
    endpoint = only(Settings(provider="llama.cpp"))
    assert 0 < endpoint.prefix_chars <= 3 * 2048 * 3 // 4
    assert 0 < endpoint.suffix_chars <= 3 * 2048 // 4
    assert (only(Settings(provider="ollama")).prefix_chars) == 0
