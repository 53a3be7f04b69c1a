"""The engine lets a local server read ahead what it will be told, while that is idle."""

import asyncio
from dataclasses import replace

from codestral_ls.context.prompt import Sources
from codestral_ls.context.view import NoView
from codestral_ls.engine.engine import Engine
from codestral_ls.errors import Unavailable
from codestral_ls.model import Budget, Prompt, Snapshot, Snippet, Trigger
from tests.chained import AT_ONCE, engine_over
from tests.marked import request
from tests.scripted import HandFed, ScriptedProvider
from tests.virtual_clock import VirtualTime, settle


class Primed:
    """Prompts that were read ahead, each for as long as a test wants."""

    def __init__(self) -> None:
        self.prompts: list[Prompt] = []
        self.cancelled = 0
        self.gate = asyncio.Event()

    async def prime(self, prompt: Prompt) -> None:
        self.prompts.append(prompt)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


class Beside(NoView):
    """A view with lines of another file."""

    def sources(self, _snapshot: Snapshot) -> Sources:
        return Sources(path="a.py", snippets=(Snippet(path="b.py", text="b = 1"),))


def engine_with(model: ScriptedProvider, primed: Primed) -> Engine:
    budget = Budget(prefix_chars=6000, suffix_chars=2000, snippet_chars=1000)
    provider = model.provider(local=True, prime=primed.prime, budget=budget)
    return engine_over(provider, view=Beside())


async def test_what_a_call_will_be_told_is_read_ahead() -> None:
    """With the lines of other files, and once."""
    primed, model = Primed(), ScriptedProvider("one")
    engine = engine_with(model, primed)
    for _ in range(2):
        engine.prime(request("x = ‸\n"))
        await settle()
    (prompt,) = primed.prompts
    assert prompt.snippets == (Snippet(path="b.py", text="b = 1"),)
    assert engine.under_way == 0
    assert engine.journal.latest(1) == []
    await engine.complete(request("x = ‸\n"))
    assert model.prompts == [prompt]
    await engine.close()


async def test_a_call_ends_it_at_once() -> None:
    """Nobody waits for what was only meant to save time."""
    primed, model = Primed(), ScriptedProvider("one")
    engine = engine_with(model, primed)
    engine.prime(request("x = ‸\n"))
    await settle()
    await engine.complete(request("y = ‸\n"))
    assert primed.cancelled == 1
    engine.prime(request("z = ‸\n"))
    await settle()
    await engine.close()
    await settle()
    assert primed.cancelled == 2


async def test_it_waits_until_nothing_is_under_way() -> None:
    """A server that writes has no time for it."""
    primed, model = Primed(), HandFed()
    engine = engine_with(model, primed)
    asked = asyncio.create_task(engine.complete(request("x = ‸\n")))
    await settle()
    engine.prime(request("y = ‸\n"))
    await settle()
    assert primed.prompts == []
    model.calls[0].feed("one")
    model.calls[0].finish()
    await asked
    await settle()
    assert [each.prefix for each in primed.prompts] == ["y = "]
    await engine.close()


async def test_what_waits_is_forgotten_with_the_next_call() -> None:
    """Which is told what is newer."""
    primed, model = Primed(), HandFed()
    engine = engine_with(model, primed)
    older = asyncio.create_task(engine.complete(request("x = ‸\n")))
    await settle()
    engine.prime(request("x = ‸\n"))
    newer = asyncio.create_task(engine.complete(request("x = ‸\n", trigger=Trigger.INVOKED)))
    await settle()
    assert len(model.calls) == 3
    for call in model.calls:
        call.feed("one")
        call.finish()
    await asyncio.gather(older, newer)
    await settle()
    assert primed.prompts == []
    await engine.close()


async def test_what_waits_is_forgotten_with_its_document() -> None:
    """Nobody will ask there."""
    primed, model = Primed(), HandFed()
    engine = engine_with(model, primed)
    asked = asyncio.create_task(engine.complete(request("x = ‸\n")))
    await settle()
    engine.prime(request("x = ‸\n"))
    engine.abandon("file:///w/a.py")
    await asked
    await settle()
    assert primed.prompts == []
    await engine.close()


async def test_nothing_is_read_ahead_where_nothing_will_be_asked() -> None:
    """Not by others, not where ghost text is off, and not while the server fails."""
    primed, model = Primed(), ScriptedProvider(Unavailable("down"))
    engine = engine_with(model, primed)
    await engine.complete(request("x = ‸\n"))
    engine.prime(request("y = ‸\n"))
    await settle()
    engine.retry()
    engine.prime(request("y = ‸\n", language="plaintext"))
    engine.configure(replace(AT_ONCE, enabled=False))
    engine.prime(request("y = ‸\n"))
    engine_over(model.provider()).prime(request("y = ‸\n"))
    await settle()
    assert primed.prompts == []


async def test_after_a_failure_nothing_is_read_ahead_before_it_is_known_to_be_over() -> None:
    """The pause may be over, but the one request that tries comes first."""
    time = VirtualTime()
    primed, model = Primed(), ScriptedProvider(Unavailable("down"))
    engine = engine_over(model.provider(local=True, prime=primed.prime), time=time)
    await engine.complete(request("x = ‸\n"))
    await time.pass_time(10)
    engine.prime(request("y = ‸\n"))
    await settle()
    assert primed.prompts == []


async def test_a_failure_of_it_is_nobodys_business() -> None:
    """The call itself will tell; nothing is raised, and the circuit stays closed."""

    async def fail(_prompt: Prompt) -> None:
        raise Unavailable("down")

    class Broken(NoView):
        def known_denial(self, _uri: str) -> str:
            raise OSError("no disk")

    script = ScriptedProvider("one")
    for view in (NoView(), Broken()):
        engine = engine_over(script.provider(prime=fail), view=view)
        engine.prime(request("x = ‸\n"))
        await settle()
        assert engine.condition.failure is None
