"""A simulated editor and a server in this process, played against each other."""

import asyncio
import random
from collections.abc import Callable

from codestral_ls.errors import BrokenReply, RateLimited, TimedOut, Unavailable
from codestral_ls.model import Chunk, Prompt
from codestral_ls.provider import Propose, Provider
from codestral_ls.settings import Settings
from tests.fim_endpoint.generation import tokenize
from tests.lsp_client import Session, session
from tests.random_keys_manners import MANNERS
from tests.random_keys_model import Writer
from tests.random_keys_play import Game, Tally
from tests.random_keys_time import Timeline
from tests.scripted import scripted_provider

DEADLINE = 5.0


class MoodyModel:
    """The writer as a provider, on a clock of the test's."""

    def __init__(self, writer: Writer, time: Timeline) -> None:
        self._writer, self._time = writer, time

    def connect(self, _settings: Settings, _propose: Propose) -> Provider:
        """What a server takes for its providers."""
        return scripted_provider(self._ask, self._nothing, self._nothing)

    async def _ask(self, prompt: Prompt, more: Callable[[Chunk], bool]) -> None:
        mood = self._writer.next_mood()
        pause = self._time.clock.sleep
        if mood.fate == "hang":
            await pause(DEADLINE)
            raise TimedOut("no answer")
        await pause(mood.head_after)
        if mood.fate == "429":
            raise RateLimited("too many", retry_after=1.0)
        if mood.fate == "500":
            raise Unavailable("down")
        pieces = tokenize(self._writer.write(prompt.prefix, prompt.suffix))
        if mood.fate == "cut":
            pieces = pieces[: len(pieces) // 2]
        for piece in pieces:
            if not more(Chunk(text=piece)):
                return
            await pause(mood.per_token)
        if mood.fate == "cut":
            raise BrokenReply("cut off")
        more(Chunk(finish_reason="stop"))

    async def _nothing(self) -> None:
        pass


def simulate(editor: str, seed: int, keys: int) -> Tally:
    """Plays one run.

    Raises:
        Wrong: something was not right.
    """
    random.seed(seed)  # the server spreads its pauses after failures by chance
    time, writer = Timeline(seed), Writer(seed)
    model = MoodyModel(writer, time)
    with asyncio.Runner() as runner:
        opening = session(
            None,
            model.connect,
            clock=time.clock,
            debounce_ms="auto",
            offline_fallback=False,
            context="file",
        )
        opened = runner.run(opening.__aenter__())
        try:
            runner.run(_without_threads(opened))
            client = MANNERS[editor](opened, writer, runner.run, time)
            return Game(client, writer, seed).play(keys)
        finally:
            runner.run(opening.__aexit__(None, None, None))


async def _without_threads(opened: Session) -> None:
    """Has done what threads would do in their own time: a run played again is the same one."""
    await opened.server.engine.prepare("python")
    opened.server.view._access._now = lambda: 0.0  # noqa: SLF001 - verdicts stay fresh
