"""Hits random keys in an editor, real or simulated, and judges what it shows and puts in."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from tests.random_keys_judge import flush, inserted, is_choice_and_rest, is_part, is_rest
from tests.random_keys_model import Writer
from tests.random_keys_script import (
    ACCEPTS,
    BACKSPACE,
    DISMISS,
    ENTER,
    MOVES,
    NEXT,
    UNDO,
    Abilities,
    Step,
    next_step,
)

NEAR = 60
"""Characters around the cursor that a failure shows."""
LAST_KEYS = 40
LINGERS_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Look:
    """What an editor holds and draws at one moment; `at` counts characters from the beginning.

    `drawn_at` is where the ghost text is drawn, if that is not at the cursor; `wrong` says what the
    server has sent that it should not have, where that is known.
    """

    text: str
    at: int
    ghost: str = ""
    drawn_at: int | None = None
    wrong: str = ""

    @property
    def place(self) -> int:
        """Where the ghost text goes on."""
        return self.at if self.drawn_at is None else self.drawn_at

    def __str__(self) -> str:
        before, after = self.text[: self.at], self.text[self.at :]
        aside = f" {self.place - self.at} characters on" if self.place != self.at else ""
        return f"{before[-NEAR:]!r} ‸ {after[:NEAR]!r} showing {self.ghost!r}{aside}"


class Editor(Protocol):
    """Somebody to type into. What it does has taken effect when the method returns."""

    name: str
    able: Abilities
    types_instead: str
    """What the key for accepting types where there is nothing to accept."""
    plain: bool
    """Whether it types just what is typed: no brackets closed, no lines indented."""

    def press(self, key: str) -> None:
        """Presses a key: a character, or one of the names of the script."""

    def accept(self, part: str) -> None:
        """Presses the key that takes the whole ghost text, a word of it, or a line."""

    def look(self) -> Look:
        """Reads text, cursor and ghost text, all at the same moment."""

    def wait(self, seconds: float) -> None:
        """Lets time pass."""


class Wrong(AssertionError):
    """What an editor showed or put in is not right; the message says how to see it again."""


@dataclass(slots=True)
class Tally:
    """What a run was about, so that one in which nothing happened is not taken for a good one."""

    keys: int = 0
    looks: int = 0
    shown: int = 0
    accepted: int = 0
    unseen: int = 0
    """Accepted right after typing, without a look."""
    partly: int = 0
    renewed: int = 0
    """Accepted was a newer ghost text than the one that was looked at."""
    vanished: int = 0
    """Nothing was accepted, although ghost text had been seen."""
    typed_through: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{name} {getattr(self, name)}" for name in self.__slots__)


@dataclass(slots=True)
class Game:
    """One run: what was typed and accepted, and what the editor made of it."""

    editor: Editor
    writer: Writer
    seed: int
    tally: Tally = field(default_factory=Tally)
    text: str = ""
    at: int = 0
    _seen: set[str] = field(default_factory=lambda: {""})
    _last: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_KEYS))
    _ghost: str = ""

    def play(self, keys: int) -> Tally:
        """Hits so many keys.

        Raises:
            Wrong: at the first thing that is not right.
        """
        self._adopt(self.editor.look())
        number = 0
        while self.tally.keys < keys:
            self._take(next_step(self.seed, number, self._ghost, self.editor.able))
            number += 1
        self.editor.wait(1.0)
        self._look()
        return self.tally

    def _take(self, step: Step) -> None:
        # Behind a cursor key, ghost text may stand elsewhere in the line.
        blind = step.blind and self.editor.plain and not {*MOVES, UNDO} & {*step.keys}
        for key in step.keys:
            self.tally.keys += 1
            self._last.append(key)
            self._hit(key, blind=blind)
            if step.gap:
                self._last.append(f"({step.gap * 1000:g} ms)")
                self.editor.wait(step.gap)
            if not blind:
                self._look()
        self._last.append(f"({step.then * 1000:g} ms)")
        if step.then:
            self.editor.wait(step.then)
        self._look()

    def _hit(self, key: str, *, blind: bool) -> None:
        if key in ACCEPTS:
            self._accept(ACCEPTS[key], blind=blind)
            return
        through = len(key) == 1 and self._ghost.startswith(key)
        self.tally.typed_through += through
        self._ghost = self._ghost[1:] if through else ""
        self.editor.press(key)
        if len(key) == 1:
            self._fold(key)
        elif key == ENTER:
            self._fold("\n")
        elif key == BACKSPACE:
            self._fold("", back=1)
        else:
            self._check_left(key)

    def _fold(self, text: str, *, back: int = 0) -> None:
        start = max(0, self.at - back)
        self.text = self.text[:start] + text + self.text[self.at :]
        self.at = start + len(text)
        self._seen.add(self.text)

    def _check_left(self, key: str) -> None:
        """After a key that types nothing: the text is as it was, or as it was once, after undo."""
        look = self.editor.look()
        if key != UNDO and not self._is_as_it_was(look.text):
            raise self._wrong(f"{key} has changed the text", look)
        if key == UNDO and self.editor.plain and look.text not in self._seen:
            raise self._wrong("undo has made a text that never was", look)
        if key in (DISMISS, NEXT) and self.editor.plain and look.at != self.at:
            raise self._wrong(f"{key} has moved the cursor", look)
        self._adopt(look)

    def _is_as_it_was(self, text: str) -> bool:
        """Whether nothing was typed; of blanks, an editor may do more than it was told."""
        if self.editor.plain:
            return text == self.text or self._is_reindented(text)
        return "".join(text.split()) == "".join(self.text.split())

    def _is_reindented(self, text: str, at: int = 0, was_at: int = 0) -> bool:
        return self.editor.able.reindents and flush(text, at) == flush(self.text, was_at)

    def _adopt(self, look: Look) -> None:
        self.text, self.at = look.text, look.at
        self._seen.add(look.text)

    def _look(self) -> Look:
        """Looks, and compares with what was typed and accepted, and with what was answered."""
        look = self.editor.look()
        self.tally.looks += 1
        if not self.editor.plain or self._is_reindented(look.text, look.at, self.at):
            self._adopt(look)
        elif (look.text, look.at) != (self.text, self.at):
            expected = Look(self.text, self.at)
            raise self._wrong(f"typed and accepted was {expected}", look)
        if look.wrong:
            raise self._wrong(look.wrong, look)
        self._ghost = look.ghost
        if look.ghost:
            self.tally.shown += 1
            before, after = look.text[: look.place], look.text[look.place :]
            # What a menu offers by its letters alone is judged when it is accepted.
            judged = not self.editor.able.chooses_by_letters
            is_wrong = judged and not self._is_right(look.ghost, before, after)
            if is_wrong and not self._is_going(look):
                raise self._wrong("no answer goes on like this here", look)
        return look

    def _is_going(self, look: Look) -> bool:
        """Whether an editor that leaves ghost text until it hears of a newer one takes it away."""
        if not self.editor.able.lingers:
            return False
        self.editor.wait(LINGERS_SECONDS)
        self._ghost = ""
        return self.editor.look() == Look(look.text, look.at, drawn_at=look.at)

    def _is_right(self, text: str, before: str, after: str) -> bool:
        given = self.writer.given
        if is_rest(text, before, after, given):
            return True
        return not self.editor.plain and is_choice_and_rest(text, before, after, given)

    def _accept(self, part: str, *, blind: bool) -> None:
        was = Look(self.text, self.at) if blind else self._look()
        self.editor.accept(part)
        after = self.editor.look()
        found = self._what_was_put_in(was, after, part)
        if found is None:
            self.tally.vanished += bool(was.ghost)
        else:
            self.tally.accepted += 1
            self.tally.unseen += blind
            self.tally.partly += part != "whole"
        self._adopt(after)

    def _what_was_put_in(self, was: Look, look: Look, part: str) -> str | None:
        """The accepted text; None if there was nothing to accept."""
        before, after = was.text[: was.place], was.text[was.place :]
        instead = self.editor.types_instead
        indents = self.editor.able.indents_first and was.ghost.startswith(("\t", "    "))
        if look.text == was.text:
            return None
        if not was.ghost or indents:
            typed = bool(instead) and look.text == before + instead + after
            if typed or self._is_as_it_was(look.text):
                return None
        found = [
            text
            for text, old, at in self._candidates(was, look)
            if self._is_right(text, old[:at], old[at:]) and look.at in self._ends(at, text)
        ]
        if not found:
            raise self._wrong(f"accepting ({part}) has spoiled the text, which was {was}", look)
        same = [text for text in found if is_part(text, was.ghost, part)]
        self.tally.renewed += bool(was.ghost) and not same
        return (same or found)[0]

    def _ends(self, start: int, text: str) -> set[int]:
        """Where the cursor may be behind a text."""
        end = start + len(text)
        short = sum(each > "\uffff" for each in text) if self.editor.able.miscounts else 0
        return {end, end - short}

    def _candidates(self, was: Look, look: Look) -> Iterator[tuple[str, str, int]]:
        """What may have been put in, into which text, and where."""
        able, begun = self.editor.able, re.search(r"\w*$", was.text[: was.place])
        most = len(begun.group()) if begun and able.chooses_by_letters else 0
        line_end = was.text.find("\n", was.place)
        further = (line_end if line_end >= 0 else len(was.text)) - was.place
        for by in range(-most, (further if able.draws_ahead else 0) + 1):
            at = was.place + by
            old = was.text[:at] + was.text[max(at, was.place) :]
            for text, _ in inserted(old, at, look.text):
                yield text, old, at

    def _wrong(self, why: str, look: Look) -> Wrong:
        answers = "\n".join(
            f"  {each.prefix[-NEAR:]!r} ‸ {each.suffix[:NEAR]!r}: {each.text!r}"
            for each in self.writer.given[-6:]
        )
        again = (
            f"python -m tests.random_keys --editor {self.editor.name} --seed {self.seed} "
            f"--keys {self.tally.keys}{'' if self.editor.plain else ' --conveniences'}"
        )
        return Wrong(
            f"{why}\nthere is {look}\nthe last keys: {' '.join(map(repr, self._last))}\n"
            f"the last answers:\n{answers}\n{self.tally}\nagain: {again}"
        )
