"""Where documents were changed last."""

from hypothesis import given, settings
from hypothesis import strategies as st

from codestral_ls.context.index.buffers import (
    MOST_PLACES,
    PLACE_LINES,
    Change,
    Place,
    find_change,
    forget_places,
    note_change,
)
from tests.ranked import ROOT, Disk, lines_of

TEXTS = st.lists(st.sampled_from("abc"), max_size=12)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_a_change_turns_the_old_text_into_the_new_one(old: list[str], new: list[str]) -> None:
    """And is as short as it can be at both ends."""
    first, old_end, new_end = find_change(old, new)
    assert old[:first] + new[first:new_end] + old[old_end:] == new
    if old != new and first < min(old_end, new_end):
        assert old[first] != new[first]
        assert old[old_end - 1] != new[new_end - 1]


def test_the_latest_place_comes_first_and_old_ones_are_forgotten() -> None:
    """Eight are kept."""
    places: tuple[Place, ...] = ()
    for number in range(20):
        places = note_change(places, f"file{number}", Change(5, 6, 7))
    assert [place.path for place in places] == [f"file{19 - n}" for n in range(MOST_PLACES)]


def test_places_move_with_what_is_written_above_them() -> None:
    """And stay where they are when something is written below."""
    places = note_change((), "a", Change(50, 51, 53))
    places = note_change(places, "a", Change(10, 12, 11))
    assert places == (Place("a", 10, 11), Place("a", 49, 52))
    places = note_change(places, "b", Change(0, 0, 30))
    assert places[1:] == (Place("a", 10, 11), Place("a", 49, 52))


def test_near_places_become_one() -> None:
    """The end of a long one is what was thought about last."""
    places = note_change((), "a", Change(10, 11, 12))
    assert note_change(places, "a", Change(13, 13, 14)) == (Place("a", 10, 14),)
    (place,) = note_change(places, "a", Change(12, 12, 80))
    assert place == Place("a", 80 - PLACE_LINES, 80)
    assert forget_places(places, "a") == ()


def test_what_was_just_written_elsewhere_is_shown() -> None:
    """As the editor has it, long before it is saved; not in its own file, and not once dropped."""
    disk = Disk({"shop.py": "def total(order):\n    return 0 * len(order)\n", "main.py": ""})
    disk.open("shop.py", disk.texts[f"{ROOT}/shop.py"])
    disk.open("shop.py", "def total(order):\n    return sum(order.prices_without_tax)\n")
    wanted = "return sum(order.prices_without_tax)"
    assert wanted in lines_of(disk.ask("value = ‸", opened=["shop.py"]))
    own = disk.ask("def total(order):\n    return ‸\n", name="shop.py", opened=["main.py"])
    assert wanted not in lines_of(own)
    disk.index.drop(f"{ROOT}/shop.py")
    assert disk.ask("value = ‸") == ()
