"""Random sessions: typing, taking back, accepting, cancelling and answering, in any order."""

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from codestral_ls.engine.engine import Engine
from codestral_ls.errors import Unavailable
from codestral_ls.lsp.documents import Document, Point
from codestral_ls.model import Answer, Nothing, Outcome, Reason, Request, Trigger
from codestral_ls.reuse.flights import DIVERGED_SECONDS, GRACE_SECONDS
from codestral_ls.settings import Settings
from tests.scripted import HandFed, engine_for
from tests.virtual_clock import VirtualTime, settle

SESSIONS = 1000
TRUTH = "def total(orders):\n    result = 0\n    for order in orders:\n        result += order\n"


@dataclass
class Player:
    """One session: a document, requests for it, and a model that knows most of the text."""

    dice: random.Random
    time: VirtualTime = field(default_factory=VirtualTime)
    model: HandFed = field(default_factory=HandFed)
    document: Document = field(default_factory=lambda: Document("file:///w/a.py", "python", ""))
    asked: list[tuple[int, Request, asyncio.Task[Outcome]]] = field(default_factory=list)
    ended: dict[int, int] = field(default_factory=dict)
    begun: int = 0
    written: str = ""

    def __post_init__(self) -> None:
        self.engine: Engine = engine_for(self.model, Settings(), self.time.clock)

    def key(self) -> None:
        """The next character of the truth, or a slip."""
        right = TRUTH[len(self.written) : len(self.written) + 1] or "x"
        self.insert(right if self.dice.random() < 0.9 else self.dice.choice("qz( "))

    def insert(self, text: str) -> None:
        end = Point(self.document.line_count, 0)
        self.document.edit(end, end, text, "utf-32")
        self.written += text
        self.engine.edited(self.document.uri)

    def take_back(self) -> None:
        """Backspace."""
        if self.written:
            self.written = self.written[:-1]
            self.document.replace(self.written)
            self.engine.edited(self.document.uri)

    def ask(self) -> None:
        """A request at the end of the text."""
        number = len(self.asked)
        end = self.document.position(Point(self.document.line_count, 0), "utf-32")
        request = Request(
            snapshot=self.document.snapshot(end, self.engine.budget),
            trigger=self.dice.choice([Trigger.AUTOMATIC] * 5 + [Trigger.INVOKED]),
            lane=self.document.uri,
            edit=self.document.last_edit,
            patient=self.dice.random() < 0.3,
        )
        task = asyncio.create_task(self.complete(number, request))
        self.asked.append((number, request, task))

    async def complete(self, number: int, request: Request) -> Outcome:
        """Notes how many requests had begun when this one ended."""
        self.begun += 1
        try:
            return await self.engine.complete(request)
        finally:
            self.ended[number] = self.begun

    def cancel(self) -> None:
        if self.asked:
            self.dice.choice(self.asked)[2].cancel()

    def answer(self) -> None:
        """Some call brings text, ends, or fails."""
        calls = [call for call in self.model.calls if call.state == "under way"]
        if not calls:
            return
        call, luck = self.dice.choice(calls), self.dice.random()
        if luck < 0.05:
            call.fail(Unavailable("down"))
        elif luck < 0.2:
            call.finish()
        else:
            at = TRUTH.find(call.prompt.prefix[-8:]) + len(call.prompt.prefix[-8:])
            call.feed(TRUTH[at : at + self.dice.randint(1, 12)])

    def accept(self) -> None:
        """Takes what the newest request was shown, if it is still what fits."""
        if self.asked and self.asked[-1][2].done() and not self.asked[-1][2].cancelled():
            _, request, task = self.asked[-1]
            outcome = task.result()
            if isinstance(outcome, Answer) and request.snapshot.prefix == self.written:
                self.insert(outcome.text)

    async def step(self) -> None:
        acts = [self.key] * 8 + [self.ask] * 6 + [self.answer] * 8
        acts += [self.take_back, self.cancel, self.accept]
        self.dice.choice(acts)()
        await asyncio.sleep(0)  # the server begins a request before it heeds what comes next
        if self.dice.random() < 0.6:
            await self.time.pass_time(self.dice.choice([0.0, 0.01, 0.1, 0.3, 1.5]))


async def play(seed: int) -> None:
    player = Player(random.Random(seed))  # noqa: S311 - repeatable, not secret
    for _ in range(player.dice.randint(5, 60)):
        await player.step()
    newest = len(player.asked) - 1
    for call in player.model.calls:
        if call.state == "under way" and player.dice.random() < 0.5:
            call.finish()
    await player.time.pass_time(10.0)
    check_answers(player, newest)
    await player.time.pass_time(GRACE_SECONDS + DIVERGED_SECONDS)
    await player.engine.close()
    await settle()
    assert player.engine.under_way == 0
    assert all(call.state != "under way" for call in player.model.calls)
    for _, _, task in player.asked:
        task.cancel()
    await asyncio.gather(*(task for _, _, task in player.asked), return_exceptions=True)


def check_answers(player: Player, newest: int) -> None:
    """Every superseded request has ended, and what was answered was the newest one's, and fits."""
    for number, request, task in player.asked:
        if number < newest:
            assert task.done(), "a superseded request is still waiting"
        if not task.done() or task.cancelled():
            continue
        outcome = task.result()
        if isinstance(outcome, Answer):
            assert player.ended[number] == number + 1, "an answer after a newer request"
            shown = squeezed(request.snapshot.prefix + outcome.text)
            texts = [squeezed(call.prompt.prefix + call.fed) for call in player.model.calls]
            assert any(text.startswith(shown) for text in texts), "a text that nobody generated"
        else:
            assert isinstance(outcome, Nothing)
            assert outcome.reason is not Reason.INTERNAL_ERROR


def squeezed(text: str) -> str:
    """Without blanks, of which shaping may have dropped some."""
    return "".join(text.split())


@pytest.mark.parametrize("block", range(10))
async def test_random_sessions_keep_their_promises(block: int) -> None:
    """A thousand of them, the same ones every time."""
    for seed in range(block * SESSIONS // 10, (block + 1) * SESSIONS // 10):
        await play(seed)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    assert not others, "tasks are left behind"
