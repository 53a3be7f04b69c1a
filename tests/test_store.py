"""The store of streams: bounds, age, and what is looked at first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.model import Source
from codestral_ls.reuse.place import anchor_of, place_of, remainder
from codestral_ls.reuse.store import (
    CHARS_CHECKED_EVERY,
    EMPTY_SECONDS,
    MAX_CHARS,
    MAX_STREAMS,
    MOST_LOOKED_THROUGH,
    TEXT_SECONDS,
    Store,
    Stream,
    says_nothing,
)
from tests.marked import snapshot


def stream(marked: str, text: str, begun: float = 0.0) -> Stream:
    """A stream that has come to its end."""
    return Stream(
        place=place_of(snapshot(marked)),
        source=Source.MODEL,
        provider="p",
        model="m",
        begun=begun,
        text=text,
        under_way=False,
        ended=True,
    )


def rests(store: Store, marked: str, now: float = 1.0) -> list[str]:
    return [rest for _, rest in store.fitting(snapshot(marked), now)]


def test_the_newest_stream_comes_first_and_the_one_on_the_screen_before_it() -> None:
    """Another answer must not take the place of the ghost text that is being typed through."""
    store = Store()
    shown = stream("x‸\n", "yz shown")
    store.add(shown)
    store.add(stream("xy‸\n", "z newer"))
    assert rests(store, "xyz‸\n") == [" newer", " shown"]
    store.promote(shown)
    assert rests(store, "xyz‸\n") == [" shown", " newer"]


def test_a_place_has_one_stream() -> None:
    """What was asked again replaces what was said before."""
    store = Store()
    store.add(stream("x‸\n", "one"))
    store.add(stream("x‸\n", "two"))
    assert rests(store, "x‸\n") == ["two"]


def test_streams_do_not_live_for_ever() -> None:
    """After ten minutes the text around them is another one in any case."""
    store = Store()
    store.add(stream("x‸\n", "one"))
    assert rests(store, "x‸\n", TEXT_SECONDS - 1) == ["one"]
    assert rests(store, "x‸\n", TEXT_SECONDS + 1) == []
    assert len(store) == 0


def test_a_known_nothing_is_known_for_a_shorter_while_and_for_its_place_alone() -> None:
    """Half a minute later the model may be asked again."""
    empty = stream("x‸\n", "")
    assert says_nothing(empty, "", EMPTY_SECONDS - 1)
    assert not says_nothing(empty, "", EMPTY_SECONDS + 1)
    assert not says_nothing(stream("x‸\n", "abc"), "c", 1.0)


def test_the_oldest_streams_go_first() -> None:
    """Where there are too many, and where they are too long."""
    store = Store()
    for number in range(MAX_STREAMS + 5):
        store.add(stream(f"x{number} = ‸\ny{number}", f"{number}"))
    assert len(store) == MAX_STREAMS
    assert rests(store, "x4 = ‸\ny4") == []
    assert rests(store, "x5 = ‸\ny5") == ["5"]
    for number in range(2 * CHARS_CHECKED_EVERY):
        store.add(stream(f"y{number} = ‸\n", "long" * (MAX_CHARS // 16)))
    assert len(store) <= 2 * CHARS_CHECKED_EVERY


def test_behind_the_same_text_only_the_newest_are_looked_through() -> None:
    """As at the end of a file, where nothing stands behind any place; the very place is found."""
    store = Store()
    for number in range(MOST_LOOKED_THROUGH + 2):
        store.add(stream(f"x{number} = ‸\n", f"{number}."))
    assert rests(store, "x1 = ‸\n") == ["1."]
    assert rests(store, "x1 = 1‸\n") == []
    assert rests(store, "x2 = 2‸\n") == ["."]
    assert rests(store, "x2 = ‸\n") == ["2."]


def test_a_stream_that_was_broken_off_is_cut_at_its_last_line_end() -> None:
    """Half a line may be half a word."""
    broken = stream("x‸\n", "one\ntw")
    broken.ended = False
    assert broken.usable == "one\n"


@pytest.mark.parametrize("behind", ["\nfoo", ")\nfoo", "\n    }\nfoo", '"]})\nfoo', "foo"])
def test_closers_and_blanks_do_not_change_the_anchor(behind: str) -> None:
    """They are what editors put behind the cursor by themselves."""
    assert anchor_of(behind) == "foo"


@given(
    tail=st.text("ab)\n ", max_size=30), put=st.text(')]}"\n ', max_size=10), text=st.text("ab(")
)
def test_whatever_fits_has_the_same_anchor(tail: str, put: str, text: str) -> None:
    """Looking streams up by it loses none."""
    place = place_of(snapshot(f"x = ‸{tail}"))
    there = snapshot(f"x = {text[:3]}‸{put}{tail}")
    if remainder(place, text, there) is not None:
        assert anchor_of(place.after) == anchor_of(there.suffix)
