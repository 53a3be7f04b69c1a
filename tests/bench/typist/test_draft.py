"""The benchmark's own arithmetic: what is typed ends as the true text, at the keys reckoned."""

import random

import pytest

from .draft import Draft
from .knowledge import Knowledge
from .samples import hole

SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("closes", [True, False])
def test_typing_alone_takes_the_keys_that_are_reckoned(seed: int, *, closes: bool) -> None:
    """Brackets that close themselves save nothing: they are stepped over."""
    draft = Draft(hole(seed, 0), closes=closes)
    keys = 0
    while not draft.done:
        draft.type_next()
        keys += 1
    assert draft.corrupted_lines() == 0
    assert keys == draft.hole.keys


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("closes", [True, False])
def test_any_mixture_of_keys_slips_and_accepts_ends_in_the_true_text(
    seed: int, *, closes: bool
) -> None:
    """And everywhere the model knows where it is."""
    rng = random.Random(seed)  # noqa: S311 - to be repeated
    knowledge = Knowledge(seed, 3, perfect=False)
    for number in range(3):
        draft = Draft(hole(seed, number), closes=closes)
        draft.unit = rng.choice(("utf-8", "utf-16", "utf-32"))
        while not draft.done:
            assert draft.offset(draft.position(draft.at)) == draft.at
            answer = ""
            if rng.random() < 0.3 and draft.at < draft.hole.end:
                place = knowledge.place(draft.before, draft.after)
                assert place is not None
                assert (place.hole.number, place.at) == (number, draft.at)
                answer = knowledge.continuation(place, draft.after)
            if draft.fits(draft.at, 0, answer):
                draft.accept(draft.at, 0, answer)
            elif rng.random() < 0.02:
                draft.type_wrong("q")
                assert draft.fits(draft.at, 0, "x") is None
                draft.take_back()
            else:
                draft.type_next()
        assert draft.corrupted_lines() == 0


@pytest.mark.parametrize("closes", [True, False])
def test_changes_lead_another_copy_to_the_same_text(*, closes: bool) -> None:
    """What a server is told is what the editor holds."""
    draft = Draft(hole(1, 0), closes=closes)
    lines = draft.text
    while not draft.done:
        change = draft.type_next()
        if change is None:
            continue
        start, end = (_offset(lines, change["range"][side]) for side in ("start", "end"))
        lines = lines[:start] + change["text"] + lines[end:]
        assert lines == draft.text


def _offset(text: str, position: dict[str, int]) -> int:
    before = text.split("\n")[: position["line"]]
    return sum(len(line) + 1 for line in before) + position["character"]
