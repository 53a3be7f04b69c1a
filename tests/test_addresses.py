"""Addresses in every form that users have them, and where requests go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.addresses import bare, full_url, is_loopback, listing_url, named_model
from codestral_ls.fim.dialects import DIALECTS
from codestral_ls.vendors import VENDORS

FIM = "/v1/fim/completions"
CHAT = "/v1/chat/completions"
PREDICT = VENDORS["vertex"].path
PATHS = {
    *(row.path for row in VENDORS.values() if row.path),
    *(it.path for it in DIALECTS.values()),
}
WELL_KNOWN = (
    *("", "/", "/v1", "/v1/", "/v1/models", "/v1/completions", "/v1/chat/completions", "/infill"),
    *("/health", "/api/generate", "/api/tags", "/v1/fim/completions", "/chat/completions"),
)


@pytest.mark.parametrize("known", WELL_KNOWN)
@pytest.mark.parametrize("path", sorted(PATHS - {PREDICT}))
@pytest.mark.parametrize("root", ["https://h/x/api", "http://127.0.0.1:11434", "https://h:8000"])
def test_any_part_of_an_address_will_do(root: str, path: str, known: str) -> None:
    """Also with the path that another program wants to have."""
    own = known == "/chat/completions" and path == CHAT
    folded = root.endswith("/api") and path.startswith("/api/")
    if not own and not folded:
        assert full_url(root + known, path) == root + path


@given(
    root=st.sampled_from(["https://h", "http://localhost:8012", "https://h/mistral/eu"]),
    path=st.sampled_from(sorted(PATHS - {PREDICT})),
    cut=st.integers(min_value=0, max_value=3),
    query=st.sampled_from(["", "?key=k", "?a=1&b=%2F"]),
    slash=st.sampled_from(["", "/"]),
)
def test_where_a_path_is_cut_does_not_matter(
    root: str, path: str, cut: int, query: str, slash: str
) -> None:
    """The whole path, a beginning of it, or none; and doing it twice changes nothing."""
    begun = "/".join(path.split("/")[: cut + 1])
    url = full_url(root + begun + slash + query, path)
    assert url == root + path + query
    assert full_url(url, path) == url


def test_an_own_path_without_a_version_is_kept() -> None:
    """Some gateways have none; their list of models has none either."""
    assert full_url("https://h/x/fim/completions", FIM) == "https://h/x/fim/completions"
    assert full_url("https://h/chat/completions?v=1", CHAT) == "https://h/chat/completions?v=1"
    assert listing_url("https://h/chat/completions", CHAT, "/v1/models") == "https://h/models"


@pytest.mark.parametrize(
    ("address", "path", "expected"),
    [
        ("https://h/x/v1/fim/completions", FIM, "https://h/x/v1/models"),
        ("http://h:8012/infill", "/infill", "http://h:8012/v1/models"),
        ("http://h:8012/v1", "/infill", "http://h:8012/v1/models"),
        (
            "https://api.deepseek.com/beta",
            "/beta/completions",
            "https://api.deepseek.com/v1/models",
        ),
    ],
)
def test_models_are_listed_by_the_same_server(address: str, path: str, expected: str) -> None:
    """Wherever the completions are."""
    assert listing_url(address, path, "/v1/models") == expected


GOOGLE = "https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4"
EXPRESS = "https://aiplatform.googleapis.com/v1"


@pytest.mark.parametrize("base", [GOOGLE, EXPRESS])
@pytest.mark.parametrize("query", ["", "?key=k"])
def test_googles_models_are_part_of_the_path(base: str, query: str) -> None:
    """Its version belongs to the address; a streamed answer has a path of its own."""
    models = "/publishers/mistralai/models"
    expected = f"{base}{models}/codestral-2501:streamRawPredict{query}"
    assert full_url(base + query, PREDICT, "codestral-2501") == expected
    for verb in ("rawPredict", "streamRawPredict"):
        whole = f"{base}{models}/codestral@2405:{verb}{query}"
        streamed = f"{base}{models}/codestral@2405:streamRawPredict{query}"
        for path in (PREDICT, FIM):
            assert full_url(whole, path, "other") == streamed
        assert named_model(whole) == "codestral@2405"


@pytest.mark.parametrize("address", ["", "https://h/v1", "https://h/models/x", GOOGLE])
def test_most_addresses_name_no_model(address: str) -> None:
    """Only a whole path of Google's does."""
    assert named_model(address) == ""


@pytest.mark.parametrize(
    ("host", "here"),
    [
        *(("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True)),
        *(("127.example.com", False), ("localhost.example.com", False), ("", False)),
        *(("192.168.0.7", False), ("fe80::1", False)),
    ],
)
def test_only_this_machine_is_local(host: str, here: bool) -> None:  # noqa: FBT001 - a parameter
    """A name can begin with the same digits."""
    assert is_loopback(host) is here


@pytest.mark.parametrize("path", sorted(PATHS - {PREDICT}))
@pytest.mark.parametrize("host", ["infill", "models", "v1", "completion", "beta", "api", "health"])
def test_a_host_may_be_called_like_a_path(host: str, path: str) -> None:
    """Names of one word are common in networks of containers."""
    assert full_url(f"http://{host}", path) == f"http://{host}{path}"


@pytest.mark.parametrize("address", ["https://h/v1#f", "https://h#/v1", "https://h/v1/?#f"])
def test_a_fragment_is_no_part_of_where_requests_go(address: str) -> None:
    """It comes with addresses out of a browser."""
    assert full_url(address, FIM) == f"https://h{FIM}"


def test_an_address_is_shown_without_what_may_be_secret() -> None:
    """Neither its login nor what is asked for."""
    assert bare("https://joe:s3cret@H:7/v1?key=s3cret#f") == "https://h:7/v1"
    assert bare("") == ""
