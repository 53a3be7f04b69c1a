"""A provider that says what a test has written down for it."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from codestral_ls.engine.engine import Engine
from codestral_ls.errors import FimError
from codestral_ls.model import Budget, Chunk, Prompt, Source, Usage
from codestral_ls.provider import Ask, Provider
from codestral_ls.reuse.pace import SYSTEM_CLOCK, Clock
from codestral_ls.settings import Settings

End = Callable[[], Coroutine[Any, Any, None]]
Reply = str | FimError | Exception


def scripted_provider(ask: Ask, warm: End, close: End) -> Provider:
    """A model of a test's own, with the usual budget."""
    return Provider(
        name="scripted",
        model="script-1",
        source=Source.MODEL,
        local=False,
        budget=Budget(prefix_chars=6000, suffix_chars=2000),
        ask=ask,
        warm=warm,
        close=close,
    )


class ScriptedProvider:
    """Answers each call with the next reply (the last one for ever), once its gate is open."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.prompts: list[Prompt] = []
        self.cancelled = 0
        self.read = ""
        self.closed = False
        self.usage: Usage | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def ask(self, prompt: Prompt, more: Callable[[Chunk], bool]) -> None:
        self.prompts.append(prompt)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(reply, Exception):
            raise reply
        self.read = ""
        for character in reply:
            self.read += character
            if not more(Chunk(text=character)):
                return
        more(Chunk(finish_reason="stop", usage=self.usage))

    async def warm(self) -> None:
        """Nothing to prepare."""

    async def close(self) -> None:
        self.closed = True

    def provider(self, **changes: Any) -> Provider:
        """What the engine sees; `changes` are fields of the provider that matter to a test."""
        return replace(scripted_provider(self.ask, self.warm, self.close), **changes)


def engine_for(
    script: ScriptedProvider, settings: Settings | None = None, clock: Clock = SYSTEM_CLOCK
) -> Engine:
    """An engine over the script; without a debounce unless the settings say otherwise."""

    def connect(chosen: Settings) -> Provider:
        return script.provider(requests_per_minute=chosen.requests_per_minute)

    return Engine(settings or Settings(debounce_ms=0), connect, clock=clock)


class HandFedCall:
    """One call whose text a test feeds piece by piece."""

    def __init__(self, prompt: Prompt) -> None:
        self.prompt = prompt
        self.state = "under way"
        self.fed = ""
        self._usage: Usage | None = None
        self._pieces: asyncio.Queue[str | FimError | None] = asyncio.Queue()

    def feed(self, text: str) -> None:
        """More text comes."""
        self.fed += text
        self._pieces.put_nowait(text)

    def finish(self, usage: Usage | None = None) -> None:
        """The model has come to its end."""
        self._usage = usage
        self._pieces.put_nowait(None)

    def fail(self, error: FimError) -> None:
        """The call fails."""
        self._pieces.put_nowait(error)

    async def run(self, more: Callable[[Chunk], bool]) -> None:
        try:
            while (piece := await self._pieces.get()) is not None:
                if isinstance(piece, FimError):
                    self.state = "failed"
                    raise piece
                if not more(Chunk(text=piece)):
                    self.state = "enough"
                    return
            self.state = "finished"
            more(Chunk(finish_reason="stop", usage=self._usage))
        except asyncio.CancelledError:
            self.state = "cancelled"
            raise


class HandFed(ScriptedProvider):
    """A provider whose calls wait for what a test feeds them."""

    def __init__(self) -> None:
        super().__init__("")
        self.calls: list[HandFedCall] = []

    async def ask(self, prompt: Prompt, more: Callable[[Chunk], bool]) -> None:
        call = HandFedCall(prompt)
        self.calls.append(call)
        await call.run(more)
