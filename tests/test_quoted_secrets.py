"""Servers that quote what is secret: in any spelling, no message shows it."""

import base64
import json
from urllib.parse import quote

import pytest

from codestral_ls.errors import FimError
from codestral_ls.fim.complaints import without_key
from codestral_ls.fim.providers import choose_endpoints
from codestral_ls.kinds import Secret, secrets_in
from codestral_ls.layers import environment_layer, resolve
from codestral_ls.settings import Settings
from tests.fim_client import PROMPT, Reader, client_of, endpoint_of, speaking

KEY = "Sk/AbC+dEf=GhIjKl12"
IN_ADDRESS = "S3cret-s3cret"


@pytest.mark.parametrize(
    "quoted",
    [
        KEY,
        KEY.lower(),
        KEY.upper(),
        quote(KEY),
        quote(KEY, safe=""),
        base64.b64encode(KEY.encode()).decode(),
        KEY[:5] + "\n" + KEY[5:],
        KEY[:5] + " \u200b" + KEY[5:],
        KEY[:5] + "\u00ad" + KEY[5:],
        KEY.replace("/", "\\/"),
    ],
)
def test_a_key_is_known_again_in_any_spelling(quoted: str) -> None:
    """Servers encode what they quote, and break it into lines."""
    said = without_key(f"bad key {quoted} here", Secret(KEY))
    assert said.replace("=", "") == "bad key [key] here"


def test_a_short_key_is_taken_out_as_a_word_only() -> None:
    """Or no word would be left of what local servers say."""
    assert without_key("x: Xerxes fixed x", Secret("x")) == "[key]: Xerxes fixed [key]"


async def said_by(answer: bytes, path: str, user: str = "", key: str = "") -> str:
    """What a server's answer becomes for the user."""
    async with speaking(answer) as speaker:
        address = speaker.url.replace("//", f"//{user}") + path
        client = client_of(endpoint_of(Settings(endpoint=address, api_key=Secret(key))))
        with pytest.raises(FimError) as caught:
            await client.ask(PROMPT, Reader())
        await client.close()
        return str(caught.value)


@pytest.mark.parametrize(
    ("path", "user", "quoted"),
    [
        (f"?key={IN_ADDRESS}", "", IN_ADDRESS),
        (f"/v1?code={IN_ADDRESS}&v=1", "", f"/v1/fim/completions?code={IN_ADDRESS}&v=1"),
        ("", f"joe:{IN_ADDRESS}@", IN_ADDRESS),
        ("", f"joe:{IN_ADDRESS}@", base64.b64encode(f"joe:{IN_ADDRESS}".encode()).decode()),
        ("", f"{IN_ADDRESS}@", IN_ADDRESS),
    ],
)
async def test_what_an_address_holds_is_not_shown(path: str, user: str, quoted: str) -> None:
    """Gateways quote the address that was asked, and the login."""
    body = json.dumps({"message": f"no {quoted} here"}).encode()
    head = b"HTTP/1.1 404 X\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n"
    said = await said_by(head + body, path, user)
    assert "[key]" in said
    assert quoted not in said
    assert IN_ADDRESS not in said


async def test_a_content_type_that_quotes_the_key_is_cleaned() -> None:
    """Although types are compared without case."""
    said = await said_by(
        b"HTTP/1.1 200 X\r\ncontent-type: x/%b\r\n\r\n" % KEY.encode(), "", key=KEY
    )
    assert "content type (x/[key])" in said


def test_what_of_an_address_is_secret() -> None:
    """The password, the login as a whole, and values that are long enough to be a key."""
    found = secrets_in("https://joe:p%2Bw@h/v1?key=a%20long-key&v=1&longer-than-that")
    assert {each.reveal() for each in found} == {
        *("joe:p%2Bw", "joe:p+w", "p%2Bw", "p+w"),
        *("a%20long-key", "a long-key", "longer-than-that"),
    }
    assert secrets_in("https://h/v1") == ()
    assert secrets_in("http://[") == ()


@pytest.mark.parametrize(
    "wrong",
    [
        f"htps://h.example/?key={IN_ADDRESS}",
        f'https://u:pa"{IN_ADDRESS}@h:99999/',
        f"htps://user:pa {IN_ADDRESS}@h.example/",
        f"user:{IN_ADDRESS}@h.example/",
        f"https:/joe:{IN_ADDRESS}@h",
        f"ftp://h/?sig={IN_ADDRESS}",
    ],
)
def test_a_wrong_address_is_shown_without_its_secrets(wrong: str) -> None:
    """It is the scheme that is wrong; the password may be right."""
    entries = json.dumps([f"none@{wrong}"]) if "//" in wrong else '["none"]'
    environ = {"CODESTRAL_LS_ENDPOINT": wrong, "CODESTRAL_LS_PROVIDERS": entries}
    _, problems = resolve([environment_layer(environ)])
    assert len(problems) == 2
    assert IN_ADDRESS not in str(problems)
    assert "..." in str(problems)


def test_settings_and_advice_show_no_address_with_its_secrets() -> None:
    """They end up in logs and on screens."""
    address = f"https://joe:{IN_ADDRESS}@box.example:7/v1?key={IN_ADDRESS}"
    settings = Settings(provider="lmstudio", endpoint=address)
    (endpoint,) = choose_endpoints(settings)
    assert IN_ADDRESS not in repr(settings)
    assert endpoint.unusable.endswith(" https://box.example:7/v1/models lists what there is.")
