"""Answers that are taken a word or a line at a time, and what is left of them."""

from codestral_ls.happenings import Accepted, Displayed
from tests.lsp_client import editing
from tests.lsp_model import Model
from tests.test_feedback import GHOST, PARTLY, SHOWN, Told, accept, span


async def test_what_is_accepted_in_parts_is_counted_once() -> None:
    """Copilot's protocol gives the whole length so far, in UTF-16."""
    async with editing("\n", Model("a😀b = 1")) as client:
        told = Told(client)
        (item,) = await client.ghost(0, 0)
        for length in (1, 3, 3, 2):
            client.notify(PARTLY, {"item": item, "acceptedLength": length})
        await client.run(*[item["command"]["command"], *item["command"]["arguments"]])
        chars = [(each.chars, each.partly) for each in told.of(Accepted)]
        assert chars == [(1, True), (1, True), (5, False)]


async def test_a_part_may_be_told_with_the_command() -> None:
    """For editors that accept words, and have no other message for it."""
    async with editing("\n", Model(GHOST)) as client:
        told = Told(client)
        (item,) = await client.ghost(0, 0)
        uri, number = item["command"]["arguments"]
        await client.run("codestral.accepted", uri, number, 5)
        await client.run("codestral.accepted", uri, number, 500)
        chars = [(each.chars, each.partly) for each in told.of(Accepted)]
        assert chars == [(5, True), (4, False)]


async def test_what_was_taken_in_parts_is_another_one_when_it_is_offered_again() -> None:
    """After an undo; it can be accepted once more."""
    async with editing("\n", Model(GHOST)) as client:
        told = Told(client)
        (item,) = await client.ghost(0, 0)
        for length in (5, len(GHOST)):
            client.notify(PARTLY, {"item": item, "acceptedLength": length})
        (again,) = await client.ghost(0, 0)
        assert again["command"] != item["command"]
        await client.run("codestral.accepted", *again["command"]["arguments"])
        assert [each.chars for each in told.of(Accepted)] == [5, 4, len(GHOST)]


async def test_words_of_one_answer_are_counted_as_one_that_was_partly_accepted() -> None:
    """Though what is left is offered anew after each, with another number; letters all count."""
    async with editing("\n", Model("a😀 = b(c)\nd")) as client:
        told, at = Told(client), 0
        (item,) = await client.ghost(0, 0)
        for units in (3, 2, 5):
            client.notify(SHOWN, {"item": item})
            uri, number = item["command"]["arguments"]
            part = item["insertText"].encode("utf-16-le")[: 2 * units].decode("utf-16-le")
            client.type(part, 0, at)
            await client.run("codestral.accepted", uri, number, units)
            at += units
            (item,) = await client.ghost(0, at)
        assert item["insertText"] == "\nd"
        await accept(client, item)
        steps = [(each.chars, each.partly, each.further) for each in told.of(Accepted)]
        assert steps == [(2, True, False), (2, True, True), (5, True, True), (2, False, False)]
        assert len(told.of(Displayed)) == 1


async def test_a_rest_that_was_asked_for_before_its_part_is_told_is_counted_with_it() -> None:
    """As VS Code does: the edit brings a new request before the command is run."""
    async with editing("\n", Model(GHOST)) as client:
        told = Told(client)
        (item,) = await client.ghost(0, 0)
        client.type(GHOST[:5], 0, 0)
        (rest,) = await client.ghost(0, 5)
        for each, units in ((item, 5), (rest, 2)):
            uri, number = each["command"]["arguments"]
            assert await client.run("codestral.accepted", uri, number, units) is None
        assert [each.further for each in told.of(Accepted)] == [False, True]


async def test_another_answer_in_its_place_is_counted_by_itself() -> None:
    """It has the same end, and stands where a rest would stand behind other words."""
    async with editing("\n", Model(GHOST)) as client:
        told = Told(client)
        (item,) = await client.ghost(0, 0)
        uri, number = item["command"]["arguments"]
        await client.run("codestral.accepted", uri, number, 5)
        client.model.text = GHOST[5:] + "0"
        client.type("other", 0, 0)
        (other,) = await client.ghost(0, 5)
        uri, number = other["command"]["arguments"]
        await client.run("codestral.accepted", uri, number, 2)
        assert [each.further for each in told.of(Accepted)] == [False, False]


async def test_an_answer_whose_rest_was_taken_is_another_one_when_it_is_offered_again() -> None:
    """After an undo of all of it; all its letters count once more."""
    async with editing("\n", Model(GHOST)) as client:
        told = Told(client)
        (item,) = await client.ghost(0, 0)
        uri, number = item["command"]["arguments"]
        client.type(GHOST[:5], 0, 0)
        await client.run("codestral.accepted", uri, number, 5)
        (rest,) = await client.ghost(0, 5)
        await accept(client, rest)
        client.change({"range": span(0, 0, 0, len(GHOST)), "text": ""})
        (again,) = await client.ghost(0, 0)
        await accept(client, again)
        chars = [(each.chars, each.partly) for each in told.of(Accepted)]
        assert chars == [(5, True), (4, False), (len(GHOST), False)]
