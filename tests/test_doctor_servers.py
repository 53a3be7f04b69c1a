"""The doctor and servers of one's own, chains of providers, and what is wrong with settings."""

from pathlib import Path

import pytest

from tests.doctor_site import KEY, Machine, answering, unused_port
from tests.fim_endpoint import serve_in_thread
from tests.forked_doctor import ForkedMachine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return ForkedMachine(tmp_path)


@pytest.mark.parametrize(
    ("provider", "command"),
    [
        ("llama.cpp", "llama-server --fim-qwen-1.5b-default --port {}"),
        ("ollama", "ollama serve"),
        ("lmstudio:qwen2.5-coder", "lms server start --port {}"),
        ("vllm:qwen2.5-coder", "vllm serve qwen2.5-coder --port {}"),
        ("tgi:qwen2.5-coder", "text-generation-launcher --model-id qwen2.5-coder --port {}"),
    ],
)
def test_a_local_server_that_does_not_run(machine: Machine, provider: str, command: str) -> None:
    """The command that starts it, at the port where it is looked for."""
    port = unused_port()
    found = machine.report(CODESTRAL_LS_PROVIDERS=f"{provider}@http://127.0.0.1:{port}")
    said, advice = found.only_failure("connection")
    assert said == f"127.0.0.1 port {port}: nobody listens there"
    assert advice.startswith(f"Start it: `{command.format(port)}`.")


def test_a_model_that_ollama_does_not_have(machine: Machine) -> None:
    """The command that gets it; ollama is asked about this one model."""
    missing = {"error": "model 'qwen2.5-coder:7b' not found"}
    with answering({"/api/show": (404, missing)}) as url:
        found = machine.report(CODESTRAL_LS_PROVIDERS=f"ollama:qwen2.5-coder:7b@{url}")
    _, advice = found.only_failure("model")
    assert "`ollama pull qwen2.5-coder:7b`" in advice
    assert found.checks["answer"]["state"] == "ok"


def test_a_model_of_ollama_without_a_place_for_what_follows(machine: Machine) -> None:
    """Ollama tells what a model can do."""
    shown = {"capabilities": ["completion"], "model_info": {"llama.context_length": 8192}}
    with answering({"/api/show": (200, shown)}) as url:
        found = machine.report(CODESTRAL_LS_PROVIDERS=f"ollama:llama3@{url}")
    said, advice = found.only_failure("model")
    assert said == "llama3 cannot fill in the middle"
    assert "`model`" in advice


def test_a_chain_is_looked_at_as_a_whole(machine: Machine) -> None:
    """Each of its endpoints, under its name."""
    with serve_in_thread() as endpoint:
        found = machine.report(
            CODESTRAL_LS_PROVIDERS=f"mistral@{endpoint.url},llama.cpp@http://127.0.0.1:9,offline",
            MISTRAL_API_KEY=KEY,
        )
    assert found.checks["mistral: completion"]["state"] == "ok"
    assert found.only_failure("llama.cpp: connection")
    assert "then llama.cpp" in found.checks["provider"]["found"]


def test_an_endpoint_without_a_list_of_models_is_asked_all_the_same(machine: Machine) -> None:
    """Gateways often have nothing but the one path."""
    reply = {"choices": [{"index": 0, "message": {"content": "der"}, "finish_reason": "stop"}]}
    with answering({"/v1/fim/completions": (200, reply)}) as url:
        found = machine.report(CODESTRAL_LS_ENDPOINT=url, MISTRAL_API_KEY=KEY)
    assert found.status == 0, found.output
    assert found.checks["key accepted"]["state"] == "not checked"
    assert found.checks["model"]["state"] == "not checked"
    assert found.checks["completion"]["found"].endswith("result += or[der]")


def test_an_endpoint_that_says_nothing_is_a_warning(machine: Machine) -> None:
    """An empty text is no failure of the network."""
    reply = {"choices": [{"index": 0, "message": {"content": ""}, "finish_reason": "stop"}]}
    with answering({"/v1/fim/completions": (200, reply)}) as url:
        check = machine.report(CODESTRAL_LS_ENDPOINT=url).checks["completion"]
    assert check["state"] == "warning"
    assert check["found"].startswith("an empty text after ")


def test_what_an_endpoint_echoes_is_not_passed_on(machine: Machine) -> None:
    """Neither the key nor what would move the cursor of a terminal."""
    text = f"{KEY} \x1b[2J joe-8888 {' ' * 9}{'x' * 22}{KEY}"
    reply = {"choices": [{"index": 0, "message": {"content": text}, "finish_reason": "stop"}]}
    with answering({"/v1/fim/completions": (200, reply)}) as url:
        address = url.replace("http://", "http://user-7777:joe-8888@")
        environ = {"CODESTRAL_LS_ENDPOINT": address, "MISTRAL_API_KEY": KEY}
        plain, found = machine.run(**environ), machine.report(**environ)
    for output in (plain.stdout + plain.stderr, found.output):
        assert KEY[:6] not in output  # also where the text is cut off
        assert "joe-8888" not in output
        assert "user-7777" not in output
        assert "\x1b" not in output
        assert "u001b" not in output
    assert "[[key]" in found.checks["completion"]["found"]


def test_a_key_that_a_command_brings_is_hidden_too(machine: Machine) -> None:
    """It is known only once it has been read."""
    (machine.folder / "c.toml").write_text(f'api_key_command = "echo {KEY}"')
    reply = {"choices": [{"index": 0, "message": {"content": KEY}, "finish_reason": "stop"}]}
    with answering({"/v1/fim/completions": (200, reply)}) as url:
        found = machine.report(
            PATH="/bin:/usr/bin", CODESTRAL_LS_CONFIG="c.toml", CODESTRAL_LS_ENDPOINT=url
        )
    assert found.checks["key"]["found"] == "from `api_key_command`"
    assert found.checks["completion"]["found"].endswith("[[key]]")
    assert KEY not in found.output


def test_a_command_for_the_key_that_fails_is_said_so(machine: Machine) -> None:
    """With its name, and not with what it printed."""
    (machine.folder / "config.toml").write_text("api_key_command = \"sh -c 'echo s3cret; exit 3'\"")
    with serve_in_thread() as endpoint:
        found = machine.report(
            PATH="/bin:/usr/bin",
            CODESTRAL_LS_CONFIG="config.toml",
            CODESTRAL_LS_ENDPOINT=endpoint.url,
        )
    said, advice = found.only_failure("key")
    assert "`api_key_command`" in said
    assert "exit status 3" in said + advice
    assert "s3cret" not in found.output


@pytest.mark.parametrize(
    ("text", "advised"),
    [("model = ", "cannot be read"), ('api_key = "k-123456789"', "does not belong there")],
)
def test_a_file_of_settings_with_mistakes(machine: Machine, text: str, advised: str) -> None:
    """Nothing is looked at that depends on them."""
    (machine.folder / "config.toml").write_text(text)
    found = machine.report(CODESTRAL_LS_CONFIG="config.toml")
    _, advice = found.only_failure("settings")
    assert advised in advice
    assert found.checks["provider"]["state"] == "not checked"
    assert "k-123456789" not in found.output


def test_a_variable_with_a_wrong_value(machine: Machine) -> None:
    """The variable's setting is named, and what it takes."""
    found = machine.report(CODESTRAL_LS_PROVIDER="mystral")
    said, advice = found.only_failure("environment")
    assert said == "CODESTRAL_LS_PROVIDER"
    assert "mystral is not allowed" in advice
    assert found.checks["provider"]["state"] == "not checked"


def test_what_is_switched_off_or_on_is_said(machine: Machine) -> None:
    """Warnings, which do not count as failures."""
    found = machine.report(
        CODESTRAL_LS_PROVIDER="offline",
        CODESTRAL_LS_ENABLED="false",
        CODESTRAL_LS_STATS="false",
        CODESTRAL_LS_TRACE_FILE="trace.jsonl",
    )
    assert (found.status, found.failures) == (0, [])
    assert found.checks["provider"]["state"] == "ok"
    assert found.checks["ghost text"]["state"] == "warning"
    assert found.checks["statistics"]["state"] == "not checked"
    assert found.checks["trace"]["state"] == "warning"


def test_the_index_counts_the_files_of_the_folder(machine: Machine) -> None:
    """Those that may be read, as for an editor that has it open."""
    (machine.folder / ".git").mkdir()
    (machine.folder / ".codestralignore").write_text("hidden.py\n")
    for name in ("a.py", "b.py", "hidden.py", "denied.py"):
        (machine.folder / name).write_text("x = 1\n")
    found = machine.report(CODESTRAL_LS_DISABLED_PATHS="denied.py")
    assert found.checks["index"]["found"].startswith(f"2 files of {machine.folder} in ")
    denying = f"{machine.folder / '.codestralignore'}, `disabled_paths` with 1 pattern"
    assert found.checks["privacy"]["found"] == denying


def test_an_index_that_nobody_asks_is_not_built(machine: Machine) -> None:
    """With these settings neither a prompt nor the offline provider would."""
    with answering({}) as url:
        found = machine.report(
            CODESTRAL_LS_ENDPOINT=url,
            CODESTRAL_LS_CONTEXT="file",
            CODESTRAL_LS_OFFLINE_FALLBACK="false",
        )
    assert found.checks["index"]["state"] == "not checked"
