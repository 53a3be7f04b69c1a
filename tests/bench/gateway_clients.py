"""The clients of the gateway's benchmark, in a process of their own.

Requests are due at times that do not depend on how soon others are answered, and go out on any of
is idle. Reads a `Plan` as JSON, says when it is warm, and writes `Figures` as JSON to a file.

usage: python -m tests.bench.gateway_clients FILE < PLAN
"""

import asyncio
import gc
import json
import random
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

from tests.gateway_load import Client, request
from tests.gateway_process import Reply

HITS = frozenset({"cache", "typed through"})
ROUTES = {"complete": "/complete", "fim": "/raw/v1/fim/completions"}
LINE = "value_{} = compute(first_argument, second_argument)\n"
WARMING_AT_ONCE = 8
GIVE_UP_AFTER = 10.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`rate` and `misses` are per second; with a `rate` of 0 each client asks again at once."""

    ports: list[int]
    route: str = "complete"
    tokens: list[str] = field(default_factory=list)
    clients: int = 200
    seconds: float = 60.0
    rate: float = 900.0
    misses: float = 25.0
    places: int = 400
    chars: int = 3000
    seed: int = 8


@dataclass(kw_only=True)
class Figures:
    """Milliseconds by kind, and what else came of it."""

    times: dict[str, list[float]] = field(default_factory=dict)
    late: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Requests:
    """What is asked: places that were asked before, each by the same user, and new ones."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._new = plan, 0
        self._dice = random.Random(plan.seed)  # noqa: S311 - the same every time
        self.known = [self._make(f"known_{number}", number) for number in range(plan.places)]

    def again(self) -> bytes:
        return self._dice.choice(self.known)

    def new(self) -> bytes:
        self._new += 1
        return self._make(f"new_{time.time_ns()}_{self._new}", self._new)

    def pause(self, rate: float) -> float:
        """Until the next one: people do not agree on when to type."""
        return self._dice.expovariate(rate)

    def _make(self, name: str, number: int) -> bytes:
        filler = "".join(LINE.format(each) for each in range(self._plan.chars // len(LINE)))
        prefix = f"{filler}\ndef {name}(first, second):\n    "
        tokens = self._plan.tokens
        token = tokens[number % len(tokens)] if tokens else ""
        path = ROUTES[self._plan.route]
        if self._plan.route == "fim":
            return request(path, {"model": "codestral-2508", "prompt": prefix}, token)
        return request(path, {"prefix": prefix, "suffix": "\n", "language": "python"}, token)


class Run:
    """One run; a request waits only if all clients are busy, and that is counted as its time."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._idle: asyncio.Queue[Client] = asyncio.Queue()
        for number in range(plan.clients):
            self._idle.put_nowait(Client(plan.ports, number))
        self._requests = Requests(plan)
        self._tasks: set[asyncio.Task[None]] = set()
        self.figures = Figures()

    async def warm(self) -> None:
        """Has each known place asked once, which is not measured."""
        left = deque(self._requests.known)

        async def ask() -> None:
            client = Client(self._plan.ports)
            while left:
                reply = await client.ask(left.popleft())
                if reply.status != 200:
                    raise SystemExit(f"{reply.status}: {reply.body!r}")
            client.close()

        await asyncio.gather(*(ask() for _ in range(WARMING_AT_ONCE)))

    async def measure(self) -> None:
        """Goes on for the time of the plan."""
        began = time.perf_counter()
        if self._plan.rate:
            again = self._arrive(self._plan.rate, self._requests.again, began)
            new = self._arrive(self._plan.misses, self._requests.new, began)
            await asyncio.gather(again, new)
        else:
            await asyncio.gather(*(self._hurry(began) for _ in range(self._plan.clients)))
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GIVE_UP_AFTER)
        self.figures.lost += ["no reply in time" for task in self._tasks if not task.done()]
        self.figures.seconds = time.perf_counter() - began

    async def _arrive(self, rate: float, make: Callable[[], bytes], began: float) -> None:
        due = began
        while rate and (due := due + self._requests.pause(rate)) < began + self._plan.seconds:
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            task = asyncio.create_task(self._ask_when_idle(make(), due))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _hurry(self, began: float) -> None:
        while (now := time.perf_counter()) < began + self._plan.seconds:
            await self._ask_when_idle(self._requests.again(), now)

    async def _ask_when_idle(self, data: bytes, due: float) -> None:
        client = await self._idle.get()
        self.figures.late.append(milliseconds(due))
        try:
            reply = await client.ask(data)
        except ConnectionError as error:
            self.figures.lost.append(f"{type(error).__name__}: {error}")
            return
        finally:
            self._idle.put_nowait(client)
        took = milliseconds(due)
        self.figures.statuses[str(reply.status)] += 1
        if reply.status == 200:
            self.figures.times.setdefault(kind_of(reply), []).append(took)


def kind_of(reply: Reply) -> str:
    """Where the text comes from; the wire format of FIM has no room for it but in the head."""
    source = reply.headers.get("x-codestral-ls-source") or str(reply.json["source"])
    return "hit" if source in HITS else source


def milliseconds(since: float) -> float:
    """How long ago something was."""
    return round((time.perf_counter() - since) * 1000, 3)


async def run(plan: Plan) -> Figures:
    """Warms up and measures."""
    it = Run(plan)
    await it.warm()
    sys.stdout.write("warm\n")
    sys.stdout.flush()
    gc.freeze()
    await it.measure()
    return it.figures


def read_plan(stream: Iterator[str]) -> Plan:
    """The plan."""
    return Plan(**json.loads("".join(stream)))


if __name__ == "__main__":
    figures = uvloop.run(run(read_plan(sys.stdin)))
    Path(sys.argv[1]).write_text(json.dumps(vars(figures)), encoding="ascii")
