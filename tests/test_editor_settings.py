"""Settings that come from the editor: at the beginning, pulled, pushed, changed, and wrong."""

from typing import Any

import pytest

from codestral_ls.fim.connect import connect
from codestral_ls.model import Source
from codestral_ls.settings import Settings
from tests.lsp_client import GHOST, Session, editing, session, turns
from tests.lsp_model import Model

PULLS = {**GHOST, "workspace": {"configuration": True}}
CHANGED = "workspace/didChangeConfiguration"


def settings_of(client: Session) -> Settings:
    """What counts now."""
    return client.server.engine.settings


def push(client: Session, values: object) -> None:
    """Sends the section as most clients do."""
    client.notify(CHANGED, {"settings": {"codestral": values}})


async def pulled(client: Session, values: object) -> None:
    """Answers the latest question for the section."""
    asked = client.asked("workspace/configuration")[-1]
    assert asked["params"] == {"items": [{"section": "codestral"}]}
    client.answer(asked, result=[values])
    await turns()


async def test_initialization_options_count_from_the_start() -> None:
    """They win over what the machine says; null is not set."""
    async with session(model="machine", debounce_ms=0) as client:
        options = {"model": "editor", "temperature": 0, "endpoint": None}
        await client.initialize(initializationOptions=options)
        assert settings_of(client).model == "editor"
        assert settings_of(client).temperature == 0
        client.open("a = \n")
        assert await client.ghost(0, 4)
        assert client.model.settings[-1].model == "editor"


@pytest.mark.parametrize("options", [None, [], "text", 5, False, {}, {"codestral": {}}])
async def test_odd_initialization_options_are_survived(options: object) -> None:
    """The session begins all the same."""
    async with session() as client:
        assert "capabilities" in await client.initialize(initializationOptions=options)
        assert client.popups == []


async def test_section_is_pulled_from_clients_that_can_be_asked() -> None:
    """Once the client listens; it wins over the initialization options."""
    async with session() as client:
        await client.initialize(capabilities=PULLS, initializationOptions={"model": "first"})
        assert len(client.asked("workspace/configuration")) == 1
        await pulled(client, {"model": "second", "debounce_ms": 5})
        assert (settings_of(client).model, settings_of(client).debounce_ms) == ("second", 5)


async def test_section_is_not_pulled_from_other_clients() -> None:
    """They would answer with an error, or not at all."""
    async with session() as client:
        await client.initialize()
        client.notify(CHANGED, {"settings": None})
        assert client.asked("workspace/configuration") == []


@pytest.mark.parametrize("settings", [None, {}, {"other": {"model": "x"}}, []])
async def test_change_without_the_section_is_a_reason_to_pull(settings: object) -> None:
    """VS Code sends null, eglot an empty object."""
    async with session() as client:
        await client.initialize(capabilities=PULLS)
        await pulled(client, {"model": "first"})
        client.notify(CHANGED, {"settings": settings})
        assert len(client.asked("workspace/configuration")) == 2
        await pulled(client, {"model": "second"})
        assert settings_of(client).model == "second"


@pytest.mark.parametrize(
    "reply",
    [
        {"error": {"code": -32601, "message": "no such method"}},
        {"error": {"code": "odd"}},
        {"error": "odd"},
        {"result": []},
        {"result": "text"},
        {"result": [5]},
        {"result": {"model": "no list"}},
        {},
    ],
)
async def test_odd_reply_leaves_the_settings(reply: dict[str, Any]) -> None:
    """An error, or a shape that no client should send; nothing is kept of the question."""
    async with session(model="kept") as client:
        await client.initialize(capabilities=PULLS)
        client.answer(client.asked("workspace/configuration")[0], **reply)
        await turns()
        assert settings_of(client).model == "kept"
        protocol = client.server.protocol
        assert protocol._request_futures == protocol._result_types == {}  # noqa: SLF001
        assert client.popups == []


@pytest.mark.parametrize("request_id", ["no such", 1, 0, None, [1], 1.5])
async def test_reply_that_nobody_waits_for_is_ignored(request_id: object) -> None:
    """Also one with the id of a request that the client itself has under way."""
    async with editing("a = \n") as client:
        client.model.gate.clear()
        reply = client.ask(0, 4, request_id=1)
        await turns()
        before = len(client.sent)
        client.answer({"id": request_id}, result=None)
        client.answer({"id": request_id}, error={"code": 1, "message": "x"})
        await turns()
        assert client.sent[before:] == []
        client.model.gate.set()
        assert (await reply)["result"]


async def test_second_reply_is_ignored() -> None:
    """The first one counts."""
    async with session() as client:
        await client.initialize(capabilities=PULLS)
        await pulled(client, {"model": "first"})
        await pulled(client, {"model": "second"})
        assert settings_of(client).model == "first"


async def test_removed_section_brings_back_what_stands_below() -> None:
    """A client that has nothing set answers null."""
    async with session(model="machine") as client:
        await client.initialize(capabilities=PULLS)
        await pulled(client, {"model": "editor"})
        client.notify(CHANGED, {"settings": None})
        await pulled(client, None)
        assert settings_of(client).model == "machine"
        push(client, {"model": "editor"})
        push(client, None)
        assert settings_of(client).model == "machine"


async def test_change_takes_effect_at_once() -> None:
    """The next key is answered by the new provider, and the old one is closed."""
    async with editing("a = \n") as client:
        assert await client.ghost(0, 4)
        push(client, {"model": "m-2", "prefix_chars": 100})
        await turns()
        assert (client.model.settings[-1].model, client.model.closed) == ("m-2", 1)
        assert await client.ghost(0, 4)
        assert len(client.model.prompts) == 2
        push(client, {"enabled": False})
        assert await client.ghost(0, 4) == []
        push(client, {})
        assert await client.ghost(0, 4)


async def test_same_settings_again_change_nothing() -> None:
    """Clients send them on every occasion; answers stay remembered."""
    async with editing("a = \n") as client:
        push(client, {"model": "m-2"})
        await client.ghost(0, 4)
        for _ in range(5):
            push(client, {"model": "m-2"})
        await client.ghost(0, 4)
        assert (len(client.model.prompts), len(client.model.settings)) == (1, 2)


async def test_wrong_value_is_told_once_with_what_is_allowed() -> None:
    """Key, value, and what it takes; the layer below counts."""
    async with session(debounce_ms=7) as client:
        await client.initialize(initializationOptions={"debounce_ms": "soon"})
        for _ in range(3):
            client.notify(CHANGED, {"settings": {"codestral": {"model": "m"}}})
        (told,) = client.popups
        assert told == (
            'codestral-ls: initializationOptions: debounce_ms = "soon" is not allowed; '
            'it takes "auto", "frugal" or a whole number from 0 to 5000. 7 is used instead.'
        )
        assert settings_of(client).debounce_ms == 7


async def test_wrong_value_in_a_change_is_told_and_the_rest_counts() -> None:
    """One bad line does not spoil the others."""
    async with editing("a = \n", Model()) as client:
        push(client, {"max_tokens": 10**9, "model": "m-2"})
        (told,) = client.popups
        assert all(part in told for part in ("max_tokens", "1000000000", "from 1 to 4096", "96"))
        assert settings_of(client).model == "m-2"


async def test_a_slip_in_a_name_is_shown_with_the_nearest_one() -> None:
    """An editor may keep settings of its own there, of which the log tells."""
    async with session() as client:
        await client.initialize(initializationOptions={"debounce": 5, "zzz": 1})
        (near,) = client.popups
        (far,) = client.said("window/logMessage")
        assert near.endswith('there is no setting "debounce"; did you mean "debounce_ms"?')
        assert far == 'codestral-ls: initializationOptions: there is no setting "zzz"'


async def test_nothing_is_said_before_the_client_listens() -> None:
    """Between `initialize` and `initialized` a server may not show messages at will."""
    async with session() as client:
        wrong = {"debounce_ms": "soon"}
        params = {"processId": None, "rootUri": None, "capabilities": GHOST}
        await client.request("initialize", {**params, "initializationOptions": wrong})
        assert len(client.sent) == 1
        client.notify("initialized", {})
        assert len(client.popups) == 1


async def test_key_is_in_no_message() -> None:
    """Neither in one about it nor in one about where it belongs."""
    async with session() as client:
        options = {"api_key": ["s3cret"], "keys": "s3cret", "mistral_key": "s3cret"}
        await client.initialize(initializationOptions=options)
        assert len(client.popups) == 2
        assert len(client.said("window/logMessage")) == 1
        assert "s3cret" not in str(client.sent)


@pytest.mark.parametrize(
    "values",
    [
        {"endpoint": "http://["},
        {"endpoint": "http://127.0.0.1:99999999"},
        {"endpoint": "http://\ud83d"},
        {"endpoint": "http://127.0.0.1:9", "proxy": "nonsense://["},
        {"endpoint": "http://127.0.0.1:9", "ca_file": "/no/such/file"},
        {"endpoint": "http://127.0.0.1:9", "api_key": "\ud83d\n"},
        {"endpoint": "http://127.0.0.1:9", "model": "\ud83d"},
    ],
)
async def test_settings_that_cannot_work_leave_a_session_that_does(
    values: dict[str, object],
) -> None:
    """With the real providers: empty lists, whatever the way in, and a way back."""
    async with session(None, connect, trust_env=False) as client:
        await client.initialize(initializationOptions=values)
        client.open("value = 1\nother = 2\nvalue")
        assert await client.ghost(2, 5) == []
        push(client, dict.fromkeys(values, ""))
        await turns()
        push(client, values)
        assert await client.ghost(2, 5, kind=1) == []
        push(client, dict.fromkeys(values, ""))
        assert settings_of(client).endpoint == ""
        assert client.server.engine.provider.source is Source.OFFLINE
        assert isinstance(await client.ghost(2, 5, kind=1), list)
        assert len(client.popups) <= 4  # for each way in, and for the call under each of them
