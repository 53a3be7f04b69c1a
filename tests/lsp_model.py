"""A model of a test's own, as a server's provider."""

import asyncio
from collections.abc import Callable

from codestral_ls.errors import FimError
from codestral_ls.model import Chunk, Prompt
from codestral_ls.provider import Propose, Provider
from codestral_ls.settings import Settings
from tests.scripted import scripted_provider


class Model:
    """A provider that says what a test wants, when the test wants it.

    While `gate` is cleared, calls wait; `say` gives the text for a prompt.
    """

    def __init__(self, text: str = "ghost", error: FimError | None = None) -> None:
        self.text = text
        self.error = error
        self.say: Callable[[Prompt], str] = lambda _prompt: self.text
        self.gate = asyncio.Event()
        self.gate.set()
        self.prompts: list[Prompt] = []
        self.settings: list[Settings] = []
        self.closed = 0

    def connect(self, settings: Settings, _propose: Propose) -> Provider:
        """What a server takes for its providers."""
        self.settings.append(settings)
        return scripted_provider(self._ask, self._warm, self._close)

    async def _ask(self, prompt: Prompt, take: Callable[[Chunk], bool]) -> None:
        self.prompts.append(prompt)
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        take(Chunk(text=self.say(prompt), finish_reason="stop"))

    async def _warm(self) -> None:
        pass

    async def _close(self) -> None:
        self.closed += 1
