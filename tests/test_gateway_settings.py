"""What can be chosen of a gateway: defaults, places, and words for what is wrong."""

import os
from pathlib import Path

import pytest

from codestral_ls.commands.gateway_arguments import FLAGS
from codestral_ls.configuration import machine_layers
from codestral_ls.gateway.settings import OPTIONS, GatewaySettings, build
from codestral_ls.gateway.settings_layers import read_gateway
from codestral_ls.gateway.users import Bounds
from codestral_ls.kinds import Secret, spelled
from codestral_ls.layers import editor_layer, resolve

SECRET = "0123456789abcdef-hidden"


def read(
    toml: str = "", flags: dict[str, object] | None = None, *, folder: Path, **variables: str
) -> tuple[GatewaySettings, str]:
    """What is chosen, and all that is wrong."""
    file = folder / "config.toml"
    file.write_text(toml)
    environ = {f"CODESTRAL_LS_GATEWAY_{name.upper()}": text for name, text in variables.items()}
    layers = machine_layers({"CODESTRAL_LS_CONFIG": str(file), **environ})
    own, problems = read_gateway(layers, flags or {})
    return own, "\n".join(problems)


def test_the_usual_ones_are_those_of_this_machine_alone(tmp_path: Path) -> None:
    """Nobody from outside gets in by default, and nothing has to be set."""
    own, problems = read(folder=tmp_path)
    assert (own, problems) == (GatewaySettings(), "")
    assert (own.host, own.port, own.workers, own.is_open) == ("127.0.0.1", 8787, 1, False)


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    """Each of the three where no later one says anything."""
    toml = '[gateway]\nhost = "::1"\nport = 1\nworkers = 2\nuser_daily_budget = 1.5\n'
    own, problems = read(toml, {"port": "3"}, folder=tmp_path, port="2", workers="4", fim="shaped")
    assert problems == ""
    assert (own.host, own.port, own.workers, own.fim) == ("::1", 3, 4, "shaped")
    assert own.user == Bounds(daily_budget=1.5)
    assert own.all == Bounds()


def test_bounds_are_chosen_one_by_one(tmp_path: Path) -> None:
    """Those of a user and those of all have names of their own."""
    own, problems = read(
        folder=tmp_path,
        user_requests_per_minute="30",
        user_tokens_per_minute="4000",
        requests_per_minute="300",
        tokens_per_minute="50000",
        daily_budget="2",
    )
    assert problems == ""
    assert own.user == Bounds(requests_per_minute=30, tokens_per_minute=4000)
    assert own.all == Bounds(requests_per_minute=300, tokens_per_minute=50_000, daily_budget=2.0)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("port", "99999", "CODESTRAL_LS_GATEWAY_PORT = 99999 is not allowed; it takes a whole"),
        ("host", "http://x", "it is to have no http:// in front; it takes a name or an address"),
        ("host", "localhost:80", "its port is a setting of its own"),
        ("open", "maybe", "CODESTRAL_LS_GATEWAY_OPEN = maybe is not allowed; it takes true or"),
        ("fim", "shape", 'did you mean "shaped"? It takes "raw" or "shaped".'),
        ("origins", "https://a.b/c", '"https://a.b/c" is not allowed: an origin is like'),
        ("models", "codestrel", 'did you mean "codestral"?'),
        ("redis", "http://u:hidden@h", "it takes an address that begins with redis://"),
        ("redis", "redis://u:hidden@h:port", "its host or port is none"),
        ("secret", "hidden", "it is too short to be one"),
        ("tokens", "cls_12345678_hidden", "it is a token"),
        ("prot", "1", 'CODESTRAL_LS_GATEWAY_PROT is no setting of a gateway; did you mean "port"?'),
    ],
)
def test_what_is_wrong_is_told_with_what_is_allowed(
    name: str, value: str, said: str, tmp_path: Path
) -> None:
    """Where it stands, and never the text of a secret."""
    own, problems = read("", None, folder=tmp_path, **{name: value})
    assert said in problems
    assert "\n" not in problems
    assert problems.startswith("environment: ")
    assert "hidden" not in problems
    assert own == GatewaySettings()


def test_the_place_of_a_wrong_value_is_named(tmp_path: Path) -> None:
    """A line of the file, and a flag as it is written."""
    _, problems = read("[gateway]\nport = true\n", {"cache_seconds": "x"}, folder=tmp_path)
    first, second = problems.splitlines()
    assert first.startswith(f"{tmp_path / 'config.toml'} [gateway]: port = true is not allowed")
    assert second.startswith("command line: --cache-seconds = x is not allowed")


def test_secrets_are_shown_by_nothing(tmp_path: Path) -> None:
    """Neither by the settings nor by what they are made of."""
    own, problems = read(folder=tmp_path, redis="redis://:hidden@h:1/2", secret=SECRET)
    assert problems == ""
    assert own.redis.reveal() == "redis://:hidden@h:1/2"
    assert own.secret.reveal() == SECRET
    assert "hidden" not in repr(own)


@pytest.mark.parametrize(
    "written", ["localhost", "0.0.0.0", "::", "[::1]", "fe80::1%eth0", "box-1"]
)
def test_names_and_addresses_are_hosts(written: str, tmp_path: Path) -> None:
    """Brackets are no part of an address."""
    own, problems = read(folder=tmp_path, host=written)
    assert (own.host, problems) == (written.strip("[]"), "")


def test_an_editor_s_server_takes_no_notice_of_a_gateway_s_settings(tmp_path: Path) -> None:
    """It reads the same file and environment, and finds nothing wrong with them."""
    file = tmp_path / "config.toml"
    file.write_text('model = "m"\n[gateway]\nport = "wrong"\nmodel = "other"\n')
    variables = {"CODESTRAL_LS_CONFIG": str(file), "CODESTRAL_LS_GATEWAY_PORT": "x"}
    settings, problems = resolve(machine_layers({**variables, "CODESTRAL_LS_GATEWAY_TOKEN": "t"}))
    assert (settings.model, problems) == ("m", ())


def test_an_editor_chooses_nothing_of_a_gateway() -> None:
    """Folders of strangers may speak through it."""
    layer = editor_layer("editor", {"gateway": {"port": 1}, "gateway_port": 1})
    assert read_gateway([layer], {}) == (GatewaySettings(), ())
    assert len(resolve([layer])[1]) == 2


def test_a_gateway_s_name_outside_of_its_table_is_unknown(tmp_path: Path) -> None:
    """The file has a table for it; what stands elsewhere is nobody's."""
    file = tmp_path / "config.toml"
    file.write_text("gateway_port = 1\n")
    (problem,) = resolve(machine_layers({"CODESTRAL_LS_CONFIG": str(file)}))[1]
    assert 'there is no setting "gateway_port"' in problem.message


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("gateway = 5\n", ": gateway is no table; settings stand below [gateway]."),
        ("[gatway]\nport = 1\n", ": there is no [gatway]; did you mean [gateway]?"),
        ("redis = 'redis://h'\n", ": redis is a gateway's, and belongs below [gateway]."),
    ],
)
def test_what_misses_the_table_is_told(toml: str, said: str, tmp_path: Path) -> None:
    """Whoever wrote it believes that it holds."""
    assert read(toml, folder=tmp_path) == (GatewaySettings(), f"{tmp_path / 'config.toml'}{said}")


def test_tables_and_names_of_others_are_none_of_a_gateway_s(tmp_path: Path) -> None:
    """Settings of completion stand in the same file, and it may serve other programs as well."""
    assert read('model = "m"\ndaily_budget = 1\n[keys]\nx = 1\n', folder=tmp_path)[1] == ""


def test_a_variable_without_its_middle_is_told() -> None:
    """The names of completion have no `GATEWAY` in them, which is easily left out."""
    layers = machine_layers({"CODESTRAL_LS_CONFIG": os.devnull, "CODESTRAL_LS_WORKERS": "2"})
    assert read_gateway(layers, {})[1] == (
        "environment: CODESTRAL_LS_WORKERS is no setting; CODESTRAL_LS_GATEWAY_WORKERS is one.",
    )


def test_each_option_has_a_flag_but_the_secret_and_each_default_is_allowed() -> None:
    """A secret on a command line is read by everybody on the machine."""
    assert list(FLAGS) == [name for name in OPTIONS if name != "secret"]
    for option in OPTIONS.values():
        assert isinstance(option.default, Secret) or option.kind.parse(option.default) == (
            option.default
        )
        assert option.about.endswith(".")


def test_defaults_that_help_tells_are_those_of_the_code() -> None:
    """In brackets behind what a flag does."""
    told = {name: about.rpartition("(")[2].rstrip(")") for name, (_, about) in FLAGS.items()}
    defaults = {name: told[name] for name in told if FLAGS[name][1].endswith(f"({told[name]})")}
    assert len(defaults) == 7
    for name, text in defaults.items():
        assert text == spelled(OPTIONS[name].default).strip('"'), name


def test_what_is_built_differs_in_what_is_given_alone() -> None:
    """Values that are parsed already."""
    assert build({}) == GatewaySettings()
    own = build({"open": True, "daily_budget": 2.0})
    assert own == GatewaySettings(is_open=True, all=Bounds(daily_budget=2.0))
