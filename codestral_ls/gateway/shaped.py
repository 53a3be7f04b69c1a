"""Filling an order as an editor would be answered: with shaping, and from what is known.

Clients of this format ask by themselves while somebody types, so that this is what they are
answered like: nothing inside of a word, a few lines. One who asks by hand says so in the metadata
(`"trigger": "invoked"`), beside `language` and `path`, which the format has no room for either.
"""

import asyncio

from codestral_ls.gateway.answers import Asked, expected
from codestral_ls.gateway.asking import line_end_of, snapshot_of
from codestral_ls.gateway.costs import usage_of
from codestral_ls.gateway.errors import failure_in
from codestral_ls.gateway.orders import Order, Take, Way
from codestral_ls.model import (
    Answer,
    Chunk,
    Nothing,
    Outcome,
    Request,
    Snapshot,
    Source,
    Trigger,
    Usage,
)
from codestral_ls.wishes import Scope, Wishes


def _asked_of(order: Order) -> Asked:
    """The order as the engine takes it, in a lane of its own: nothing supersedes it."""
    engine, place = order.model.engine, order.place
    invoked = order.body.note("trigger") == Trigger.INVOKED.value
    scope = Scope(owner=order.user.name, wishes=_wishes(order))
    request = Request(
        snapshot=snapshot_of(place, engine.budget, scope),
        trigger=Trigger.INVOKED if invoked else Trigger.AUTOMATIC,
        lane=order.id,
        patient=True,
    )
    line_end = line_end_of(place.prefix) or line_end_of(place.suffix) or "\n"
    return Asked(engine=engine, request=request, line_end=line_end)


def _wishes(order: Order) -> Wishes:
    body = order.body
    return Wishes(
        candidates=1,
        max_tokens=body.max_tokens or 0,
        stop=body.stops,
        temperature=body.temperature,
        top_p=body.top_p,
        min_tokens=body.min_tokens or 0,
        random_seed=body.random_seed,
    )


async def recall(order: Order) -> tuple[Chunk, ...]:
    """What this user's memory knows at the place."""
    asked = _asked_of(order)
    if asked.engine.recall(asked.request) is None:
        return ()
    async with order.gateway.admission.admit(order.user):
        return _chunks(await asked.engine.complete(asked.request), asked)


async def fill(order: Order, take: Take) -> None:
    """Lets the engine complete, within the bounds of who asks."""
    asked = _asked_of(order)
    tokens, cost = expected(asked)
    async with order.gateway.admission.admit(order.user, tokens=tokens, cost=cost):
        try:
            outcome = await asked.engine.complete(asked.request)
        except asyncio.CancelledError:
            asked.engine.leave(asked.request.lane)  # or it is generated to its end for nobody
            raise
    for chunk in _chunks(outcome, asked):
        take(chunk)


def _chunks(outcome: Outcome, asked: Asked) -> tuple[Chunk, ...]:
    """An outcome as what a model would have sent.

    Raises:
        Refusal: it is a failure.
    """
    if isinstance(outcome, Nothing):
        if (failure := failure_in(asked.engine.condition, outcome)) is not None:
            raise failure
        return (Chunk(finish_reason="stop", usage=outcome.usage or Usage()),)
    text = asked.shown(insertion(outcome, asked.request.snapshot))
    generated = outcome.source is Source.MODEL
    begun = () if generated else (Chunk(source=outcome.source),)
    counted = usage_of(outcome.sent, outcome.text) if generated and outcome.sent else Usage()
    return (*begun, Chunk(text=text), Chunk(finish_reason="stop", usage=outcome.usage or counted))


def insertion(answer: Answer, snapshot: Snapshot) -> str:
    """The text of an answer for clients that can only insert, in front of what it would replace.

    These closers stay. If the text does not end with them, it has to end where they would come.
    """
    replaced = snapshot.line_tail[: answer.replaces]
    if answer.text.endswith(replaced):
        return answer.text[: len(answer.text) - len(replaced)]
    depth = 0
    for at, each in enumerate(answer.text):
        if each == replaced[0] and not depth:
            return answer.text[:at]
        depth += (each in "([{") - (each in ")]}")
    return ""


SHAPED = Way(recall, fill)
