"""`codestral-ls doctor` as a user runs it: what is wrong is said once, with what to do."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.doctor_site import (
    API,
    CODESTRAL,
    KEY,
    Gate,
    Machine,
    Report,
    answering,
    in_thread,
    unused_port,
)
from tests.fim_endpoint import Behaviour, Endpoint, Reply, serve_in_thread
from tests.forked_doctor import ForkedMachine

OTHER_KEY = "other-key-1111"


class World:
    """The machine, the proxy, and both of Mistral's hosts behind it."""

    def __init__(self, machine: Machine, gate: Gate, api: Endpoint, codestral: Endpoint) -> None:
        self.machine, self.gate, self.api, self.codestral = machine, gate, api, codestral

    def report(self, **environ: str) -> Report:
        """What is found with a key for the api host, unless something else is given."""
        return self.machine.report(**{"MISTRAL_API_KEY": KEY, **environ})


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Whom the hosts' certificates are from."""
    return trustme.CA(organization_name="Corp", organization_unit_name="Root of all")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return ForkedMachine(tmp_path)


@pytest.fixture
def world(machine: Machine, authority: trustme.CA, tmp_path: Path) -> Iterator[World]:
    """Both hosts know a key each, and answer well."""
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    theirs = Behaviour(persona="codestral", keys=frozenset({OTHER_KEY}))
    with (
        serve_in_thread() as api,
        serve_in_thread(theirs) as codestral,
        in_thread(Gate(authority, {API: port_of(api), CODESTRAL: port_of(codestral)})) as gate,
    ):
        machine.environ |= {"CODESTRAL_LS_PROXY": gate.url, "CODESTRAL_LS_CA_FILE": str(file)}
        yield World(machine, gate, api, codestral)


def port_of(endpoint: Endpoint) -> int:
    return int(endpoint.url.rpartition(":")[2])


def test_all_is_well(world: World) -> None:
    """From the name to a completion, over TLS and through the proxy; and the key is not told."""
    found = world.report()
    assert found.status == 0, found.output
    assert found.failures == []
    states = {name: check["state"] for name, check in found.checks.items()}
    assert set(states.values()) == {"ok"}
    assert KEY not in found.output
    assert f"{API} accepts the key" in found.checks["key accepted"]["found"]
    assert "TLSv1.3; certificate by" in found.checks["TLS"]["found"]
    assert "Corp" in found.checks["TLS"]["found"]
    assert world.gate.url in found.checks["route"]["found"]
    assert "1000000 requests a minute" in found.checks["limits"]["found"]
    assert found.checks["completion"]["seconds"] > 0


def test_nothing_set_is_no_failure(machine: Machine) -> None:
    """The offline provider completes; how to get more is said as a warning."""
    found = machine.report()
    assert (found.status, found.failures) == (0, [])
    provider = found.checks["provider"]
    assert (provider["state"], provider["found"]) == ("warning", "offline, because no key is set")
    assert "MISTRAL_API_KEY" in provider["advice"]
    assert "completion" not in found.checks


def test_no_key(world: World) -> None:
    """Which variable to set; what needs no key is looked at nevertheless."""
    found = world.report(MISTRAL_API_KEY="", CODESTRAL_LS_PROVIDER="mistral")
    said, advice = found.only_failure("key")
    assert said == f"There is no API key for {API}"
    assert advice == "Set MISTRAL_API_KEY."
    assert found.checks["TLS"]["state"] == "ok"
    assert found.checks["completion"]["found"] == "not looked at, because of: key"


def test_a_key_that_nobody_knows(world: World) -> None:
    """Both hosts have been asked, so it is not worth trying the other one."""
    found = world.report(MISTRAL_API_KEY="wrong-key-2222")
    said, advice = found.only_failure("key accepted")
    assert API in said
    assert CODESTRAL in said
    assert "console.mistral.ai" in advice
    assert "wrong-key-2222" not in found.output


@pytest.mark.parametrize(
    ("environ", "host", "advised"),
    [
        ({"MISTRAL_API_KEY": OTHER_KEY}, CODESTRAL, "CODESTRAL_API_KEY"),
        ({"MISTRAL_API_KEY": "", "CODESTRAL_API_KEY": KEY}, API, "MISTRAL_API_KEY"),
        ({"MISTRAL_API_KEY": "", "CODESTRAL_LS_API_KEY": OTHER_KEY}, CODESTRAL, "provider"),
    ],
)
def test_a_key_of_the_other_host(
    world: World, environ: dict[str, str], host: str, advised: str
) -> None:
    """Whose it is, and where it has to go."""
    found = world.report(**environ)
    said, advice = found.only_failure("key accepted")
    assert host in said
    assert advised in advice
    assert KEY not in found.output
    assert OTHER_KEY not in found.output


def test_a_closed_port(world: World) -> None:
    """A server of one's own that does not run."""
    environ = {"CODESTRAL_LS_ENDPOINT": f"http://127.0.0.1:{unused_port()}"}
    said, advice = world.report(**environ).only_failure("connection")
    assert "nobody listens there" in said
    assert "`endpoint`" in advice


def test_a_name_that_does_not_resolve(machine: Machine) -> None:
    """The first stage at which anything can go wrong; the others are not looked at."""
    environ = {"CODESTRAL_LS_ENDPOINT": "https://nowhere.invalid", "MISTRAL_API_KEY": KEY}
    found = machine.report(**environ)
    said, advice = found.only_failure("DNS")
    assert said.startswith("nowhere.invalid has no address")
    assert "`endpoint`" in advice
    assert found.checks["completion"]["found"] == "not looked at, because of: DNS"


def test_an_authority_that_nobody_knows(world: World) -> None:
    """Who has issued the certificate, and where the authority's own has to go."""
    found = world.report(CODESTRAL_LS_CA_FILE="", CODESTRAL_LS_TRUST_ENV="false")
    said, advice = found.only_failure("TLS")
    assert "issued by" in said
    assert "Corp" in said
    assert "`ca_file`" in advice


def test_a_certificate_for_another_name(world: World) -> None:
    """The address is wrong, or somebody is in between."""
    world.gate.names = {API: "elsewhere.example"}
    said, advice = world.report().only_failure("TLS")
    assert "another name" in said
    assert "`endpoint`" in advice


def test_a_port_that_speaks_no_tls(machine: Machine) -> None:
    """Nothing but the address has to be changed."""
    with answering({}) as url:
        environ = {"CODESTRAL_LS_ENDPOINT": url.replace("http:", "https:"), "MISTRAL_API_KEY": KEY}
        _, advice = machine.report(**environ).only_failure("TLS")
    assert advice == "Check `endpoint`: https or http."


def test_a_file_of_authorities_that_is_not_there(world: World) -> None:
    """Said before anything is connected."""
    said, advice = world.report(CODESTRAL_LS_CA_FILE="/none/ca.pem").only_failure("route")
    assert "/none/ca.pem" in said
    assert "`ca_file`" in advice


def test_a_proxy_that_is_not_there(world: World) -> None:
    """It is not the host that is down."""
    proxy = f"http://joe:s3cret-7777@127.0.0.1:{unused_port()}"
    found = world.report(CODESTRAL_LS_PROXY=proxy)
    _, advice = found.only_failure("connection")
    assert advice.startswith("Check `proxy`, which names http://127.0.0.1:")
    assert "s3cret-7777" not in found.output
    assert "joe" not in found.output


@pytest.mark.parametrize(
    ("head", "said", "advised"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "407", "USER:PASSWORD"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "403", f"{API}:443"),
        (b"SSH-2.0-OpenSSH\r\n", "as a proxy does", "`proxy`"),
    ],
)
def test_a_proxy_that_refuses(world: World, head: bytes, said: str, advised: str) -> None:
    """By its status."""
    world.gate.head = head
    found, advice = world.report().only_failure("connection")
    assert said in found
    assert advised in advice


def test_a_host_that_takes_and_does_not_answer(world: World) -> None:
    """As long as a call may take."""
    world.api.behaviour = Behaviour(head_after=60)
    said, _ = world.report(CODESTRAL_LS_TIMEOUT_MS="700").only_failure("key accepted")
    assert said == f"{API} has not answered within 0.7 s"


def test_a_model_that_cannot_fill_in(world: World) -> None:
    """Which one can."""
    listing = models({"id": "chatty", "fim": False}, {"id": "codestral-2508", "fim": True})
    world.api.behaviour = lambda body: Behaviour() if body else Behaviour(reply=listing)
    found = world.report(CODESTRAL_LS_MODEL="chatty")
    said, advice = found.only_failure("model")
    assert said == "chatty cannot fill in the middle"
    assert advice == "Set `model` to codestral-2508."


def test_a_model_that_is_not_there(world: World) -> None:
    """Which one is."""
    said, advice = world.report(CODESTRAL_LS_MODEL="codestral-2501").only_failure("model")
    assert said == f"{API} has no model codestral-2501"
    assert advice == "Set `model` to codestral-2508 or codestral-latest."


def test_a_model_that_takes_less_than_is_sent(world: World) -> None:
    """A warning: it works as long as files are short."""
    listing = models({"id": "codestral-2508", "fim": True, "context": 2048})
    world.api.behaviour = lambda body: Behaviour() if body else Behaviour(reply=listing)
    check = world.report().checks["context"]
    assert check["state"] == "warning"
    assert check["advice"] == "Set `model_tokens` to 2048."


def test_no_allowance_at_all(world: World) -> None:
    """A plan without requests is not a matter of waiting."""
    world.api.behaviour = Behaviour(requests_per_minute=0)
    said, advice = world.report().only_failure("completion")
    assert "no requests at all" in said
    assert "plan" in advice


def models(*rows: dict[str, object]) -> Reply:
    """A list of models as Mistral writes it."""
    data = [
        {
            "id": row["id"],
            "capabilities": {"completion_fim": row["fim"]},
            "max_context_length": row.get("context", 131072),
        }
        for row in rows
    ]
    return Reply(body=json.dumps({"object": "list", "data": data}).encode())
