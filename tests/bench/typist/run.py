"""One run: a server, an editor, a hand, and pieces to be typed."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .editor import Editor
from .hand import Hand
from .neovim import Neovim
from .samples import hole, keys_between
from .tally import Tally
from .vscode import VSCode
from .wire import Wire

Manner = Literal["vscode", "neovim", "neovim-safe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What is run. With `minutes`, pieces follow one another until the time is over."""

    server: str
    manner: Manner
    model: str
    seed: int
    holes: int
    minutes: float = 0.0


async def type_out(
    run: Run, command: list[str], environ: Mapping[str, str], starting: asyncio.Lock
) -> Tally:
    """Types in real time and returns what was seen.

    Servers start one after another, or they would take the processor from those that are used.
    """
    wire, tally = Wire(), Tally()
    editor = _editor(run.manner, wire, tally)
    async with starting:
        await wire.start(command, environ)
        try:
            await editor.begin()
        except TimeoutError:
            await wire.stop()
            raise
    try:
        await asyncio.sleep(0.5)  # nobody types in the moment in which the editor starts
        began = time.monotonic()
        until = began + run.minutes * 60 if run.minutes else float("inf")
        number = 0
        while time.monotonic() < until and (run.minutes or number < run.holes):
            await _Typing(editor, Hand(run.seed), until).fill(run.seed, number)
            number += 1
        tally.seconds = time.monotonic() - began
        # A little longer than a call may go on with nobody waiting for it.
        await wire.settle()
    finally:
        await wire.stop()
    tally.unanswered = wire.account.unanswered
    tally.errors = wire.account.errors
    tally.cpu_seconds, tally.peak_mb = wire.account.cpu_seconds, wire.account.peak_mb
    tally.said = wire.said
    return tally


def _editor(manner: Manner, wire: Wire, tally: Tally) -> Editor:
    if manner == "vscode":
        return VSCode(wire, tally)
    return Neovim(wire, tally, safe_accept=manner == "neovim-safe")


class _Typing:
    """The typist in one document."""

    def __init__(self, editor: Editor, hand: Hand, until: float) -> None:
        self._editor, self._hand, self._until = editor, hand, until
        self._slipped_at = -1

    async def fill(self, seed: int, number: int) -> None:
        """Types until the piece stands there or the time is over."""
        editor, tally = self._editor, self._editor.tally
        piece = hole(seed, number)
        editor.open(piece)
        draft = editor.draft
        while not draft.done and editor.now() < self._until:
            if await self._until_accepted(self._interval()):
                editor.accept()
                tally.keys += 1
            else:
                self._key()
        tally.needed += keys_between(piece.text, piece.start, draft.at - draft.slipped)
        if draft.done:
            tally.corrupted_lines += draft.corrupted_lines()
        editor.close()

    def _interval(self) -> float:
        draft = self._editor.draft
        if draft.slipped:
            return self._hand.until_noticed(draft.hole.number, draft.at)
        if draft.at >= draft.hole.end:
            return 0.16
        return self._hand.interval(draft.hole.number, draft.hole.text, draft.at)

    async def _until_accepted(self, interval: float) -> bool:
        """Waits for the next key; true if the ghost convinces before that."""
        editor, screen = self._editor, self._editor.screen
        due = editor.key_at + interval
        while True:
            screen.changed.clear()
            convinced = screen.accept_at()
            now = editor.now()
            if convinced is not None and convinced <= min(now, due):
                return True
            if now >= due:
                return False
            wait = min(due, convinced if convinced is not None else due) - now
            try:
                await asyncio.wait_for(screen.changed.wait(), max(0.0, wait))
            except TimeoutError:
                continue

    def _key(self) -> None:
        editor, tally = self._editor, self._editor.tally
        draft, piece = editor.draft, editor.draft.hole
        tally.in_view += editor.screen.right is not None
        if draft.slipped:
            editor.take_back()
            tally.slip_keys += 1
            return
        at = draft.at
        wrong = "" if at in (self._slipped_at, piece.end) else self._slip(at)
        if wrong:
            self._slipped_at = at
            editor.type_wrong(wrong)
            tally.slip_keys += 1
        else:
            editor.type_next()
            tally.keys += 1

    def _slip(self, at: int) -> str:
        piece = self._editor.draft.hole
        return self._hand.slip(piece.number, piece.text, at)
