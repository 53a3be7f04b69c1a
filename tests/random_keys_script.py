"""Random keys: what a careless typist does next, drawn from a seed and what is on the screen."""

import random
from dataclasses import dataclass

from tests.random_keys_model import PHRASES, WORDS

ENTER, BACKSPACE, UNDO, DISMISS, NEXT = "Enter", "Backspace", "Undo", "Dismiss", "Next"
MOVES = ("Left", "Right", "Up", "Down", "Home", "End")
ACCEPTS = {"Accept": "whole", "Accept word": "word", "Accept line": "line"}
"""Keys that take ghost text, and which part of it."""

SLOWLY = 8
"""So many keys may be hit slowly, or a run would take minutes."""
PAUSES = (0.0, 0.005, 0.03, 0.12)
STOPS = (0.35,)
"""Seconds. Who never stops for a moment never sees ghost text: Neovim asks after 0.2. It is these
that a run in a real editor takes its time for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Keys in a row: characters and names of keys. Pauses are seconds.

    A blind step is hit without looking: nothing reads the screen between two of its keys.
    """

    keys: tuple[str, ...]
    gap: float = 0.0
    then: float = 0.0
    blind: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What an editor has keys for.

    `chooses_by_letters`: it offers whatever has the letters of the word begun in their order, and
    puts it in instead of that word. `indents_first`: in front of ghost text that begins with
    indentation, the key for accepting indents. `miscounts`: the cursor ends up one character short
    for each of two UTF-16 units that was accepted. `draws_ahead`: ghost text stays where it was
    asked for, and is put in there, when the cursor goes left in the line meanwhile. `reindents`: a
    closer that begins its line gets the indentation of its opener's, whatever the settings say.
    `lingers`: behind a Backspace ghost text stays until the server has answered. `stops` are the
    pauses in which ghost text comes.
    """

    parts: tuple[str, ...] = ("whole",)
    moves: tuple[str, ...] = MOVES
    undoes: bool = True
    dismisses: bool = True
    chooses: bool = True
    chooses_by_letters: bool = False
    indents_first: bool = False
    miscounts: bool = False
    draws_ahead: bool = False
    reindents: bool = False
    lingers: bool = False
    stops: tuple[float, ...] = STOPS


def next_step(seed: int, number: int, ghost: str, able: Abilities) -> Step:
    """The step with a number; it draws from these alone, so that a run can be played again."""
    dice = random.Random(f"{seed} {number}")  # noqa: S311 - the same every time
    keys = _with_ghost(dice, ghost, able) if ghost and dice.random() < 0.85 else None
    if keys is None:
        keys = _without_ghost(dice, able)
    gap = dice.choice((0.0, 0.0, 0.005, 0.03, 0.08 if len(keys) <= SLOWLY else 0.03))
    then = dice.choice((*PAUSES, *(able.stops if ghost else 8 // len(able.stops) * able.stops)))
    return Step(keys=tuple(keys), gap=gap, then=then, blind=dice.random() < 0.6)


def _with_ghost(dice: random.Random, ghost: str, able: Abilities) -> list[str]:
    accepts = [key for key, part in ACCEPTS.items() if part in able.parts]
    size = dice.randint(1, min(len(ghost), 12))
    through = [*map(as_key, ghost[:size])]
    other = [*map(as_key, dice.choice(("x", "q", " ", ")", "(", "zz", "\n")))]
    choices = [
        [dice.choice(accepts)],
        [dice.choice(accepts)],
        through,
        [*through, *other],
        [*through, dice.choice(accepts)],
        [*through, *other, dice.choice(accepts)],
        [*through, BACKSPACE, dice.choice(accepts)],
        [*other, BACKSPACE],
        [*other, dice.choice(accepts)],
        [dice.choice(accepts), ENTER],
        [dice.choice(able.moves), dice.choice(accepts)],
    ]
    if {"Down", "Right"} <= {*able.moves}:
        choices += _behind_and_back(dice)
    if able.dismisses:
        choices += [[DISMISS], [*through, DISMISS]]
    if able.chooses:
        choices += [[NEXT], [NEXT, dice.choice(accepts)]]
    return dice.choice(choices)


def _behind_and_back(dice: random.Random) -> list[list[str]]:
    """Edits behind the cursor, which is back in its place then: ghost text was for another text."""
    return [
        [dice.choice((")", "]", ENTER)), "Left"],
        ["Right", dice.choice("x,("), "Left", "Left"],
        ["Down", "End", dice.choice("x)"), "Up", "End"],
    ]


def _without_ghost(dice: random.Random, able: Abilities) -> list[str]:
    phrase = dice.choice(PHRASES).partition("\n")[0]
    word = dice.choice(WORDS)
    begun = [*phrase[: dice.randint(1, 6)]]
    choices: list[list[str]] = [
        begun,
        begun,
        *[["End", ENTER, *begun]] * 6,
        [*phrase[: dice.randint(1, len(phrase))]],
        [*word[: dice.randint(1, len(word))]],
        [*word, " "],
        [dice.choice("abcdeiorstxyz")],
        [*dice.choice((" ", " = ", ", ", ".", ": ", "    "))],
        [dice.choice("([{\"')]}")],
        ["(", ")", "Left"],
        ["[", *word, "]", "Left"],
        [ENTER],
        ["End", ENTER, ENTER],
        [BACKSPACE] * dice.randint(1, 5),
        [*word, *[BACKSPACE] * dice.randint(1, len(word)), dice.choice(word)],
        [dice.choice(able.moves) for _ in range(dice.randint(1, 3))],
        [dice.choice(able.moves), "End"],
        [dice.choice(able.moves), "End", ENTER],
        [*begun, "Accept"],
    ]
    if able.undoes:
        choices.append([UNDO])
    return dice.choice(choices)


def as_key(character: str) -> str:
    """The key for a character."""
    return ENTER if character == "\n" else character
