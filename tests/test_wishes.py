"""What a single request wants otherwise than the settings say."""

from dataclasses import replace

import pytest

from codestral_ls.model import Answer, Nothing, Outcome, Parameters, Reason, Trigger
from codestral_ls.settings import Settings
from codestral_ls.wishes import Scope, Wishes
from tests.marked import request
from tests.scripted import ScriptedProvider, engine_for

SETTINGS = Settings(
    debounce_ms=0,
    max_tokens=50,
    max_tokens_invoked=70,
    temperature=0.3,
    top_p=0.8,
    min_tokens=2,
    random_seed=9,
    stop=("END",),
    candidates=3,
    prompt_cache_key="team",
)
ALL = Wishes(
    max_tokens=7,
    stop=("STOP", "\n\n"),
    temperature=0.0,
    top_p=1.0,
    min_tokens=1,
    random_seed=0,
)


async def asked(
    wishes: Wishes, *replies: str, trigger: Trigger = Trigger.AUTOMATIC
) -> tuple[ScriptedProvider, Outcome]:
    """A request with wishes."""
    script = ScriptedProvider(*(replies or ("one",)))
    engine = engine_for(script, SETTINGS)
    usual = request("x = ‸", trigger=trigger)
    snapshot = replace(usual.snapshot, scope=Scope(owner="ann", wishes=wishes))
    outcome = await engine.complete(replace(usual, snapshot=snapshot, patient=True))
    await engine.close()
    return script, outcome


@pytest.mark.parametrize("trigger", Trigger)
async def test_all_wishes_reach_the_model(trigger: Trigger) -> None:
    """Instead of the settings, whatever made the editor ask; zero is a wish where it can be one."""
    script, _ = await asked(replace(ALL, candidates=1), trigger=trigger)
    assert [each.parameters for each in script.prompts] == [
        Parameters(
            max_tokens=7,
            temperature=0.0,
            top_p=1.0,
            min_tokens=1,
            random_seed=0,
            stop=("STOP", "\n\n"),
            prompt_cache_key="team",
        )
    ]


@pytest.mark.parametrize(("trigger", "most"), [(Trigger.AUTOMATIC, 50), (Trigger.INVOKED, 70)])
async def test_what_nobody_wishes_is_as_the_settings_say(trigger: Trigger, most: int) -> None:
    """Each by itself."""
    script, _ = await asked(Wishes(candidates=1), trigger=trigger)
    assert script.prompts[0].parameters == Parameters(
        max_tokens=most,
        temperature=0.3,
        top_p=0.8,
        min_tokens=2,
        random_seed=9,
        stop=("END",),
        prompt_cache_key="team",
    )


@pytest.mark.parametrize(
    ("wished", "trigger", "calls"),
    [
        (0, Trigger.AUTOMATIC, 1),
        (0, Trigger.INVOKED, 3),
        (1, Trigger.INVOKED, 1),
        (2, Trigger.AUTOMATIC, 2),
        (5, Trigger.INVOKED, 5),
    ],
)
async def test_as_many_candidates_are_asked_for_as_are_wanted(
    wished: int, trigger: Trigger, calls: int
) -> None:
    """Also by who types, if he says so."""
    texts = [f"text_{number}(a)" for number in range(calls)]
    script, outcome = await asked(Wishes(candidates=wished), *texts, trigger=trigger)
    assert len(script.prompts) == calls
    assert isinstance(outcome, Answer)
    assert sorted([outcome.text, *(each.text for each in outcome.others)]) == texts


async def test_further_candidates_keep_the_wishes() -> None:
    """But for the temperature, without which they would all be the same, and the seed."""
    script, _ = await asked(replace(ALL, candidates=2), "one(a)", "two(b)")
    first, second = (each.parameters for each in script.prompts)
    assert second == replace(first, temperature=second.temperature, random_seed=1)
    assert second.temperature > first.temperature


async def test_wishes_do_not_open_what_is_closed() -> None:
    """They are about one answer, not about whether there may be one."""
    script = ScriptedProvider("one")
    engine = engine_for(script, replace(SETTINGS, languages=("go",)))
    usual = request("x = ‸")
    snapshot = replace(usual.snapshot, scope=Scope(wishes=ALL))
    outcome = await engine.complete(replace(usual, snapshot=snapshot))
    assert isinstance(outcome, Nothing)
    assert outcome.reason is Reason.LANGUAGE_OFF
    assert script.prompts == []
    await engine.close()
