"""What a folder of a stranger can bring about through the editor: nothing that gets at keys."""

import pytest

from codestral_ls.fim.providers import choose_endpoints
from codestral_ls.layers import (
    FILE_ALLOWS,
    Layer,
    Problem,
    editor_layer,
    environment_layer,
    resolve,
)
from codestral_ls.settings import Settings

STRANGE = "https://evil.example"
VARIABLES = {"MISTRAL_API_KEY": "env-key", "OPENAI_API_KEY": "other-key"}
FILE = {"api_key_command": "pass show mistral"}


def resolved(
    editor: dict[str, object],
    environ: dict[str, str] | None = None,
    file: dict[str, object] | None = None,
) -> tuple[Settings, tuple[Problem, ...]]:
    """What is meant by the user's file and environment, and by the editor above them."""
    layers = (
        Layer("config.toml", file or {}, FILE_ALLOWS),
        environment_layer(environ or {}),
        editor_layer("editor", editor),
    )
    return resolve(layers)


def keys(settings: Settings) -> list[str]:
    """The key or the way to it of each endpoint, "" for none."""
    plans = [each.key for each in choose_endpoints(settings)]
    return [plan.given.reveal() or plan.command or plan.file or plan.keyring for plan in plans]


@pytest.mark.parametrize("name", ["trace_file", "ca_file", "client_cert", "client_cert_key"])
def test_no_editor_names_files_that_are_read_or_written(name: str) -> None:
    """One could be the user's, and an authority of the stranger's could read what is sent."""
    settings, (problem,) = resolved({name: "~/.bashrc"})
    assert settings == Settings()
    assert problem.loud
    assert f"Set CODESTRAL_LS_{name.upper()} in the environment instead, or in your" in (
        problem.message
    )
    assert getattr(resolved({}, file={name: "x"})[0], name) == "x"
    assert getattr(resolved({}, {f"CODESTRAL_LS_{name.upper()}": "x"})[0], name) == "x"


@pytest.mark.parametrize(
    "editor",
    [
        {"endpoint": STRANGE},
        {"endpoint": STRANGE, "provider": "mistral"},
        {"providers": [f"mistral@{STRANGE}"]},
        {"providers": ["mistral"], "endpoint": STRANGE},
        {"endpoint": "https://mistral.ai.evil.example", "provider": "mistral"},
        {"endpoint": "https://api.mistral.ai@evil.example", "provider": "mistral"},
        {"endpoint": "https://api-mistral.ai", "provider": "mistral"},
        {"endpoint": "http://api.mistral.ai", "provider": "mistral"},
        {"endpoint": "https://evil.example#.mistral.ai", "provider": "mistral"},
        {"endpoint": "https://evil.example\\.mistral.ai", "provider": "mistral"},
    ],
)
@pytest.mark.parametrize(
    ("environ", "file", "held"),
    [
        (VARIABLES, {}, "MISTRAL_API_KEY"),
        ({"CODESTRAL_LS_API_KEY": "own-key"}, {}, "`api_key`"),
        ({}, FILE, "`api_key_command`"),
        ({}, {"api_key_file": "~/key"}, "`api_key_file`"),
        ({}, {"api_key_keyring": "mistral/me"}, "`api_key_keyring`"),
        (VARIABLES, FILE, "`api_key_command` and MISTRAL_API_KEY"),
    ],
)
def test_the_users_keys_do_not_go_where_the_editor_says(
    editor: dict[str, object], environ: dict[str, str], file: dict[str, object], held: str
) -> None:
    """They are told which key stays, and what to do if the address is their own."""
    settings, (problem,) = resolved(editor, environ, file)
    assert keys(settings) == [""]
    assert problem.loud
    assert problem.message.startswith(f"The key of {held} is not sent to ")
    setting = "endpoint" if "endpoint" in editor else "providers"
    assert f"set `{setting}` in your own config.toml or CODESTRAL_LS_{setting.upper()} in" in (
        problem.message
    )
    assert "`api_key` in the editor" in problem.message


@pytest.mark.parametrize(
    ("editor", "environ", "file", "expected"),
    [
        ({}, {**VARIABLES, "CODESTRAL_LS_ENDPOINT": STRANGE}, {}, ["env-key"]),
        ({}, VARIABLES, {"endpoint": STRANGE}, ["env-key"]),
        ({"endpoint": STRANGE}, VARIABLES, {"endpoint": STRANGE}, ["env-key"]),
        ({"endpoint": STRANGE, "api_key": "mine"}, VARIABLES, FILE, ["mine"]),
        ({"endpoint": "http://127.0.0.1:8012"}, VARIABLES, {}, ["env-key"]),
        ({"endpoint": "http://localhost:8012/v1"}, VARIABLES, {}, ["env-key"]),
        ({"endpoint": "https://api.eu.mistral.ai"}, VARIABLES, {}, ["env-key"]),
        ({"endpoint": "https://codestral.mistral.ai/v1"}, {}, FILE, ["pass show mistral"]),
        ({"provider": "openai"}, VARIABLES, {}, ["other-key"]),
        ({"providers": ["mistral", f"llama.cpp@{STRANGE}"]}, VARIABLES, FILE, [*FILE.values(), ""]),
        ({"provider": "llama.cpp", "endpoint": "http://box:8012"}, VARIABLES, {}, [""]),
    ],
)
def test_keys_go_where_they_belong(
    editor: dict[str, object], environ: dict[str, str], file: dict[str, object], expected: list[str]
) -> None:
    """To what the user has named, to this machine, to vendors, and with the editor's own key."""
    settings, problems = resolved(editor, environ, file)
    assert (keys(settings), problems) == (expected, ())


def test_only_the_key_that_would_go_there_is_held_back() -> None:
    """The others are asked as before."""
    entries = ["mistral", f"openai:m@{STRANGE}", "openrouter"]
    environ = {**VARIABLES, "OPENROUTER_API_KEY": "third-key"}
    settings, (problem,) = resolved({"providers": entries}, environ)
    assert keys(settings) == ["env-key", "", "third-key"]
    assert "The key of OPENAI_API_KEY is not sent to evil.example" in problem.message


def test_a_message_about_an_address_quotes_no_password_of_it() -> None:
    """It names the host alone."""
    _, (problem,) = resolved({"endpoint": "https://joe:s3cret@evil.example?key=s3cret"}, VARIABLES)
    assert "not sent to evil.example:" in problem.message
    assert "s3cret" not in problem.message
