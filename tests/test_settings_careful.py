"""What is wrong where it matters: nobody is asked then, because nobody knows who may be."""

from pathlib import Path

import pytest

from codestral_ls.configuration import machine_layers, read_user_file
from codestral_ls.fim.providers import choose_endpoints
from codestral_ls.layers import NOTHING_SENT, Layer, editor_layer, environment_layer, resolve
from codestral_ls.settings import Settings

KEY = {"MISTRAL_API_KEY": "test-key-0000"}
"""With it, the defaults send code."""


def asks_nobody(settings: Settings) -> bool:
    return choose_endpoints(settings) == ()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("provider", "olama"),
        ("providers", "olama"),
        ("providers", "mistral,llama.cpp@box:8012"),
        ("endpoint", "localhost:18900"),
        ("endpoint", "http://127.0.0.1:99999"),
        ("context", "flie"),
        ("context_chars", "none"),
        ("disabled_paths", '["secret/"'),
        ("languages", "[1]"),
        ("enabled", "flase"),
        ("trigger", "manul"),
        ("proxy", "localhost:3128"),
        ("trust_env", "flase"),
        ("daily_requests", "many"),
        ("daily_budget", "0,50"),
    ],
)
def test_a_wrong_value_where_it_matters_lets_nobody_be_asked(name: str, wrong: str) -> None:
    """Not even by what the other layers say rightly; the message says so."""
    layers = [
        editor_layer("below", {"providers": ["codestral"]}),
        environment_layer({**KEY, f"CODESTRAL_LS_{name.upper()}": wrong}),
        editor_layer("above", {"provider": "mistral", "model": "mine"}),
    ]
    settings, (problem,) = resolve(layers)
    assert asks_nobody(settings)
    assert settings.model == "mine"
    assert problem.loud
    assert problem.message.endswith(NOTHING_SENT)
    assert not asks_nobody(resolve([layers[0], environment_layer(KEY), layers[2]])[0])


@pytest.mark.parametrize(
    ("name", "wrong"), [("model", 5), ("max_tokens", 0), ("ca_file", 1), ("price_prompt", "x")]
)
def test_a_wrong_value_that_changes_no_place_leaves_the_rest_at_work(
    name: str, wrong: object
) -> None:
    """Where code goes is as it was."""
    settings, (problem,) = resolve([environment_layer(KEY), Layer("editor", {name: wrong})])
    assert not asks_nobody(settings)
    assert problem.loud
    assert NOTHING_SENT not in problem.message


def test_denied_paths_that_are_right_stay_denied() -> None:
    """They keep files out of what is searched on this machine, too."""
    for raw in (["secret/", 3], '["secret/", 3]'):
        settings, (problem,) = resolve([editor_layer("editor", {"disabled_paths": raw})])
        assert settings == Settings(provider="offline", disabled_paths=("secret/",))
        assert "disabled_paths = " in problem.message


@pytest.mark.parametrize(
    "content", [b"max_lines = ", b"\xff\xfe", b"a = 1\na = 2", b"a = " + b"[" * 9999, b"\0"]
)
def test_a_file_that_cannot_be_read_lets_nobody_be_asked(tmp_path: Path, content: bytes) -> None:
    """It may have said that nobody is to be, or which files are denied."""
    path = tmp_path / "config.toml"
    path.write_bytes(b'provider = "offline"\ndisabled_paths = ["secret/"]\n' + content)
    layers = machine_layers({**KEY, "CODESTRAL_LS_CONFIG": str(path)})
    settings, (problem,) = resolve([*layers, editor_layer("editor", {"provider": "mistral"})])
    assert asks_nobody(settings)
    assert problem.loud
    assert problem.message.startswith(f"CODESTRAL_LS_CONFIG: {path} cannot be read: ")
    assert problem.message.endswith(NOTHING_SENT)


def test_a_file_that_is_named_and_missing_lets_nobody_be_asked(tmp_path: Path) -> None:
    """A slip in its name would leave all its settings out."""
    settings, (problem,) = resolve(
        machine_layers({**KEY, "CODESTRAL_LS_CONFIG": str(tmp_path / "none.toml")})
    )
    assert asks_nobody(settings)
    assert problem.message.endswith(f"No such file or directory. {NOTHING_SENT}")


def test_a_section_that_is_not_read_counts_by_what_stands_in_it() -> None:
    """One of another program is its own affair."""
    section = {"provider": "offline", "model": "mine"}
    settings, (problem,) = resolve(
        [environment_layer(KEY), Layer("file", {"max_lines": 2, "codestral": section})]
    )
    assert asks_nobody(settings)
    assert "settings stand at the top level" in problem.message
    assert problem.message.endswith(NOTHING_SENT)
    settings, (problem,) = resolve([environment_layer(KEY), Layer("f", {"trace": {"server": 1}})])
    assert not asks_nobody(settings)
    assert not problem.loud


@pytest.mark.parametrize(
    ("name", "wrong", "why"),
    [
        ("provider", "olama", 'olama is not allowed: did you mean "ollama"? It takes "auto" or '),
        ("provider", "llamacpp", 'llamacpp is not allowed: did you mean "llama.cpp"? It takes '),
        ("provider", "zzz", 'zzz is not allowed; it takes "auto" or "offline" or "codestral" or '),
        ("endpoint", "http://h:99999", "its port is not from 1 to 65535; it takes an address"),
        ("endpoint", "http://h:x", "its port is not from 1 to 65535; it takes an address"),
        ("endpoint", "https://", "it names no host; it takes an address that begins with"),
        ("endpoint", "http://[", "its brackets hold no address of a host; it takes an address"),
        ("endpoint", "h:80", "endpoint = h:80 is not allowed; it takes an address that begins "),
    ],
)
def test_what_is_wrong_is_said_before_what_is_allowed(name: str, wrong: str, why: str) -> None:
    """Or what was probably meant."""
    layer = environment_layer({f"CODESTRAL_LS_{name.upper()}": wrong})
    _, (problem,) = resolve([layer])
    assert why in problem.message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("\nendpoint = http://x", 'line 2: endpoint = http://x — a text needs quotes ("...")'),
        ("endpoint = http://j:p@x?key=k", "line 1: endpoint = http://...@x?... — a text"),
        ("model = # none\n", "line 1: model = # none — a value is missing"),
        ("model =", "line 1: model = — a value is missing"),
        ('model = "a\nstrings = true', 'line 1: model = "a — a text has no closing quote'),
        ("model = 'a\nstrings = true", "a text has no closing quote"),
        ("stop = ['a' 'b']", "line 1: stop = ['a' 'b'] — a list has no end, or lacks a comma"),
        ("stop = ['a'", "a list has no end, or lacks a comma"),
        ("max_tokens = 1\nmax_tokens = 2", "line 2: max_tokens = 2 — it is set twice"),
        ("timeout_ms = 5s", "line 1: timeout_ms = 5s — something follows the value"),
        ('ca_file = "C:\\x"', "— a backslash is written twice, or the text in single quotes"),
        ("model: mine", "line 1: a setting is written NAME = VALUE"),
        ("api_key = s3cret", 'line 1: a text needs quotes ("...")'),
        ("api_key_command = s3cret", 'line 1: a text needs quotes ("...")'),
        ("proxy = http://joe:s3cret@h", 'line 1: a text needs quotes ("...")'),
        ("stop = [\n  'a',\n  s3cret\n]", 'line 3: a text needs quotes ("...")'),
    ],
)
def test_a_line_that_cannot_be_read_is_shown_with_what_to_do(
    tmp_path: Path, content: str, said: str
) -> None:
    """Unless it could hold a key."""
    path = tmp_path / "config.toml"
    path.write_text(content, "utf-8")
    (problem,) = read_user_file(path).problems
    assert said in problem.message
    assert "s3cret" not in problem.message
