"""What a client can say of itself beyond LSP: that it shows the status, and that it waits."""

import json
from typing import Any

import pytest

from codestral_ls.errors import Unauthorized
from codestral_ls.lsp.client import Extras, extras_of
from tests.lsp_client import GHOST, Session, session, turns
from tests.lsp_model import Model


async def begin(client: Session, own: object, name: str = "") -> None:
    """Initializes as a client that says something of its own."""
    capabilities = {**GHOST, "experimental": {"codestral": own}}
    who: dict[str, Any] = {"clientInfo": {"name": name}} if name else {}
    await client.initialize(capabilities=capabilities, **who)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('{"codestral": {"status": true, "delay": 50}}', Extras(status=True, delay=50)),
        ('{"codestral": {"configuration": true}}', Extras(configuration=True)),
        ('{"codestral": {"configuration": 1}}', Extras()),
        ('{"codestral": {"delay": 0}}', Extras(delay=0)),
        ('{"codestral": {"delay": 200.5}}', Extras(delay=200.5)),
        ('{"codestral": {"status": 1, "delay": "50"}}', Extras()),
        ('{"codestral": {"status": "yes", "delay": true}}', Extras()),
        ('{"codestral": {"status": null, "delay": -1}}', Extras()),
        ('{"codestral": {"delay": NaN}}', Extras()),
        ('{"codestral": [true]}', Extras()),
        ('{"codestral": null}', Extras()),
        ('{"serverStatusNotification": true}', Extras()),
        ('["codestral"]', Extras()),
        ('"codestral"', Extras()),
        ("null", Extras()),
    ],
)
def test_what_is_not_understood_is_not_said(said: str, expected: Extras) -> None:
    """Clients are other people's programs; JSON from them may be anything."""
    assert extras_of(json.loads(said)) == expected


@pytest.mark.parametrize("said", [None, 5, [], {"status": []}, {"delay": {}}])
async def test_a_session_begins_whatever_is_said(said: object) -> None:
    """And without it the server does as it does for everybody."""
    async with session() as client:
        await begin(client, said)
        assert not client.server.client.shows_status
        assert not client.server.client.is_patient


@pytest.mark.parametrize(
    ("name", "own", "patient"),
    [
        ("Neovim", {}, True),
        ("helix", {}, True),
        ("Visual Studio Code", {}, False),
        ("", {"delay": 150}, True),
        ("Emacs", {"delay": 149}, False),
        ("Neovim", {"delay": 50}, False),
    ],
)
async def test_who_waits_itself_is_not_kept_waiting(
    name: str, own: dict[str, int], *, patient: bool
) -> None:
    """What a client says counts for more than what is known of its name."""
    async with session() as client:
        await begin(client, own, name)
        assert client.server.client.is_patient is patient


@pytest.mark.parametrize("shows", [True, False])
async def test_a_failure_that_the_status_tells_is_not_a_message(*, shows: bool) -> None:
    """It is in the log; without a status to be seen it pops up."""
    model = Model(error=Unauthorized("the key is not known"))
    async with session(model) as client:
        await begin(client, {"status": shows})
        client.open("a = \n")
        await client.server.view.denial("file:///project/sample.py")
        await client.ghost(0, 4)
        await turns()
        assert client.notified("codestral/status")[-1]["state"] == "error"
        logged = client.said("window/logMessage")
        told, other = (logged, client.popups) if shows else (client.popups, logged)
        assert told == ["codestral-ls: the key is not known"]
        assert other == []


async def test_a_problem_with_settings_is_a_message_all_the_same() -> None:
    """No status tells it."""
    async with session() as client:
        capabilities = {**GHOST, "experimental": {"codestral": {"status": True}}}
        await client.initialize(
            capabilities=capabilities, initializationOptions={"debounce_ms": "x"}
        )
        (text,) = client.popups
        assert "debounce_ms" in text


@pytest.mark.parametrize(
    ("all_of_it", "answer", "lines"),
    [
        (True, {"candidates": 2}, 3),  # taken back
        (True, {}, 3),
        (True, None, 5),  # no answer
        (False, {"candidates": 2}, 5),  # Neovim's `init_options`, beside its `settings`
        (False, {}, 5),
    ],
)
async def test_what_was_said_at_first_ends_where_all_is_told_later(
    *, all_of_it: bool, answer: object, lines: int
) -> None:
    """For a client that says so; of others it is something besides."""
    async with session() as client:
        capabilities = {
            **GHOST,
            "workspace": {"configuration": True},
            "experimental": {"codestral": {"configuration": all_of_it}},
        }
        options = {"max_lines": 5}
        await client.initialize(capabilities=capabilities, initializationOptions=options)
        await turns()
        assert client.server.engine.settings.max_lines == 5
        (asked,) = client.asked("workspace/configuration")
        client.answer(asked, result=[answer])
        await turns()
        assert client.server.engine.settings.max_lines == lines
