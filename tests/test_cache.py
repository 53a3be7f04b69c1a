"""What is found again, and what is not."""

from dataclasses import replace

import pytest

from codestral_ls.model import Answer, Nothing, Reason, Source
from codestral_ls.reuse.cache import (
    ANSWER_SECONDS,
    MAX_ENTRIES,
    NOTHING_SECONDS,
    Cache,
    place_of,
)
from tests.marked import snapshot

NOW = 100.0


def answer(text: str) -> Answer:
    return Answer(text=text, source=Source.MODEL, provider="p", model="m")


def remembering(marked: str, text: str) -> Cache:
    """A cache with one answer, for the cursor in `marked`."""
    cache = Cache()
    cache.put(place_of(snapshot(marked)), answer(text), NOW)
    return cache


def found(cache: Cache, marked: str) -> str | None:
    """The text that the cache has left to show at the cursor in `marked`."""
    hit = cache.find(snapshot(marked), NOW)
    if hit is None or not isinstance(hit.outcome, Answer):
        return None
    return hit.outcome.text[hit.typed :]


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("x = ‸\n", "foo(bar)\n    baz"),
        ("x = f‸\n", "oo(bar)\n    baz"),
        ("x = foo(bar)‸\n", "\n    baz"),
        ("x = foo(bar)\n    b‸\n", "az"),
        ("x = g‸\n", None),
        ("x =‸\n", None),
        ("x = foo(bar)\n    baz‸\n", None),
        ("x = foo(bar)\n    bazz‸\n", None),
        ("y = f‸\n", None),
        ("x = f‸)\n", None),
    ],
)
def test_the_head_of_an_answer_may_have_been_typed(now: str, left: str | None) -> None:
    """What stands between the place and the cursor must be the head of the text, and no more."""
    assert found(remembering("x = ‸\n", "foo(bar)\n    baz"), now) == left


def test_a_remainder_of_blanks_is_nothing_to_show() -> None:
    """Ghost text of blanks would only hide that the next request is due."""
    assert found(remembering("x = ‸\n", "foo  \n"), "x = foo‸\n") is None


def test_a_repeating_place_is_found_where_the_typing_began() -> None:
    """The place may look like the text that was typed since."""
    assert found(remembering("aa‸", "aaab"), "aaaa‸") == "ab"


def test_edits_far_away_do_not_matter() -> None:
    """Lines inserted far above or far below leave the place what it was."""
    near = "n = 1\n" * 100
    cache = remembering(f"{near}x = ‸\n{near}", "foo")
    assert found(cache, f"import os\n{near}x = f‸\n{near}import sys\n") == "oo"


def test_an_edit_nearby_matters() -> None:
    """What stands close by is what the answer was made for."""
    assert found(remembering("a = 1\nx = ‸\n", "foo"), "a = 2\nx = ‸\n") is None


def test_another_language_is_another_place() -> None:
    """The same text in another language is another question."""
    cache = remembering("x = ‸\n", "foo")
    assert cache.find(snapshot("x = ‸\n", language="ruby"), NOW) is None


def test_the_newest_answer_wins() -> None:
    """An answer replaces the older one at its place, and is looked at first elsewhere."""
    cache = remembering("x = ‸\n", "foo one")
    cache.put(place_of(snapshot("x = ‸\n")), answer("foo two"), NOW)
    assert found(cache, "x = foo‸\n") == " two"


def test_entries_do_not_live_for_ever() -> None:
    """An answer lives longer than the knowledge that there was none."""
    here = snapshot("x = ‸\n")
    cache = remembering("x = ‸\n", "foo")
    assert cache.find(here, NOW + ANSWER_SECONDS - 1) is not None
    assert cache.find(here, NOW + ANSWER_SECONDS + 1) is None
    assert cache.find(snapshot("x = f‸\n"), NOW + ANSWER_SECONDS + 1) is None
    cache.put(place_of(here), Nothing(reason=Reason.EMPTY), NOW)
    assert cache.find(here, NOW + NOTHING_SECONDS - 1) is not None
    assert cache.find(here, NOW + NOTHING_SECONDS + 1) is None


def test_a_known_nothing_is_none_for_the_next_character() -> None:
    """After another key the model may have something to say."""
    cache = Cache()
    cache.put(place_of(snapshot("x‸\n")), Nothing(reason=Reason.EMPTY), NOW)
    assert cache.find(snapshot("xy‸\n"), NOW) is None


def test_the_cache_is_bounded() -> None:
    """The oldest entries go."""
    cache, here = Cache(), place_of(snapshot("‸"))
    for number in range(MAX_ENTRIES + 10):
        cache.put(replace(here, before=str(number)), answer("x"), NOW)
    assert len(cache) == MAX_ENTRIES
