"""Names, their hashes and their parts; where words stand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codestral_ls.context.index.families import family_of
from codestral_ls.context.index.popularity import Mentions
from codestral_ls.context.index.postings import Postings
from codestral_ls.context.index.words import hash_name, hash_names, names_in, parts_of
from codestral_ls.languages import language_of


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("parse_http_header", ("parse", "http", "header")),
        ("parseHTTPHeader", ("parse", "http", "header")),
        ("HTTPServer2", ("http", "server")),
        ("_MAX_ids", ("max", "ids")),
        ("toId", ()),
        ("straßenName", ("straßen", "name")),
        ("имя_поля", ("имя", "поля")),
    ],
)
def test_a_name_falls_into_words_of_three_letters(name: str, parts: tuple[str, ...]) -> None:
    """In any style; shorter words say nothing."""
    assert parts_of(name) == parts


def test_names_are_what_a_program_can_name() -> None:
    """Numbers, operators and names of two letters are not."""
    assert names_in("abc = x1 + 12 - _de.fgh2(ij)") == ["abc", "_de", "fgh2"]


def test_a_name_has_the_same_hash_each_time() -> None:
    """Also one that holds half a character, as an editor may send it; 0 stands for none."""
    assert hash_name("abc") == hash_name("abc") != hash_name("abd")
    assert hash_name("a\ud800b") > 0
    assert hash_names(["abc", "abd", "abc"]) == [hash_name("abc"), hash_name("abd")]


@pytest.mark.parametrize(
    ("name", "language"), [("a.sh", "sh"), ("a.cs", "cs"), ("Makefile", "make"), ("a.tsx", "vue")]
)
def test_files_belong_to_what_editors_call_their_language(name: str, language: str) -> None:
    """Vim's names for languages are not always those of the protocol."""
    assert family_of(language_of(name)) == family_of(language)
    assert family_of(language) != family_of("python")


KEYS = st.sets(st.integers(0, 30), max_size=8)
STEPS = st.lists(st.tuples(KEYS, st.one_of(st.none(), st.integers(0, 60))), max_size=60)


@settings(deadline=None)
@given(STEPS, st.integers(1, 40))
def test_postings_find_what_a_dictionary_finds(
    steps: list[tuple[set[int], int | None]], fresh: int
) -> None:
    """However often they were laid down and written anew, in rising order."""
    living: set[int] = set()
    expected: dict[int, list[int]] = {}
    postings = Postings(is_alive=living.__contains__, fresh_entries=fresh)
    for number, (keys, dead) in enumerate(steps):
        living.add(number)
        postings.add(keys, number)
        for key in keys:
            expected.setdefault(key, []).append(number)
        if dead in living:
            living.discard(dead)
            postings.bury(dead, dead + 1)
    for key in range(31):
        found = postings.find(key)
        wanted = [number for number in expected.get(key, []) if number in living]
        assert [number for number in found if number in living] == wanted
        assert found == sorted(set(found))


def test_what_is_dead_is_written_no_more() -> None:
    """A segment of which a third is dead is written anew, without it."""
    living = set(range(100))
    postings = Postings(is_alive=living.__contains__, fresh_entries=100)
    for number in range(100):
        postings.add([7], number)
    living -= set(range(40))
    postings.bury(0, 40)
    assert postings.find(7) == list(range(40, 100))


def test_a_word_that_stands_everywhere_is_not_found() -> None:
    """Neither while it is fresh nor later, when it has been left out for good."""
    postings = Postings(is_alive=lambda _: True, most=20, fresh_entries=64)
    for number in range(40):
        postings.add([1, 2] if number < 15 else [1], number)
        assert len(postings.find(1)) == (number + 1 if number < 20 else 0)
    for number in range(40, 200):
        postings.add([1, number + 1000], number)
    assert postings.find(1) == []
    assert postings.find(2) == list(range(15))
    assert postings.find(1100) == [100]


FILES = st.lists(st.sets(st.integers(1, 12)), min_size=1, max_size=12)


@given(FILES, st.lists(st.integers(0, 11)))
@settings(deadline=None)
def test_mentions_are_counted_by_files(files: list[set[int]], gone: list[int]) -> None:
    """A word that one file has lost is still taken for one that a single file mentions."""
    mentions = Mentions(files[:1], most=5, is_wanted=lambda word: word != 3)
    for words in files[1:]:
        mentions.add(words)
    left = dict(enumerate(files))
    for number in gone:
        if number in left:
            mentions.remove(left.pop(number))
    for word in range(1, 13):
        count = sum(word in words for words in left.values())
        once = any(word in words for words in files)
        assert mentions.count(word) == max(count, once)
    assert mentions.files == len(left)


def test_the_names_that_most_files_mention_come_first() -> None:
    """Those that are wanted, and that more than one file beside the document's mentions."""
    files = [{1, 2, 3, 4}, {1, 2, 3, 4}, {1, 2, 3}, {1, 3}, {5}]
    mentions = Mentions(files, most=2, is_wanted=lambda word: word != 3)
    assert mentions.top() == [1, 2]
    mentions = Mentions(files, most=9, is_wanted=lambda word: word != 3)
    assert mentions.top() == [1, 2, 4]
    assert mentions.top(but={1, 4}) == [1, 2]
