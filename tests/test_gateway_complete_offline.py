"""A gateway without a key: what it says is found in the prompt itself."""

from pathlib import Path

from codestral_ls.fim.offline import offline_provider
from codestral_ls.gateway.offline import propose
from codestral_ls.model import Parameters, Prompt
from tests.gateway_app import asking

TEXT = """\
def read_users(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def read_groups(path):
    with open(path, enc"""
BODY = {"prefix": TEXT, "suffix": "\n", "language": "python"}


async def test_the_text_is_drawn_upon(tmp_path: Path) -> None:
    """It is said to be offline, costs nothing, and nothing was sent."""
    async with asking(offline_provider(propose), tmp_path) as client:
        reply = (await client.post("/complete", json={**BODY, "explain": True})).json()
        ready = (await client.get("/readyz")).json()
    assert reply["completion"].startswith('oding="utf-8") as file:')
    assert (reply["source"], reply["provider"], reply["cost"]) == ("offline", "offline", 0.0)
    assert (reply["tokens"], reply["prompt"], reply["sent"]) == (None, None, None)
    assert ready["models"] == {"offline": "offline"}


async def test_where_nothing_is_likely_there_is_nothing(tmp_path: Path) -> None:
    """Which is a good reason, and no error."""
    async with asking(offline_provider(propose), tmp_path) as client:
        reply = await client.post("/complete", json={"prefix": "import "})
    assert (reply.status_code, reply.json()["reason"]) == (200, "empty")
    assert reply.json()["cost"] == 0.0


async def test_one_prompt_knows_nothing_of_another() -> None:
    """No text of one user comes up at another's."""
    first = Prompt(
        uri="a",
        language="python",
        prefix=TEXT,
        suffix="\n",
        parameters=Parameters(max_tokens=64, temperature=0.0),
        by_hand=True,
    )
    second = Prompt(
        uri="b",
        language="python",
        prefix="def read_groups(path):\n    with open(path, enc",
        suffix="\n",
        parameters=first.parameters,
        by_hand=True,
    )
    assert await propose(first)
    assert not await propose(second)
