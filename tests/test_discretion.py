"""No key and no code in what the user is told, whatever the endpoint says."""

import json
from dataclasses import replace

import pytest

from codestral_ls.errors import FimError, Refused, Unavailable
from codestral_ls.fim.complaints import MOST_SHOWN, presentable, without_key
from codestral_ls.kinds import Secret
from codestral_ls.model import Chunk
from codestral_ls.settings import Settings
from tests.fim_client import PROMPT, Reader, client_of, endpoint_of, talking
from tests.fim_endpoint import Behaviour, Reply, serve

QUOTED = "test-key-0000"
CODE = replace(
    PROMPT,
    prefix='import os\n\npassword = "hunter2"\ndef pay(customer, amount):\n    return ',
    suffix="\n\nprint(pay(1, 2))\n",
)


async def said_to(reply: Reply, **options: object) -> str:
    """The message of the error that a reply is."""
    async with talking(Behaviour(reply=reply), **options) as (client, _):
        with pytest.raises(FimError) as caught:
            await client.ask(CODE, Reader())
        return str(caught.value)


def error(message: str, status: int) -> Reply:
    body = json.dumps({"object": "error", "message": message}).encode()
    return Reply(status=status, body=body)


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 422, 429, 500, 503])
async def test_a_key_that_the_endpoint_quotes_does_not_appear(status: int) -> None:
    """Some gateways put the refused key into their message, with a 200 as well."""
    said = await said_to(error(f"key {QUOTED} revoked", status))
    assert "key [key] revoked" in said
    assert QUOTED not in said


async def test_a_key_in_a_stream_or_a_header_does_not_appear() -> None:
    """Wherever it comes from."""
    event = error(f"key {QUOTED} revoked", 200)
    stream = Reply(body=b"data: " + event.body + b"\n\n", content_type="text/event-stream")
    assert "key [key] revoked" in await said_to(stream)
    assert QUOTED not in await said_to(Reply(content_type=f"text/{QUOTED}"))


async def test_half_of_a_key_does_not_appear_either() -> None:
    """The text is cut behind the replacement."""
    said = await said_to(error("x" * (MOST_SHOWN - 6) + QUOTED, 400))
    assert QUOTED[:5] not in said
    assert len(said) < 2 * MOST_SHOWN


def test_a_short_key_is_replaced_as_a_word() -> None:
    """Local servers take any key, and people choose short ones."""
    assert without_key("no x in the index", Secret("x")) == "no [key] in the index"
    assert without_key("no key at all", Secret()) == "no key at all"


@pytest.mark.parametrize(
    "message",
    [
        'password = "hunter2"',
        'Invalid prompt:\n    password = "hunter2"\nis too secret',
        "Received={'prompt': 'import os\\n\\npassword = \"hunter2\"\\ndef pay(customer, am'}",
        "near 'def pay(customer, '",
        "unexpected print(pay(1, 2)) at the end",
    ],
)
@pytest.mark.parametrize("status", [200, 400, 500])
async def test_code_that_the_endpoint_quotes_does_not_appear(message: str, status: int) -> None:
    """Then nothing of what it says does; what to do about it is said nevertheless."""
    said = await said_to(error(message, status))
    assert "hunter2" not in said
    assert "pay(" not in said
    assert "()" not in said


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("bad input:\nf(s3cret)", "    value = f(s3cret) + 1\n"),
        ("unexpected f(s3cret) here", "x = 1\n    f(s3cret)\n"),
        ("unexpected f(s3cret) + value * rate here", "    y = f(s3cret) + value * rate - z\n"),
    ],
)
def test_a_quote_is_seen_from_both_sides(said: str, code: str) -> None:
    """A line of the one inside the other, or a long run that both have."""
    assert presentable(said, replace(PROMPT, prefix=code)) == ""
    assert presentable(said, replace(PROMPT, suffix=code)) == ""


async def test_no_error_passes_with_the_key() -> None:
    """Wherever its words come from, they are looked at last of all."""

    def more(_: Chunk) -> bool:
        raise Unavailable(f"{QUOTED} is dead")

    async with talking() as (client, _):
        with pytest.raises(Unavailable, match=r"^\[key\] is dead$"):
            await client.ask(PROMPT, more)


@pytest.mark.parametrize(
    "message", ["Rate limit exceeded", "Invalid model: os", "Invalid model: pay", "x" * 500]
)
def test_words_that_quote_nothing_are_shown(message: str) -> None:
    """Short names that also stand in the code are a coincidence."""
    assert presentable(message, CODE) == message[:MOST_SHOWN]


async def test_a_key_that_was_withheld_is_told() -> None:
    """Or the user would look for a mistake in the key."""
    async with serve() as server:
        endpoint = endpoint_of(Settings(endpoint=server.url))
        withheld = replace(endpoint, key=replace(endpoint.key, withheld="MISTRAL_API_KEY"))
        client = client_of(withheld)
        with pytest.raises(Refused, match="MISTRAL_API_KEY was not sent") as caught:
            await client.ask(PROMPT, Reader())
        assert "`api_key`" in str(caught.value)
        assert server.completions[0].header("authorization") == ""
        await client.close()
