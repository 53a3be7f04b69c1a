"""The doctor's advice: the one thing that helps, where several seem to be wrong."""

from pathlib import Path

import pytest

from tests.doctor_site import KEY, Machine, answering
from tests.fim_endpoint import Behaviour, serve_in_thread
from tests.forked_doctor import ForkedMachine

NO_PATH = (404, {"error": {"message": "File Not Found"}})


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return ForkedMachine(tmp_path)


def listing(*names: str, owner: str = "somebody") -> tuple[int, object]:
    """A list of models as most servers write it."""
    return 200, {"object": "list", "data": [{"id": name, "owned_by": owner} for name in names]}


def test_what_was_doubted_before_is_where_to_begin(machine: Machine) -> None:
    """A model that is not listed is a warning, until the completion fails because of it."""
    missing = (404, {"error": {"message": "no such model"}})
    with answering({"/v1/models": listing("qwen-a"), "/v1/completions": missing}) as url:
        environ = {"CODESTRAL_LS_PROVIDER": "openai", "CODESTRAL_LS_ENDPOINT": url}
        done, found = machine.run(**environ), machine.report(**environ)
    assert done.stdout.endswith("\nSomething is wrong. Begin with: model.\n")
    assert found.checks["model"]["state"] == "warning"
    _, advice = found.only_failure("completion")
    assert advice == found.checks["model"]["advice"] == "Set `model` to qwen-a."


@pytest.mark.parametrize(
    ("entry", "owner", "name", "check"),
    [
        ("llama.cpp", "library", "ollama", "completion"),
        ("mistral", "llamacpp", "llama.cpp", "model"),
        ("mistral", "library", "ollama", "model"),
        ("ollama", "llamacpp", "llama.cpp", "model"),
    ],
)
def test_a_server_of_another_provider_is_named(
    machine: Machine, entry: str, owner: str, name: str, check: str
) -> None:
    """No other model helps there, and no waiting."""
    replies = {"/v1/models": listing("half.gguf", owner=owner), "/infill": NO_PATH}
    with answering(replies) as url:
        found = machine.report(CODESTRAL_LS_PROVIDERS=f"{entry}@{url}")
    said, advice = found.only_failure(check)
    assert f"is a server of {name}" in said
    assert f'provider "{name}"' in advice
    assert "half.gguf" not in advice


def test_a_server_is_not_blamed_for_what_it_lists(machine: Machine) -> None:
    """Who wants a key for its list may have no such path at all, which is what counts."""
    with serve_in_thread(Behaviour(keys=frozenset({KEY}))) as endpoint:
        found = machine.report(CODESTRAL_LS_PROVIDERS=f"llama.cpp@{endpoint.url}")
    said, advice = found.only_failure("completion")
    assert "/infill" in said
    assert "next provider" not in advice
    assert found.checks["answer"]["state"] == "not checked"


def test_models_are_listed_where_one_has_to_be_named(machine: Machine) -> None:
    """Here and now, and not at an address to look at."""
    models = listing("text-embedding-x", "qwen2.5-coder-7b")
    with answering({"/v1/models": models}) as url:
        found = machine.report(CODESTRAL_LS_PROVIDER="vllm", CODESTRAL_LS_ENDPOINT=url)
        listed = machine.report(CODESTRAL_LS_PROVIDERS=f"lmstudio@{url}")
    _, advice = found.only_failure("model")
    assert advice == "Set `model` to qwen2.5-coder-7b."
    _, advice = listed.only_failure("model")
    assert "lmstudio:qwen2.5-coder-7b" in advice


def test_models_without_a_known_form_are_listed_too(machine: Machine) -> None:
    """Then the family has to be named as well."""
    with answering({"/v1/models": listing("half.gguf")}) as url:
        found = machine.report(CODESTRAL_LS_PROVIDERS=f"template@{url}")
    said, advice = found.only_failure("model")
    assert "half.gguf" in said
    assert "`fim_template`" in advice


@pytest.mark.parametrize(
    ("setting", "way"),
    [
        ("api_key_command = 'echo wrong-1234'", "api_key_command"),
        ("api_key_file = '{file}'", "api_key_file"),
    ],
)
def test_a_wrong_key_is_called_by_where_it_came_from(
    machine: Machine, setting: str, way: str
) -> None:
    """And not by how the doctor has handed it on."""
    file = machine.home / "key"
    file.write_text("wrong-1234")
    file.chmod(0o600)
    (machine.folder / "c.toml").write_text(setting.format(file=file))
    with serve_in_thread(Behaviour(keys=frozenset({KEY}))) as endpoint:
        found = machine.report(
            PATH="/bin:/usr/bin",
            CODESTRAL_LS_CONFIG="c.toml",
            CODESTRAL_LS_ENDPOINT=endpoint.url,
        )
    said, advice = found.only_failure("key accepted")
    assert f"`{way}`" in said
    assert "`api_key`" not in said + advice
    assert "wrong-1234" not in found.output


@pytest.mark.parametrize(
    ("setting", "way"),
    [
        ("api_key_file = '/none/key'", "`api_key_file`"),
        ("api_key_command = 'true'", "`api_key_command`"),
        ("api_key_command = 'false'", "terminal"),
        ("api_key_keyring = 'nobody'", "`api_key_keyring`"),
    ],
)
def test_a_key_that_does_not_come_is_mended_where_it_is_kept(
    machine: Machine, setting: str, way: str
) -> None:
    """Another way would not win over it."""
    (machine.folder / "c.toml").write_text(setting)
    with serve_in_thread() as endpoint:
        found = machine.report(
            PATH="/bin:/usr/bin",
            CODESTRAL_LS_CONFIG="c.toml",
            CODESTRAL_LS_ENDPOINT=endpoint.url,
        )
    _, advice = found.only_failure("key")
    assert way in advice
    assert "MISTRAL_API_KEY" not in advice


def test_who_serves_meanwhile_is_said(machine: Machine) -> None:
    """The first one is wrong all the same."""
    with serve_in_thread() as endpoint:
        done = machine.run(
            CODESTRAL_LS_PROVIDERS=f"llama.cpp@http://127.0.0.1:9,mistral@{endpoint.url}",
            MISTRAL_API_KEY=KEY,
        )
    assert done.returncode == 1
    said = "Begin with: llama.cpp: connection. Meanwhile mistral serves."
    assert done.stdout.endswith(f"\nSomething is wrong. {said}\n")
