"""`POST /complete`: the shaped text for a cursor, at once or as it grows."""

import itertools
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import partial

from starlette.requests import Request as HttpRequest
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from codestral_ls.engine.journal import name_of
from codestral_ls.gateway.access import caller, values_of
from codestral_ls.gateway.answers import Asked, answer_of, expected
from codestral_ls.gateway.asking import asked_of, read_body
from codestral_ls.gateway.bodies import read_json
from codestral_ls.gateway.errors import Refusal, failure_in, internal_error
from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.replies import EVENT_STREAM, json_reply
from codestral_ls.gateway.streams import Attended, EventStream, Grow, attended
from codestral_ls.gateway.users import User
from codestral_ls.happenings import Labels, RequestEnded
from codestral_ls.model import Answer, Nothing, Outcome


def routes(gateway: Gateway) -> list[Route]:
    """The route of this family."""
    return [Route("/complete", Completion(gateway), methods=["POST"])]


class Completion:
    """Answers calls; each has a lane of its own, so that none supersedes another."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._lanes: Iterator[int] = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one call.

        Raises:
            Refusal: it is not answered.
            Gone: nobody waits for the answer any more.
        """
        request, gateway = HttpRequest(scope, receive), self._gateway
        user = await caller(request, gateway)
        body = read_body(await read_json(request, gateway))
        began, lane = time.perf_counter(), f"http-{next(self._lanes)}"
        call = Call(gateway, user, asked_of(body, user, gateway.models, lane), began)
        if any(EVENT_STREAM in each.lower() for each in values_of(scope, b"accept")):
            await call.stream(receive, EventStream(send))
        else:
            reply = json_reply(call.answer(await call.outcome(receive)))
            await reply(scope, receive, send)


class Call:
    """One call that was read and understood, begun at a time of the performance counter."""

    def __init__(self, gateway: Gateway, user: User, asked: Asked, began: float) -> None:
        self._gateway = gateway
        self._user = user
        self._asked = asked
        self._began = began

    async def outcome(self, receive: Receive) -> Outcome:
        """What the engine says, if it is no failure; what is known already costs nothing more."""
        known = await self._known()
        if known is not None:
            return known
        async with self._attended(receive) as work:
            return self._unless_failed(await work.result())

    async def stream(self, receive: Receive, events: EventStream) -> None:
        """Tells the text as it grows and what came of it; a failure at once has its own status."""
        known = await self._known()
        if known is not None:
            await events.end("done", self.answer(known))
            return
        async with self._attended(receive) as work:
            async for text in work.growth():
                await events.tell("growing", {"completion": self._asked.shown(text)})
            try:
                answer = self.answer(self._unless_failed(await work.result()))
            except Exception as error:
                refusal = error if isinstance(error, Refusal) else internal_error()
                await events.fail(refusal)
                raise
            else:
                await events.end("done", answer)

    def answer(self, outcome: Outcome) -> dict[str, object]:
        """The reply for an outcome."""
        return answer_of(self._asked, outcome, time.perf_counter() - self._began)

    async def _known(self) -> Outcome | None:
        """What memory holds for this very user; None if a model is to be asked."""
        request = self._asked.request
        if request.snapshot.scope.wishes.candidates > 1:
            return None
        outcome = self._asked.engine.recall(request)
        if outcome is None:
            return None
        async with self._gateway.admission.admit(self._user):
            pass
        self._tell(outcome)
        return self._unless_failed(outcome)

    def _tell(self, outcome: Outcome) -> None:
        """Counts a request that the engine has not seen to its end."""
        text = outcome.text if isinstance(outcome, Answer) else ""
        labels = Labels(
            language=self._asked.request.snapshot.language,
            provider=outcome.provider,
            model=outcome.model,
            owner=self._user.name,
        )
        self._gateway.tell(
            RequestEnded(
                labels=labels,
                outcome=name_of(outcome),
                answered=bool(text),
                waited=0.0,
                total=time.perf_counter() - self._began,
                chars=len(text),
            )
        )

    def _attended(self, receive: Receive) -> AbstractAsyncContextManager[Attended[Outcome]]:
        request = self._asked.request
        return attended(self._ask, receive, partial(self._asked.engine.leave, request.lane))

    async def _ask(self, grow: Grow) -> Outcome:
        request, engine = replace(self._asked.request, watch=grow), self._asked.engine
        tokens, cost = expected(self._asked)
        async with self._gateway.admission.admit(self._user, tokens=tokens, cost=cost):
            return await engine.complete(request)

    def _unless_failed(self, outcome: Outcome) -> Outcome:
        """The outcome.

        Raises:
            Refusal: it is a failure.
        """
        if not isinstance(outcome, Nothing):
            return outcome
        runs_it = not self._gateway.tokens and not self._gateway.own.is_open
        failure = failure_in(self._asked.engine.condition, outcome, detailed=runs_it)
        if failure is not None:
            raise failure
        return outcome
