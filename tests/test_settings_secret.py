"""Settings that hold secrets or name programs: who may set them, and what is shown of them."""

import json

import pytest

from codestral_ls.kinds import Secret, split_entry, without_credentials
from codestral_ls.layers import (
    FILE_ALLOWS,
    Layer,
    editor_layer,
    environment_layer,
    resolve,
)
from codestral_ls.settings import Settings

WAYS = ("api_key_command", "api_key_file", "api_key_keyring")
ADDRESS = "http://joe:s3cret@h:3128"


@pytest.mark.parametrize("name", WAYS)
def test_no_editor_says_where_keys_come_from(name: str) -> None:
    """Editors take settings from folders, and a stranger's folder could run a program."""
    layers = [editor_layer("initializationOptions", {name: "s3cret"})]
    settings, (problem,) = resolve(layers)
    assert settings == Settings()
    assert problem.loud
    assert "folders of strangers" in problem.message
    assert "could run a program, or read or write a file" in problem.message
    assert f"CODESTRAL_LS_{name.upper()} in the environment" in problem.message
    assert "config.toml" in problem.message
    assert "s3cret" not in problem.message


@pytest.mark.parametrize("name", WAYS)
def test_the_user_says_where_keys_come_from(name: str) -> None:
    """In their file or in the environment, which wins."""
    variables = {f"CODESTRAL_LS_{name.upper()}": "from-environment"}
    file = Layer("config.toml", {name: "from-file"}, FILE_ALLOWS)
    assert getattr(resolve([file])[0], name) == "from-file"
    settings, problems = resolve([file, environment_layer(variables)])
    assert (getattr(settings, name), problems) == ("from-environment", ())


@pytest.mark.parametrize(
    "text", ["s3crèt", "s3c\nret", "s3c\x00ret", "sk-…", "\ud83d", '"s3cret"', " 's3cret' "]
)
def test_a_key_that_cannot_be_sent_takes_no_other_away(text: str) -> None:
    """The message names its variable, and shows nothing of it."""
    variables = {"MISTRAL_API_KEY": "right", "CODESTRAL_API_KEY": text, "OPENAI_API_KEY": "other"}
    settings, (problem,) = resolve([environment_layer(variables)])
    assert settings.keys.of("MISTRAL_API_KEY").reveal() == "right"
    assert settings.keys.of("OPENAI_API_KEY").reveal() == "other"
    assert not settings.keys.of("CODESTRAL_API_KEY")
    assert "CODESTRAL_API_KEY" in problem.message
    assert "s3c" not in problem.message
    assert "sk-" not in problem.message
    assert problem.loud


@pytest.mark.parametrize(
    ("values", "loud"),
    [
        ({}, False),
        ({"provider": "openai"}, True),
        ({"providers": ["codestral", "openai:gpt@https://h"]}, True),
        ({"provider": "openai", "providers": ["codestral"]}, False),
        ({"provider": "offline"}, False),
    ],
)
def test_a_wrong_key_of_somebody_else_is_for_the_log(
    values: dict[str, object],
    loud: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Other programs may know what to do with it."""
    environment = environment_layer({"OPENAI_API_KEY": "sk-…"})
    _, (problem,) = resolve([environment, editor_layer("editor", values)])
    assert problem.loud is loud


def test_a_key_in_quotes_is_told_to_be_one() -> None:
    """Some shells and files of variables keep them, and the endpoint would only say 401."""
    for environ in ({"MISTRAL_API_KEY": "'s3cret'"}, {"CODESTRAL_LS_API_KEY": '"s3cret"'}):
        settings, (problem,) = resolve([environment_layer(environ)])
        assert settings == Settings()
        assert "it stands in quotes, which are no part of a key" in problem.message
        assert "s3cret" not in problem.message


def test_blanks_around_a_key_do_not_belong_to_it() -> None:
    """They come with `$(cat file)`."""
    settings, problems = resolve([environment_layer({"MISTRAL_API_KEY": " k-1\n"})])
    assert (settings.keys.of("MISTRAL_API_KEY").reveal(), problems) == ("k-1", ())


def test_keys_cannot_be_set_as_one_setting() -> None:
    """Not even in the environment, where they would hide those of the variables."""
    variables = {"CODESTRAL_LS_KEYS": "s3cret", "MISTRAL_API_KEY": "right"}
    settings, problems = resolve([environment_layer(variables)])
    assert (settings.keys.of("MISTRAL_API_KEY").reveal(), problems) == ("right", ())
    _, problems = resolve([environment_layer({"CODESTRAL_LS_KEYS": "s3cret"})])
    settings, (problem,) = resolve(
        [editor_layer("editor", {"keys": {"MISTRAL_API_KEY": "s3cret"}})]
    )
    assert settings == Settings()
    assert "s3cret" not in "".join(each.message for each in (*problems, problem))


@pytest.mark.parametrize(
    ("entry", "parts"),
    [
        ("codestral", ("codestral", "", "")),
        (" Codestral ", ("codestral", "", "")),
        ("ollama:qwen2.5-coder:7b", ("ollama", "qwen2.5-coder:7b", "")),
        ("llama.cpp@http://box:8012", ("llama.cpp", "", "http://box:8012")),
        ("vllm:org/model@main@https://h/v1", ("vllm", "org/model@main", "https://h/v1")),
        ("vertex:codestral@2405", ("vertex", "codestral@2405", "")),
        ("chat:m@http://joe:a@b@h", ("chat", "m", "http://joe:a@b@h")),
        ("ollama:m@HTTPS://box", ("ollama", "m", "HTTPS://box")),
    ],
)
def test_an_entry_names_provider_model_and_address(entry: str, parts: tuple[str, ...]) -> None:
    """Models have colons and ats in their names too."""
    assert split_entry(entry) == parts
    settings, problems = resolve([editor_layer("editor", {"providers": [entry]})])
    assert (settings.providers, problems) == ((entry,), ())


@pytest.mark.parametrize(
    "text",
    [
        "codestral,ollama:m",
        " codestral , ollama:m ,",
        '["codestral", "ollama:m"]',
    ],
)
def test_a_variable_holds_providers_between_commas_or_as_json(text: str) -> None:
    """As every list."""
    settings, problems = resolve([environment_layer({"CODESTRAL_LS_PROVIDERS": text})])
    assert (settings.providers, problems) == (("codestral", "ollama:m"), ())


def test_an_address_with_a_comma_is_written_as_json() -> None:
    """Otherwise it is two entries, and the message shows the one that it cannot be."""
    entry = "llama.cpp@http://h/a,b"
    variable = "CODESTRAL_LS_PROVIDERS"
    settings, problems = resolve([environment_layer({variable: json.dumps([entry])})])
    assert (settings.providers, problems) == ((entry,), ())
    _, (problem,) = resolve([environment_layer({variable: entry})])
    assert problem.message.startswith('environment: providers: "b" is not allowed')


@pytest.mark.parametrize(
    ("entries", "wrong", "why"),
    [
        (["codestral", "codestrall"], '"codestrall"', 'did you mean "codestral"?'),
        (["ollama", "llamacpp"], '"llamacpp"', 'did you mean "llama.cpp"?'),
        (["mistral", ""], '""', "the names are offline, codestral, mistral, "),
        (["auto"], '"auto"', "the names are "),
        (["llama.cpp@box:8012"], '"llama.cpp@box:8012"', "its address needs http:// or https://"),
        (["llama.cpp@http://"], '"llama.cpp@http://"', "it names no host"),
        (["llama.cpp@http://["], '"llama.cpp@http://["', "its brackets hold no address"),
        (["llama.cpp@http://h:0"], '"llama.cpp@http://h:0"', "its port is not from 1 to 65535"),
        (["llama.cpp@httpx://h"], '"llama.cpp@httpx://h"', "its address needs http:// or https://"),
        (["ollama:\ud83d"], r'"ollama:\ud83d"', "it holds half a character"),
        (["none@http://joe:s3cret@h"], '"none@http://...@h"', "the names are "),
    ],
)
def test_a_wrong_entry_is_named(entries: list[str], wrong: str, why: str) -> None:
    """Not the whole list, of which the others may be right; all of it is left out."""
    settings, (problem,) = resolve([editor_layer("editor", {"providers": entries})])
    assert settings == Settings(provider="offline")
    assert problem.loud
    assert problem.message.startswith(f"editor: providers: {wrong} is not allowed: {why}")


def test_one_provider_and_several_may_both_be_set() -> None:
    """The list counts; the other one stays for whoever takes it away."""
    values = {"provider": "mistral", "providers": ["codestral"]}
    settings, problems = resolve([editor_layer("editor", values)])
    assert (settings.provider, settings.providers, problems) == ("mistral", ("codestral",), ())


def test_settings_show_what_was_chosen_and_no_secret() -> None:
    """Neither keys nor what stands in addresses, which all may end up in a log."""
    settings = Settings(
        api_key=Secret("s3cret"),
        proxy=ADDRESS,
        endpoint=ADDRESS,
        providers=(f"llama.cpp@{ADDRESS}", "codestral"),
        debounce_ms=7,
    )
    shown = repr(settings)
    assert "s3cret" not in shown
    assert "debounce_ms=7" in shown
    assert 'endpoint="http://...@h:3128"' in shown
    assert "max_tokens" not in shown
    assert repr(Settings()) == "Settings()"


@pytest.mark.parametrize("name", ["endpoint", "proxy"])
@pytest.mark.parametrize("wrong", ["ftp://joe:s3cret@h", "http://joe:s3/s3cret@", "x//j:s3cret@h"])
def test_messages_show_nothing_of_credentials(name: str, wrong: str) -> None:
    """The value is wrong, but its password may be right."""
    for layer in (
        editor_layer("editor", {name: wrong}),
        environment_layer({f"CODESTRAL_LS_{name.upper()}": wrong}),
    ):
        settings, (problem,) = resolve([Layer("file", {name: ADDRESS}, FILE_ALLOWS), layer])
        assert getattr(settings, name) == ADDRESS
        assert "s3cret" not in problem.message


def test_credentials_are_taken_out_of_addresses_alone() -> None:
    """Models and mails have an at as well."""
    assert without_credentials("vertex:codestral@2405") == "vertex:codestral@2405"
    assert without_credentials("https://j:p@h/x?y=1") == "https://...@h/x?..."
    assert without_credentials("https://h/x?y=1&key=s3&z=2 and so") == "https://h/x?... and so"
    assert without_credentials("POST /v1?y=1&key=s3&z=2") == "POST /v1?y=1&key=...&z=2"
