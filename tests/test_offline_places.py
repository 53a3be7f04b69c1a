"""What the offline matcher sees at the cursor and at the places it finds."""

import pytest

from codestral_ls.context.matching import tokens
from codestral_ls.context.matching.cursor import Cursor, cursor_of
from codestral_ls.context.matching.places import Place, find_places
from codestral_ls.context.matching.renaming import Renaming
from codestral_ls.context.matching.tokens import Line, Tokenizer, read_line, read_text
from codestral_ls.context.matching.votes import Vote, collect_votes
from tests.offline_prompts import complete, matcher_of, prompt_at


def cursor_at(marked: str) -> Cursor:
    return cursor_of(prompt_at(marked), Tokenizer())


def places_in(marked: str, other: str) -> list[Place]:
    cursor = cursor_at(marked)
    return find_places(cursor, [cursor.above, cursor.below, read_text(other)])


def votes_of(marked: str, other: str) -> list[Vote]:
    """What the places say as they stand."""
    return collect_votes(cursor_at(marked), places_in(marked, other), Tokenizer())[0]


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        ("a = get_", "get_"),
        ("a = ", ""),
        ("a.", ""),
        ("f('b c", "'b c"),
        ("f('b ", "'b "),
        ("f('", "'"),
        ("f('b'", ""),
        ("f('b', \"c\\", '"c\\'),
        ("    ", ""),
    ],
)
def test_piece_is_a_word_or_a_string_that_may_go_on(head: str, piece: str) -> None:
    """A string that is closed does not go on."""
    assert cursor_at(f"{head}‸\n").piece == piece


def test_places_tell_how_much_is_the_same() -> None:
    """The same tokens, tokens of the same classes, and how many of these are the same."""
    (best, *_) = places_in("a = f(b, c)\nd = g(‸\n", "a = f(b, x)\nd = g(1)\n")
    assert (best.exact, best.alike, best.equal) == (6, 13, 12)


def test_shorter_matches_are_found_as_well() -> None:
    """The longest one may be wrong."""
    lengths = {place.exact for place in places_in("b = f(a)\nreturn g(‸", "g(1)\n\nreturn g(2)\n")}
    assert lengths >= {2, 5}


def test_place_with_another_word_than_the_one_begun_says_nothing() -> None:
    """It does not say either that nothing is to come."""
    other = "value = connect(a)\nvalue = read(b)\n"
    assert {vote.text for vote in votes_of("value = con‸\n", other)} == {"nect(a)"}


def test_lines_below_count_as_much_as_those_before_and_no_more() -> None:
    """A place is more alike if it goes on as the document does."""
    other = "value = connect(a)\nsend(b)\nclose(c)\n"
    (alone,) = votes_of("value = ‸\n", other)
    (followed,) = votes_of("value = ‸\nsend(b)\n", other)
    (capped,) = votes_of("value = ‸\nsend(b)\nclose(c)\n", other)
    assert (alone.score, followed.score, capped.score) == (2, 4, 4)


def test_line_that_follows_is_evidence() -> None:
    """At one of the places that say so."""
    other = "value = connect(a)\n\nsend(b)\n"
    (candidate,) = matcher_of(other).candidates(prompt_at("value = ‸\n  send(b)\n"))
    assert candidate.evidence.followed
    (candidate,) = matcher_of(other).candidates(prompt_at("value = ‸\n  send(c)\n"))
    assert not candidate.evidence.followed


@pytest.mark.parametrize(
    ("typed", "said"),
    [("value =", {" connect(a)"}), ("value = ", {"connect(a)"}), ("value = connect ", {""})],
)
def test_blanks_between_are_there_once(typed: str, said: set[str]) -> None:
    """They come with what is proposed unless they are typed; where none belong nothing is said."""
    assert {vote.text for vote in votes_of(f"{typed}‸\n", "value = connect(a)\n")} >= said
    assert not any(vote.text == "(a)" for vote in votes_of(f"{typed}‸\n", "value = connect(a)\n"))


def test_very_long_rest_is_not_proposed() -> None:
    """It is data."""
    assert {vote.text for vote in votes_of("value = ‸\n", f"value = {'a + ' * 60}a\n")} == {""}


def test_only_what_differs_in_two_names_is_replaced_in_others() -> None:
    """`set_width` for `set_height` is `width` for `height`."""
    assert Renaming({"set_height": "set_width"})("max_height") == ("max_width", 1)
    assert Renaming({"height_of": "width_of"})("max_height") == ("max_width", 1)


def test_run_of_lines_ends_at_a_line_of_blanks() -> None:
    """It may be indented as the block is."""
    begin = "def go(self):\n    total = first(self)\n    "
    source = f"{begin}total += second(self)\n    \n    return total\n"
    assert complete(f"{begin}‸\n", source) == "total += second(self)"


def test_number_of_lines_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each keystroke makes a new line."""
    monkeypatch.setattr(tokens, "REMEMBERED_LINES", 3)
    asked: list[str] = []

    def counting(line: str) -> Line:
        asked.append(line)
        return read_line(line)

    monkeypatch.setattr(tokens, "read_line", counting)
    tokenizer = Tokenizer()
    for line in "abcde":
        tokenizer.read(line)
    asked.clear()
    tokenizer.read("a")
    assert asked == ["a"]
    tokenizer.read("a")
    assert asked == ["a"]
