"""The endpoint of the benchmark, in a process of its own: FIM on the wire, knows what is typed.

usage: python -m tests.bench.typist.oracle MODEL

Prints its URL. A run's base URL is that and a path that says all about it: seed, number of pieces,
requests allowed a minute (0: as many as you like), and a name: `URL/3-5-0-ours.neovim`. What was
asked in a run is told under `URL/.../calls`.
"""

# ruff: noqa: S311 - what is drawn here must be the same each time

import asyncio
import math
import random
import sys
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.fim_endpoint.behaviour import Behaviour
from tests.fim_endpoint.connection import Connection
from tests.fim_endpoint.exchange import Exchange
from tests.fim_endpoint.generation import Generation, generate
from tests.fim_endpoint.records import Call
from tests.fim_endpoint.replies import Reply, invalid, json_reply, sample, unauthorized
from tests.fim_endpoint.schema import parse

from .knowledge import Knowledge, Place
from .tally import TAIL

FIM = "/v1/fim/completions"
KEY = "test-key-0000"
MINUTE = 60.0
UNLIMITED = 6000
"""What the headers say where nothing is limited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Seconds: mean to the first token, its lognormal sigma, for a token, for a new connection."""

    first_token: float
    spread: float = 0.35
    per_token: float
    connecting: float = 0.08
    perfect: bool = False

    def draw_first_token(self, rng: random.Random) -> float:
        if not self.first_token:
            return 0.0
        median = math.log(self.first_token) - self.spread**2 / 2
        return rng.lognormvariate(median, self.spread)


MODELS = {
    "remote": Model(first_token=0.22, per_token=1 / 120),
    "slow": Model(first_token=0.5, per_token=1 / 60),
    "local": Model(first_token=0.06, per_token=1 / 80),
    "perfect": Model(first_token=0.0, per_token=0.0, connecting=0.0, perfect=True),
}


@dataclass(slots=True)
class Asked:
    """A call and what was made of it."""

    call: Call
    generation: Generation | None
    place: Place | None
    ended_at: float | None = None

    def told(self) -> dict[str, Any]:
        call, generation = self.call, self.generation
        return {
            "at": call.arrived_at,
            "ended": self.ended_at,
            "status": call.status,
            "hole": self.place.hole.number if self.place else -1,
            "place": self.place.at if self.place else -1,
            "tail": str(call.body.get("prompt", ""))[-TAIL:],
            "text": "".join(generation.pieces) if generation else "",
            "prompt_tokens": generation.prompt_tokens if generation else 0,
            "tokens": call.tokens,
            "dropped": call.hung_up_at is not None,
        }


@dataclass(slots=True)
class Told:
    """One run's share of the endpoint."""

    knowledge: Knowledge
    limit: int
    latency: random.Random
    asked: list[Asked] = field(default_factory=list)
    recent: deque[float] = field(default_factory=deque)


class Oracle:
    """Answers all runs of one model."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._runs: dict[str, Told] = {}
        self._connections = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def welcome(self) -> Connection:
        self._connections += 1
        return Connection(self._connections, self._begin, lambda: None)

    def _begin(self, connection: Connection) -> None:
        task = asyncio.create_task(self._serve(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, connection: Connection) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            # The handshake: whoever leaves meanwhile has sent nothing yet.
            await asyncio.wait([connection.gone], timeout=self._model.connecting or 0.0001)
            while not connection.gone.done():
                await self._answer(connection)
        await connection.close()

    async def _answer(self, connection: Connection) -> None:
        call = await connection.receive()
        name, _, path = call.path.removeprefix("/").partition("/")
        if path == "calls":
            told = json_reply([asked.told() for asked in self._run(name).asked])
            await connection.send(told, {})
        elif f"/{path}" != FIM or call.method != "POST":
            missing = Reply() if call.method == "HEAD" else sample("errors/404-route.json")
            await connection.send(missing, {})
        else:
            await self._complete(connection, call, self._run(name))
        connection.call = None

    async def _complete(self, connection: Connection, call: Call, run: Told) -> None:
        asked = Asked(call, None, None)
        run.asked.append(asked)
        outcome, behaviour = self._judge(call, run, asked)
        headers = self._headers(run, outcome)
        try:
            await Exchange(connection, call, behaviour, headers).run(outcome, len(run.asked))
            call.ended = True
        finally:
            asked.ended_at = connection.loop.time()
            if not call.ended and call.hung_up_at is None:
                call.hung_up_at = asked.ended_at

    def _judge(self, call: Call, run: Told, asked: Asked) -> tuple[Reply | Generation, Behaviour]:
        quick = Behaviour()
        while run.recent and run.recent[0] <= call.arrived_at - MINUTE:
            run.recent.popleft()
        if call.header("authorization") != f"Bearer {KEY}":
            return unauthorized("api"), quick
        request = parse(call.raw_body)
        if isinstance(request, list):
            return invalid("api", request), quick
        if run.limit and len(run.recent) >= run.limit:
            return sample("errors/429-rate.json"), quick
        run.recent.append(call.arrived_at)
        suffix = request.suffix or ""
        asked.place = run.knowledge.place(request.prompt, suffix)
        if asked.place is None:
            text = run.knowledge.guess(request.prompt)
        else:
            text = run.knowledge.continuation(asked.place, suffix)
        behaviour = Behaviour(
            text=text,
            first_token=self._model.draw_first_token(run.latency),
            per_token=self._model.per_token,
        )
        asked.generation = generate(request, behaviour)
        return asked.generation, behaviour

    def _headers(self, run: Told, outcome: Reply | Generation) -> dict[str, str]:
        limit = run.limit or UNLIMITED
        cost = outcome.usage["total_tokens"] if isinstance(outcome, Generation) else 0
        return {
            "mistral-correlation-id": f"01900000-0000-7000-8000-{len(run.asked):012x}",
            "x-ratelimit-limit-req-minute": str(limit),
            "x-ratelimit-remaining-req-minute": str(max(0, limit - len(run.recent))),
            "x-ratelimit-tokens-query-cost": str(cost),
        }

    def _run(self, name: str) -> Told:
        if name not in self._runs:
            seed, holes, limit, _ = name.split("-", 3)
            self._runs[name] = Told(
                Knowledge(int(seed), int(holes), perfect=self._model.perfect),
                int(limit),
                random.Random(f"latency/{seed}"),
            )
        return self._runs[name]


async def _listen(model: Model) -> None:
    oracle = Oracle(model)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(oracle.welcome, "127.0.0.1", 0)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_listen(MODELS[sys.argv[1]]))
