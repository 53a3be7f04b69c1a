"""Random keys against a server in this process, in the manners of four editors.

Time is virtual: pauses of seconds, slow answers and missed deadlines cost nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest

from tests.random_keys_judge import flush, inserted, is_rest, upsets_brackets
from tests.random_keys_manners import MANNERS
from tests.random_keys_model import Given, Writer, mood_of
from tests.random_keys_play import Game, Look, Tally, Wrong
from tests.random_keys_script import ACCEPTS, BACKSPACE, ENTER, Abilities, next_step
from tests.random_keys_simulated import simulate

KEYS = 500
SEEDS = range(1, 4)
LEAST_SHOWN = dict.fromkeys(MANNERS, 40) | {"like-helix": 8}
"""In each run: of 100 runs, none had less."""
LEAST_ACCEPTED = dict.fromkeys(MANNERS, 15) | {"like-helix": 4}


@pytest.mark.parametrize("editor", MANNERS)
def test_ghost_text_is_never_stale_and_never_doubled(editor: str) -> None:
    """Whatever is typed, whenever and however the answers come, or fail to."""
    tallies = play_all(editor, SEEDS)
    assert sum(each.keys for each in tallies) >= KEYS * len(SEEDS)
    assert all(each.shown >= LEAST_SHOWN[editor] for each in tallies), tallies
    assert sum(each.accepted for each in tallies) >= LEAST_ACCEPTED[editor], tallies
    assert sum(each.typed_through for each in tallies) >= LEAST_SHOWN[editor], tallies
    # Nothing comes between a look and a key here: what was seen is what is put in.
    assert sum(each.renewed + each.vanished for each in tallies) == 0


def test_a_run_can_be_played_again() -> None:
    """The same seed brings the same keys, answers and ghost text."""
    assert simulate("like-vscode", 3, 200) == simulate("like-vscode", 3, 200)


def test_runs_are_about_ghost_text() -> None:
    """All ways to accept come up, typing through as well, and moods of all kinds."""
    able = Abilities(parts=("whole", "word", "line"))
    keys = {key for number in range(500) for key in next_step(1, number, "total", able).keys}
    assert keys >= {*ACCEPTS, ENTER, BACKSPACE, "Undo", "Dismiss", "Next", "t", "("}
    fates = {mood_of(1, number).fate for number in range(500)}
    assert fates == {"answer", "cut", "hang", "500", "429"}


# --- the judge


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("tot", "", "al = price"),
        ("total", "", " = price"),
        ("total = pri", "", "ce"),
        ("call(", ")", "alpha, beta"),
        ("call(", ")", "alpha, beta)"),
        ("if a:\n  ", "", "return a"),
    ],
)
def test_what_goes_on_is_right(before: str, after: str, shown: str) -> None:
    """The rest of an answer, behind what was typed of it; closers belong to either side."""
    assert is_rest(shown, before, after, ANSWERS)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("tot", "", "otal = price"),
        ("tota", "", "al = price"),
        ("tok", "", "al = price"),
        ("to", "", "al = price"),
        ("total", "", "al = price"),
        ("tot", "x", "al = price"),
        ("call(", ")", "alpha, gamma"),
        ("", "", "al = price"),
    ],
)
def test_what_does_not_go_on_is_wrong(before: str, after: str, shown: str) -> None:
    """Doubled by a letter, short of one, behind other text or in front of other text."""
    assert not is_rest(shown, before, after, ANSWERS)


ANSWERS = (
    Given("tot", "", "al = price"),
    Given("call(", ")", "alpha, beta)"),
    Given("if a:", "", "\n    return a"),
)


def test_replaced_closers_are_told_from_lost_text() -> None:
    """A closer that the text brings makes room for it, a word does not."""
    assert ("a)", ")") in inserted("f()", 2, "f(a)")
    assert ("a", "") in inserted("f()", 2, "f(a)")
    assert not list(inserted("f(x)", 2, "f(a)"))


def test_an_indented_closer_is_no_lost_text() -> None:
    """VS Code puts one below its opener; blanks anywhere else are what was typed."""
    assert flush("  f(\n\n)", 7) == flush("  f(\n\n\t)", 8)
    assert flush("  f(\n)\nx", 6) != flush("  f(\n)\n\tx", 6)
    assert flush("f( )", 4) != flush("f()", 3)


def test_brackets_that_do_not_match_are_seen() -> None:
    """In front of closers only, and only where all matched before."""
    assert upsets_brackets("f()", 2, "f(a))")
    assert not upsets_brackets("f()", 2, "f(a)")
    assert not upsets_brackets("f(", 2, "f(a))")


# --- what is wrong is found


def play_all(editor: str, seeds: Iterable[int]) -> list[Tally]:
    return [simulate(editor, seed, KEYS) for seed in seeds]


@pytest.mark.parametrize(
    ("place", "broken", "editor"),
    [
        ("codestral_ls.reuse.place._same_behind", lambda *_: True, "like-neovim"),
        ("codestral_ls.lsp.protocol.Protocol.withhold", lambda *_: None, "like-vscode"),
    ],
    ids=["whatever stands behind the cursor", "late replies"],
)
def test_a_server_that_sends_what_is_stale_is_found(
    monkeypatch: pytest.MonkeyPatch, place: str, broken: Callable[..., object], editor: str
) -> None:
    """Though its client would not show it: what counts is what the server had been told."""
    monkeypatch.setattr(place, broken)
    with pytest.raises(Wrong, match=r"the server sent .* for another text"):
        play_all(editor, range(1, 11))


@dataclass
class Faulty:
    """An editor that shows the first answer for ever, or puts it in as it came."""

    writer: Writer
    fault: str
    name: str = "faulty"
    able: Abilities = field(default_factory=lambda: Abilities(undoes=False))
    types_instead: str = ""
    plain: bool = True
    text: str = ""

    def press(self, key: str) -> None:
        if key == BACKSPACE:
            self.text = self.text[:-1]
        elif len(key) == 1 or key == ENTER:
            self.text += "\n" if key == ENTER else key

    def accept(self, part: str) -> None:
        del part
        if self.fault == "doubled" and self.look().ghost:
            self.text += self._answer()

    def look(self) -> Look:
        if not self.writer.given and len(self.text) > 2:
            self.writer.write(self.text, "")
        answer = self._answer()
        if not answer:
            return Look(self.text, len(self.text))
        typed = self.text.removeprefix(self.writer.given[0].prefix)
        fits = self.text.startswith(self.writer.given[0].prefix) and answer.startswith(typed)
        shown = answer[len(typed) :] if fits else ""
        return Look(self.text, len(self.text), answer if self.fault == "stale" else shown)

    def wait(self, seconds: float) -> None:
        """Nothing happens meanwhile."""

    def _answer(self) -> str:
        return self.writer.given[0].text if self.writer.given else ""


@pytest.mark.parametrize(
    ("fault", "why"),
    [("stale", "no answer goes on like this here"), ("doubled", "has spoiled the text")],
)
def test_faults_are_found_and_can_be_played_again(fault: str, why: str) -> None:
    """The message says what is wrong, what was hit last, and how to see it again."""
    for seed in range(20):
        writer = Writer(seed)
        try:
            Game(Faulty(writer, fault), writer, seed).play(300)
        except Wrong as wrong:
            assert why in str(wrong)  # noqa: PT017 - most seeds find it, some end before
            assert f"--editor faulty --seed {seed} --keys " in str(wrong)  # noqa: PT017 - likewise
            return
    pytest.fail("never found")
