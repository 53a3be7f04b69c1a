"""Several texts to choose from, for who asks by hand."""

import asyncio
from collections.abc import Sequence

from codestral_ls.errors import Unavailable
from codestral_ls.model import Answer, Outcome, Source, Trigger
from codestral_ls.settings import Settings
from tests.marked import request
from tests.scripted import ScriptedProvider, engine_for
from tests.test_reuse import Bench, bench
from tests.virtual_clock import settle

INVOKED = Trigger.INVOKED


def texts(outcome: Outcome) -> list[str]:
    """What there is to choose from, in order."""
    assert isinstance(outcome, Answer), outcome
    return [each.text for each in (outcome, *outcome.others)]


def states(b: Bench) -> list[str]:
    return [call.state for call in b.model.calls]


async def invoke(b: Bench, marked: str = "x = ‸\n") -> asyncio.Task[Outcome]:
    return await b.ask(request(marked, trigger=INVOKED))


async def say(b: Bench, *said: str, calls: Sequence[int] = (0, 1, 2)) -> None:
    """Calls bring their whole text and end."""
    for call, text in zip(calls, said, strict=False):
        b.model.calls[call].feed(text)
        b.model.calls[call].finish()
        await settle()


async def test_typing_asks_for_one_text() -> None:
    """Nobody would look at the others."""
    script = ScriptedProvider("one")
    assert texts(await engine_for(script).complete(request("x = ‸\n"))) == ["one"]
    assert len(script.prompts) == 1


async def test_who_asks_by_hand_chooses_among_as_many_as_are_wanted() -> None:
    """The further ones are asked with more freedom, each with its own seed."""
    for most, seed in ((1, -1), (2, 7), (3, -1), (5, 0)):
        script = ScriptedProvider("one", "two", "three", "four", "five")
        settings = Settings(debounce_ms=0, candidates=most, random_seed=seed)
        outcome = await engine_for(script, settings).complete(request("x = ‸\n", trigger=INVOKED))
        assert len(texts(outcome)) == len(script.prompts) == most
        sampled = [
            (each.parameters.temperature, each.parameters.random_seed) for each in script.prompts
        ]
        usual = None if seed < 0 else seed
        further = [(0.7, max(seed, 0) + variant) for variant in range(1, most)]
        assert sampled == [(0.2, usual), *further]


async def test_a_high_temperature_stays_as_it_was_chosen() -> None:
    """It is not lowered for further texts."""
    script = ScriptedProvider("one")
    engine = engine_for(script, Settings(debounce_ms=0, temperature=1.2))
    await engine.complete(request("x = ‸\n", trigger=INVOKED))
    assert {each.parameters.temperature for each in script.prompts} == {1.2}


async def test_all_are_asked_at_once() -> None:
    """And shown together, when the last of them has what is shown."""
    async with bench() as b:
        asked = await invoke(b)
        assert states(b) == ["under way"] * 3
        await say(b, "one", "two")
        assert not asked.done()
        await say(b, "three", calls=[2])
        assert sorted(texts(await asked)) == ["one", "three", "two"]
        assert dict(b.engine.journal.counts) == {"model": 1}


async def test_texts_that_come_to_the_same_are_one() -> None:
    """Also if they differ in blanks only."""
    async with bench() as b:
        asked = await invoke(b)
        await say(b, "f(a, b)", "f(a,b)", "g()")
        assert texts(await asked) == ["f(a, b)", "g()"]


async def test_the_likeliest_comes_first() -> None:
    """One that leaves a bracket open comes last, though it came first."""
    async with bench() as b:
        asked = await invoke(b)
        await say(b, "f((a, b)", "f(a, b)", "f(a, c)")
        assert texts(await asked)[-1] == "f((a, b)"


async def test_asking_again_brings_all_from_memory_in_the_same_order() -> None:
    """Alt+] of VS Code asks for the same place, while the first item is on the screen."""
    async with bench() as b:
        first = await invoke(b)
        await say(b, "f((a, b)", "f(a, b)", "f(a, c)")
        again = await (await invoke(b))
        assert texts(again) == texts(await first)
        assert isinstance(again, Answer)
        assert again.source is Source.CACHE
        assert len(b.model.calls) == 3
        typed = await (await b.ask("x = ‸\n"))
        assert texts(typed) == texts(again)[:1]


async def test_what_comes_behind_the_shown_text_does_not_change_the_order() -> None:
    """The rest of a stream may be cut off by its length: nobody sees it."""
    async with bench() as b:
        asked = await invoke(b)
        for call, text in enumerate(("one(a)", "one(b)", "two(b)")):
            await b.feed(f"{text}\n\n\nrest", call)
        first = texts(await asked)
        b.model.calls[1].fail(Unavailable("down"))
        b.model.calls[0].finish()
        await settle()
        assert texts(await (await invoke(b))) == first


async def test_fewer_that_differ_are_no_reason_to_ask_again() -> None:
    """The model has been asked as often as it should be."""
    script = ScriptedProvider("one")
    engine = engine_for(script)
    for _ in range(2):
        assert texts(await engine.complete(request("x = ‸\n", trigger=INVOKED))) == ["one"]
    assert len(script.prompts) == 3


async def test_what_was_shown_before_stays_the_first() -> None:
    """The others come behind it, however likely they are."""
    async with bench() as b:
        shown = await b.ask("x = ‸\n")
        await say(b, "f((a, b)")
        assert texts(await shown) == ["f((a, b)"]
        asked = await invoke(b)
        assert len(b.model.calls) == 3
        await say(b, "f(a, b)", "f(a, c)", calls=[1, 2])
        assert texts(await asked)[0] == "f((a, b)"
        assert len(texts(await asked)) == 3
        assert texts(await (await invoke(b))) == texts(await asked)


async def test_a_call_under_way_is_joined_and_the_others_are_asked_beside_it() -> None:
    """The place has its call already, from a key."""
    async with bench() as b:
        await b.ask("x = ‸\n")
        asked = await invoke(b)
        assert len(b.model.calls) == 3
        await say(b, "((one", "two", "three")
        outcome = await asked
        assert texts(outcome)[0] == "((one"
        assert isinstance(outcome, Answer)
        assert outcome.source is Source.JOINED


async def test_typing_through_another_than_the_first_goes_on_with_it() -> None:
    """And it stays the first from then on."""
    async with bench() as b:
        asked = await invoke(b)
        await say(b, "alpha(a)", "beta(b)", "beta(c)")
        await asked
        typed = await (await b.ask("x = beta(c‸\n"))
        assert texts(typed) == [")"]
        assert texts(await (await b.ask("x = ‸\n"))) == ["beta(c)"]
        assert texts(await (await invoke(b)))[0] == "beta(c)"
        assert len(b.model.calls) == 3


async def test_a_key_joins_the_candidate_that_it_goes_on_with() -> None:
    """Though the call for the first has nothing to do with it."""
    async with bench() as b:
        await invoke(b)
        await b.feed("alpha", 0)
        await b.feed("beta", 2)
        typed = await b.ask("x = be‸\n")
        await say(b, "", "", "(c)")
        assert texts(await typed) == ["ta(c)"]
        assert len(b.model.calls) == 3
