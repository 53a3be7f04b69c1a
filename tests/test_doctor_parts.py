"""The small parts of the doctor: words, certificates, proxies."""

import json
import ssl

import pytest
import trustme

from codestral_ls.commands.doctor.certificates import issuer_in, issuer_of
from codestral_ls.commands.doctor.findings import State, split_advice
from codestral_ls.commands.doctor.packages import source
from codestral_ls.commands.doctor.providers import (
    advice_for,
    context_finding,
    labels,
    model_finding,
    server_in,
    wrong_server,
)
from codestral_ls.commands.doctor.proxies import chosen_proxy
from codestral_ls.fim.formats.terms import ListedModel
from codestral_ls.fim.providers import choose_endpoints
from codestral_ls.fim.routes import Network
from codestral_ls.settings import Settings


@pytest.mark.parametrize(
    ("message", "found", "advice"),
    [
        ("It is bad. Mend it. Or not.", "It is bad", "Mend it. Or not."),
        (
            "h.example fails (He said. Go. Now.). Check it.",
            "h.example fails (He said. Go. Now.)",
            "Check it.",
        ),
        ("127.0.0.1 is bad.", "127.0.0.1 is bad", "otherwise"),
        ("It is bad: make a new one.", "It is bad", "Make a new one."),
        ("It is bad: HTTP 500.", "It is bad: HTTP 500", "otherwise"),
        ("", "", "otherwise"),
    ],
)
def test_what_is_wrong_is_told_from_what_to_do(message: str, found: str, advice: str) -> None:
    """Somebody else's words stand in parentheses and are no advice."""
    assert split_advice(message, "otherwise") == (found, advice)


def certificate(authority: trustme.CA) -> bytes:
    """A certificate by an authority, as it is sent."""
    (pem,) = authority.issue_cert("h.example").cert_chain_pems[:1]
    return ssl.PEM_cert_to_DER_cert(pem.bytes().decode())


@pytest.mark.parametrize("name", ["Corp", "Größe & Söhne", "x" * 60])
def test_the_issuer_is_read_from_a_certificate(name: str) -> None:
    """Before anybody trusts it."""
    authority = trustme.CA(organization_name=name, organization_unit_name="Unit")
    assert name in issuer_of(certificate(authority))


def test_no_bytes_break_the_reading_of_a_certificate() -> None:
    """A host may send anything: each prefix, and each byte changed."""
    good = certificate(trustme.CA())
    for size in range(0, len(good), 7):
        assert issuer_of(good[:size]) == ""
    for at in range(0, len(good), 5):
        assert isinstance(issuer_of(good[:at] + b"\xff" + good[at + 1 :]), str)
    assert issuer_of(b"\x30\x80" * 50) == ""


def test_the_issuer_of_a_trusted_certificate() -> None:
    """As the standard library tells it."""
    rows = ((("countryName", "US"),), (("organizationName", "Corp"),), (("commonName", "R3"),))
    assert issuer_in({"issuer": rows}) == "R3 (Corp)"
    assert issuer_in({"issuer": rows[:2]}) == "Corp"
    assert issuer_in({}) == ""


@pytest.mark.parametrize(
    ("network", "system", "shown", "by"),
    [
        (Network(timeout=1, proxy="http://u:p@p:3128"), {"https": "q"}, "http://p:3128", "`proxy`"),
        (Network(timeout=1), {"https": "q:1"}, "http://q:1", "the variable HTTPS_PROXY"),
        (Network(timeout=1), {"all": "socks5://q"}, "socks5://q:1080", "the variable ALL_PROXY"),
    ],
)
def test_a_proxy_is_called_by_who_named_it(
    network: Network, system: dict[str, str], shown: str, by: str
) -> None:
    """And without its password."""
    proxy = chosen_proxy("https://h.example/v1", network, system)
    assert proxy is not None
    assert (proxy.shown, proxy.by) == (shown, by)
    assert "u:p" not in repr(proxy)


def test_no_proxy_is_none() -> None:
    """By the environment's exceptions too."""
    network = Network(timeout=1)
    assert chosen_proxy("https://h.example", network, {}) is None
    system = {"https": "q:1", "no": ".example"}
    assert chosen_proxy("https://h.example", network, system) is None


def test_checks_of_several_endpoints_are_told_apart() -> None:
    """By provider, and by number where one stands there twice."""
    chain = Settings(providers=("ollama:a", "mistral", "ollama:b"))
    assert labels(choose_endpoints(chain)) == ("1 ollama: ", "mistral: ", "3 ollama: ")
    assert labels(choose_endpoints(Settings(provider="mistral"))) == ("",)


@pytest.mark.parametrize(
    ("entry", "advised"),
    [
        ("ollama", "Start it: `ollama serve`"),
        ("ollama@http://box:11434", "Check that the server runs on box and listens on port 11434"),
        ("mistral", "Check the network and the firewall"),
        ("mistral@https://gate.example", "Check that the server runs on gate.example"),
        ("chat@http://127.0.0.1:9", "Check that the server runs on 127.0.0.1"),
    ],
)
def test_what_to_do_depends_on_whose_server_it_is(entry: str, advised: str) -> None:
    """Only what runs here can be started here."""
    (endpoint,) = choose_endpoints(Settings(providers=(entry,)))
    assert advice_for(endpoint).connection.startswith(advised)


def test_a_server_of_one_s_own_that_is_silent_may_speak_no_tls() -> None:
    """It waits for a line of HTTP, which never comes; a vendor's host does speak it."""
    settings = Settings(providers=("mistral@https://box:8443", "mistral"))
    own, vendor = (advice_for(each).tls for each in choose_endpoints(settings))
    assert "http://" in own
    assert "http://" not in vendor


def finding_of(model: str, provider: str, *listed: ListedModel) -> tuple[State, str]:
    """What is said of a model, held against a list."""
    (endpoint,) = choose_endpoints(Settings(provider=provider, model=model, endpoint="http://h"))
    found = model_finding(endpoint, listed)
    return found.state, found.advice


def test_a_model_is_looked_up_in_the_list() -> None:
    """What is not listed is a failure only where the list is known to be complete."""
    able, unable = ListedModel(id="codestral-2508", fim=True), ListedModel(id="chatty", fim=False)
    rows = (able, unable, ListedModel(id="codestral-latest", fim=True))
    assert finding_of("codestral-2508", "mistral", *rows) == (State.FINE, "")
    assert finding_of("chatty", "mistral", *rows)[0] is State.FAILED
    advice = "Set `model` to codestral-2508 or codestral-latest."
    assert finding_of("codestrl", "mistral", *rows) == (State.FAILED, advice)
    assert finding_of("codestrl", "openai", *rows)[0] is State.WARNED
    assert finding_of("any", "llama.cpp", *rows)[0] is State.FINE
    assert finding_of("any", "mistral")[0] is State.UNCHECKED
    assert "lists none" in finding_of("any", "mistral", unable)[1]


def test_the_longest_prompt_is_held_against_the_context() -> None:
    """By what may be sent, and not by what the model could take."""
    settings = Settings(provider="mistral", endpoint="http://h", prefix_chars=20_000)
    (endpoint,) = choose_endpoints(settings)
    model = ListedModel(id=endpoint.model, context=8192)
    found = context_finding(endpoint, [model], settings)
    assert (found.state, found.advice) == (State.WARNED, "Set `model_tokens` to 8192.")
    lower = Settings(provider="mistral", endpoint="http://h")
    assert context_finding(endpoint, [model], lower).state is State.FINE
    assert context_finding(endpoint, [], settings).state is State.UNCHECKED


@pytest.mark.parametrize(
    ("owner", "provider"),
    [("llamacpp", "llama.cpp"), ("library", "ollama"), ("vllm", "vllm"), ("mistralai", "")],
)
def test_a_server_is_known_by_its_list_of_models(owner: str, provider: str) -> None:
    """By who owns the first one."""
    assert server_in(json.dumps({"data": [{"id": "a", "owned_by": owner}]})) == provider


@pytest.mark.parametrize(
    "listing", ["", "[]", "{}", '{"data": []}', '{"data": [[]]}', '{"data": {"0": 1}}', "[" * 99999]
)
def test_no_listing_breaks_the_look_at_it(listing: str) -> None:
    """Somebody else has written it."""
    assert server_in(listing) == ""


@pytest.mark.parametrize(
    ("entry", "answers", "is_wrong"),
    [
        ("llama.cpp@http://h", "ollama", True),
        ("mistral@http://h", "llama.cpp", True),
        ("ollama@http://h", "vllm", True),
        ("ollama@http://h", "ollama", False),
        ("chat@http://h", "llama.cpp", False),
        ("mistral@http://h", "", False),
    ],
)
def test_another_provider_s_server_is_told(entry: str, answers: str, *, is_wrong: bool) -> None:
    """Where it cannot be asked in that way; what all of them understand is no mistake."""
    (endpoint,) = choose_endpoints(Settings(providers=(entry,)))
    found = wrong_server(endpoint, answers)
    assert (found is not None) is is_wrong
    assert found is None or f'"{answers}"' in found.advice


def test_of_several_providers_the_model_is_named_in_their_list() -> None:
    """The setting `model` would be the first one's."""
    (endpoint,) = choose_endpoints(Settings(providers=("mistral:codestrl@http://h",)))
    able = ListedModel(id="codestral-2508", fim=True)
    found = model_finding(endpoint, [able])
    assert found.advice == 'Name it in `providers`: "mistral:codestral-2508".'


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        ({}, ("codestral-ls[syntax]",)),
        ({"url": "file:///src/c%20ls", "dir_info": {}}, ("/src/c ls[syntax]",)),
        (
            {"url": "file:///src", "dir_info": {"editable": True}},
            ("--editable", "/src[syntax]"),
        ),
        (
            {"url": "https://h/r", "vcs_info": {"vcs": "git", "requested_revision": "v1"}},
            ("codestral-ls[syntax] @ git+https://h/r@v1",),
        ),
        (
            {"url": "https://u:p@h/c.whl", "archive_info": {}},
            ("codestral-ls[syntax] @ https://...@h/c.whl",),
        ),
    ],
)
def test_an_extra_comes_from_where_the_program_came(
    origin: dict[str, object], words: tuple[str, ...]
) -> None:
    """Only what came from an index is fetched from one: the name may be somebody else's there."""
    assert source(origin, "syntax") == words
