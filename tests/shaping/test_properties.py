"""What holds for any text at any place, for small code made up and for all cases of the corpus."""

import re
from dataclasses import replace
from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from codestral_ls.model import Edit, Snapshot
from tests.marked import CURSOR, snapshot
from tests.shaped import Shown, show
from tests.shaping.cases import Case
from tests.shaping.test_corpus import CORPUS, shown

LANGUAGES = st.sampled_from(["python", "javascript", "ruby", "go", "yaml", "markdown"])
WORDS = st.sampled_from(
    (
        *(
            "ab",
            "x",
            "if ",
            "def f",
            "end",
            " = ",
            ", ",
            ": ",
            ";",
            ".",
            "+",
            "# ",
            "// ",
            "<|eot|>",
        ),
        *("(", ")", "[", "]", "{", "}", "<", ">", '"', "'", "\n", "\n    ", "\n  ", "    ", "\t"),
    )
)
CODE = st.lists(WORDS, max_size=14).map("".join)
PLACES = st.builds(
    lambda head, tail, language: snapshot(f"{head}{CURSOR}{tail}", language=language),
    CODE,
    CODE,
    LANGUAGES,
)
CASES = st.sampled_from(CORPUS)
CUTS = st.lists(st.integers(0, 200), max_size=8)

made_up = settings(max_examples=150, deadline=None, derandomize=True)
sampled = settings(max_examples=250, deadline=None, derandomize=True)


def pieces(text: str, cuts: list[int]) -> tuple[str, ...]:
    """A text as a stream that is split at some places."""
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return tuple(text[start:end] for start, end in pairwise(places))


def seen(shown: Shown) -> tuple[str, int]:
    """What an editor gets."""
    return shown.text, shown.replaces


@given(CASES, CUTS)
@sampled
def test_a_case_looks_the_same_however_its_stream_is_split(case: Case, cuts: list[int]) -> None:
    """Where chunks end is an accident of the network."""
    assert seen(shown(case, pieces=pieces(case.written, cuts))) == seen(shown(case))


@given(PLACES, CODE, CUTS)
@made_up
def test_any_text_looks_the_same_however_its_stream_is_split(
    there: Snapshot, written: str, cuts: list[int]
) -> None:
    """Character by character, and as a whole."""
    whole = seen(show(written, there))
    assert seen(show(written, there, pieces=pieces(written, cuts))) == whole
    assert seen(show(written, there, pieces=tuple(written))) == whole


@given(CASES)
@sampled
def test_what_is_shown_of_a_case_needs_no_more_shaping(case: Case) -> None:
    """A model that writes exactly what was shown isn't corrected."""
    once = shown(case)
    assume(once.text)
    again = replace(case, written=once.text, finish_reason="stop")
    assert seen(shown(again)) == seen(once)


@given(PLACES, CODE)
@made_up
def test_what_is_shown_of_any_text_needs_no_more_shaping(there: Snapshot, written: str) -> None:
    """Neither rules nor cuts find anything more to do."""
    once = show(written, there)
    assume(once.text)
    assert seen(show(once.text, there)) == seen(once)


def is_part(shown: str, written: str) -> bool:
    """Whether a text is a piece of another one, but for blanks and closing brackets at its end."""
    piece, whole = (re.sub(r"\s+", "", text) for text in (shown, written))
    return piece.rstrip(")]}") in whole


@given(CASES)
@sampled
def test_of_a_case_nothing_is_shown_but_what_was_written_and_closers(case: Case) -> None:
    """Shaping leaves out, indents and closes; it invents nothing."""
    once = shown(case)
    assume(once.text)
    assert is_part(once.text, case.written)


@given(PLACES, CODE)
@made_up
def test_of_any_text_nothing_is_shown_but_what_was_written_and_closers(
    there: Snapshot, written: str
) -> None:
    """The same for places at which nobody would stop."""
    once = show(written, there)
    assume(once.text)
    assert is_part(once.text, written)


def accepted(there: Snapshot, text: str, replaces: int = 0) -> Snapshot:
    """The document with a text in it, and the cursor behind that."""
    return replace(there, prefix=there.prefix + text, suffix=there.suffix[replaces:])


@given(CASES)
@sampled
def test_what_stands_behind_an_accepted_text_is_not_shown(case: Case) -> None:
    """The rest of the line, or the next two lines, are there already."""
    once = shown(case)
    assume(once.text)
    there = accepted(case.snapshot, once.text, once.replaces)
    tail, _, below = there.suffix.partition("\n")
    lines = [line for line in below.split("\n") if line.strip()][:2]
    behind = tail if tail.strip() else "\n" + "\n".join(lines)
    assume(tail.strip() or re.search(r"\w{2}", behind))
    assert seen(show(behind, there, settings=case.settings, edit=Edit.INSERTED)) == ("", 0)


@given(CASES, st.integers(0, 20))
@sampled
def test_a_text_that_is_accepted_by_lines_goes_on_as_it_was_shown(case: Case, number: int) -> None:
    """The head of it is in the document, the model writes the rest: that, or its first lines."""
    once = shown(case)
    ends = [match.start() for match in re.finditer(r"(?<=\S)\n", once.text)]
    assume(ends and not case.snapshot.line_tail.strip() and case.settings.multiline == "auto")
    end = ends[number % len(ends)]
    head, rest = once.text[:end], once.text[end:]
    first, last = rest.strip().partition("\n")[0], head.rpartition("\n")[2]
    assume(len(re.sub(r"\s", "", rest)) > 1 and first.strip() != last.strip())
    there = accepted(case.snapshot, head)
    again = show(rest, there, settings=case.settings, trigger=case.trigger, edit=Edit.INSERTED)
    assert again.text.strip()
    assert rest.startswith(again.text)
