"""Layers of settings, and what is said of wrong ones."""

import os
from pathlib import Path

import pytest

from codestral_ls.configuration import machine_layers, read_user_file
from codestral_ls.kinds import Secret, spelled
from codestral_ls.layers import ENVIRONMENT_ALLOWS, FILE_ALLOWS, Layer, environment_layer, resolve
from codestral_ls.settings import FIELDS, Settings, environment_name

NOBODY = Settings(provider="offline")


def test_the_last_layer_wins() -> None:
    """Defaults, then file, environment and editor, each above the one before."""
    layers = [
        Layer("file", {"debounce_ms": 100, "model": "from-file"}, FILE_ALLOWS),
        environment_layer({"CODESTRAL_LS_DEBOUNCE_MS": "200"}),
        Layer("editor", {"max_tokens": 10}),
    ]
    settings, problems = resolve(layers)
    assert (settings.debounce_ms, settings.model, settings.max_tokens) == (200, "from-file", 10)
    assert problems == ()


def test_null_means_not_set() -> None:
    """VS Code sends null for every setting that the user has left alone."""
    assert resolve([Layer("editor", {"debounce_ms": None})]) == (Settings(), ())


@pytest.mark.parametrize(
    ("name", "wrong", "allowed"),
    [
        ("debounce_ms", "soon", "a whole number from 0 to 5000"),
        ("debounce_ms", 5001, "a whole number from 0 to 5000"),
        ("debounce_ms", 1.5, "a whole number from 0 to 5000"),
        ("debounce_ms", True, "a whole number from 0 to 5000"),
        ("debounce_ms", float("nan"), "a whole number from 0 to 5000"),
        ("debounce_ms", float("inf"), "a whole number from 0 to 5000"),
        ("temperature", 9, "a number from 0 to 1.5"),
        ("enabled", "perhaps", "true or false"),
        ("trigger", "always", '"automatic" or "manual"'),
        ("languages", [1], "a list of texts"),
        ("languages", {"a": 1}, "a list of texts"),
        ("endpoint", "localhost:8080", "an address that begins with http:// or https://"),
        ("endpoint", "http://[", "an address that begins with http:// or https://"),
        ("endpoint", "http://host:99999", "an address that begins with http:// or https://"),
        ("endpoint", "https://", "an address that begins with http:// or https://"),
        ("model", 5, "a text"),
    ],
)
def test_a_wrong_value_leaves_the_default_and_says_what_is_allowed(
    name: str, wrong: object, allowed: str
) -> None:
    """One message names the key, the value and what is allowed."""
    settings, problems = resolve([Layer("editor", {name: wrong})])
    assert settings == (NOBODY if FIELDS[name].metadata["careful"] else Settings())
    (problem,) = problems
    assert problem.loud
    assert problem.message.startswith(f"editor: {name} = ")
    assert spelled(wrong) in problem.message
    assert allowed in problem.message


def test_a_slip_in_a_name_is_told_with_the_nearest_one() -> None:
    """A name that nothing is near to belongs to another program, and is for the log."""
    for name, near in (("modle", "model"), ("debounce", "debounce_ms"), ("provder", "provider")):
        settings, (problem,) = resolve([Layer("editor", {name: "1"})])
        assert (settings, problem.loud) == (Settings(), True)
        assert problem.message == f'editor: there is no setting "{name}"; did you mean "{near}"?'
    _, (problem,) = resolve([Layer("editor", {"zzz": 1})])
    assert not problem.loud


def test_a_key_in_the_file_is_not_read() -> None:
    """Files are committed and synchronised; the message says where a key belongs."""
    settings, (problem,) = resolve([Layer("config.toml", {"api_key": "s3cret"}, FILE_ALLOWS)])
    assert not settings.api_key
    assert problem.loud
    assert "CODESTRAL_LS_API_KEY" in problem.message
    assert "s3cret" not in problem.message


def test_secrets_do_not_appear() -> None:
    """Neither in a repr, nor in the message about a wrong one."""
    settings, _ = resolve([environment_layer({"MISTRAL_API_KEY": "s3cret"})])
    assert "s3cret" not in repr(settings)
    assert settings.keys.of("MISTRAL_API_KEY").reveal() == "s3cret"
    _, (problem,) = resolve([Layer("editor", {"api_key": ["s3cret"]})])
    assert "s3cret" not in problem.message
    assert "s3cret" not in f"{Secret('s3cret')}"
    settings, (problem,) = resolve([Layer("editor", {"api_key": "s3crèt"})])
    assert not settings.api_key
    assert "s3cr" not in problem.message


@pytest.mark.parametrize(
    ("text", "expected"), [("true", True), ("0", False), ("ON", True), ("no", False)]
)
def test_environment_booleans(text: str, expected: bool) -> None:  # noqa: FBT001 - a parameter
    """The usual words for yes and no."""
    settings, problems = resolve([environment_layer({"CODESTRAL_LS_ENABLED": text})])
    assert (settings.enabled, problems) == (expected, ())


@pytest.mark.parametrize(
    "text", ["python, go", "python,go,", '["python", "go"]', ' ["python","go"] ']
)
def test_a_list_in_a_text_has_commas_or_is_json(text: str) -> None:
    """A variable has no other way to say a list."""
    settings, problems = resolve([environment_layer({"CODESTRAL_LS_LANGUAGES": text})])
    assert (settings.languages, problems) == (("python", "go"), ())


@pytest.mark.parametrize("text", ['["python"', "[1]", '{"a": 1}', '"python"', "[" * 100_000])
def test_json_that_is_no_list_of_texts_is_a_problem(text: str) -> None:
    """Taken as names it would turn everything off."""
    settings, (problem,) = resolve([environment_layer({"CODESTRAL_LS_STOP": text})])
    assert settings == Settings()
    assert problem.loud
    assert "it takes a list of texts. [] is used instead." in problem.message
    assert len(problem.message) < 300


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("multiline = true", 'multiline = true is not allowed; it takes "auto" or "always" or '),
        ("multiline = true", '"never". "auto" is used instead.'),
        (
            "strings = 3",
            "strings = 3 is not allowed; it takes true or false. true is used instead.",
        ),
        (
            "stop = [1, 'a']",
            'stop = [1, "a"] is not allowed; it takes a list of texts. ["a"] is used instead.',
        ),
        ("max_tokens = 0", "max_tokens = 0 is not allowed; "),
        ("top_p = 2.0", "top_p = 2 is not allowed; it takes a number from 0.01 to 1. 1 is used "),
        ("temperature = nan", "temperature = nan is not allowed; "),
        ("endpoint = 'é\"'", 'endpoint = "é\\"" is not allowed; '),
        ("endpoint = 2026-01-02", 'endpoint = "2026-01-02" is not allowed; '),
        ("endpoint = {a = 1}", 'endpoint = {"a": 1} is not allowed; '),
        ('endpoint = "\\u202e\\n"', 'endpoint = "\\u202e\\n" is not allowed; '),
        (f"max_tokens = 0x{'f' * 9_999}", "max_tokens = ... is not allowed; "),
        (f'model = ["{"m" * 200}"]', f'model = ["{"m" * 78}... is not allowed; '),
    ],
)
def test_messages_spell_values_as_the_file_does(tmp_path: Path, content: str, said: str) -> None:
    """Nobody needs to know which language the server is written in."""
    path = tmp_path / "config.toml"
    path.write_text(content, "utf-8")
    _, (problem,) = resolve([read_user_file(path)])
    assert said in problem.message


@pytest.mark.parametrize(
    ("text", "spelled_so"),
    [
        *(("99999", "99999"), ("when asked", "'when asked'"), ('["go"]', "'[\"go\"]'")),
        *(("a\nb", r'"a\nb"'), ("9" * 81, "9" * 80 + "...")),
    ],
)
def test_messages_spell_a_variable_as_a_shell_does(text: str, spelled_so: str) -> None:
    """One word needs no quotes."""
    _, (problem,) = resolve([environment_layer({"CODESTRAL_LS_MAX_TOKENS": text})])
    assert problem.message.startswith(f"environment: max_tokens = {spelled_so} is not allowed; ")


def test_the_file_may_hold_the_settings_in_one_section(tmp_path: Path) -> None:
    """As the editors' own configuration does; a key does not belong there either."""
    path = tmp_path / "config.toml"
    path.write_text('[codestral]\nmodel = "mine"\napi_key = "s3cret"\n')
    settings, (problem,) = resolve([read_user_file(path)])
    assert settings.model == "mine"
    assert '"api_key" does not belong there' in problem.message


def test_a_section_beside_settings_is_explained(tmp_path: Path) -> None:
    """Which of the two was meant nobody knows."""
    path = tmp_path / "config.toml"
    path.write_text('model = "mine"\n[codestral]\nmodel = "other"\n')
    settings, (problem,) = resolve([read_user_file(path)])
    assert settings.model == "mine"
    assert problem.message.endswith(
        'no setting "codestral"; settings stand at the top level, not in a section'
    )


def test_no_name_is_suggested_that_may_not_stand_there() -> None:
    """The next message would say that it does not belong there."""
    for layer in (Layer("f", {"api_keys": ""}, FILE_ALLOWS), Layer("e", {"codestral": "on"})):
        _, (problem,) = resolve([layer])
        hint = problem.message.partition("did you mean ")[2].strip('"?')
        assert not hint or FIELDS[hint].metadata["where"] in layer.allows


def test_every_setting_can_be_set_in_the_environment() -> None:
    """The name is the setting's, in capitals, behind one prefix."""
    for name, field in FIELDS.items():
        assert field.metadata["where"] in ENVIRONMENT_ALLOWS
        assert environment_name(name).replace(" or ", "").isupper()


def test_an_empty_variable_counts_as_unset() -> None:
    """`MISTRAL_API_KEY=` in a shell is how people switch a key off."""
    assert resolve([environment_layer({"CODESTRAL_LS_MODEL": ""})]) == (Settings(), ())


def test_a_missing_file_is_no_problem(tmp_path: Path) -> None:
    """Most users have none."""
    assert resolve([read_user_file(tmp_path / "none.toml")]) == (Settings(), ())
    assert resolve([read_user_file(Path(os.devnull) / "config.toml")]) == (Settings(), ())


@pytest.mark.parametrize("path", ["/does/not/exist", os.devnull + "/config.toml", "/"])
def test_a_file_that_somebody_named_must_be_there(path: str) -> None:
    """A slip in its name would leave all its settings out."""
    settings, (problem,) = resolve(machine_layers({"CODESTRAL_LS_CONFIG": path}))
    assert settings == NOBODY
    assert problem.loud
    assert problem.message.startswith(f"CODESTRAL_LS_CONFIG: {path} cannot be read: ")
    assert "Errno" not in problem.message


def test_a_file_may_begin_as_windows_lets_it_begin(tmp_path: Path) -> None:
    """With a mark of the encoding."""
    path = tmp_path / "config.toml"
    path.write_text('model = "mine"', "utf-8-sig")
    assert resolve([read_user_file(path)]) == (Settings(model="mine"), ())


def test_the_users_file_is_found_and_can_be_moved(tmp_path: Path) -> None:
    """CODESTRAL_LS_CONFIG names another file."""
    path = tmp_path / "mine.toml"
    path.write_text('model = "mine"\nlanguages = ["go"]\n')
    settings, problems = resolve(machine_layers({"CODESTRAL_LS_CONFIG": str(path)}))
    assert (settings.model, settings.languages, problems) == ("mine", ("go",), ())
