"""What a user would see of what a model wrote: one walk through a real engine."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from codestral_ls.engine.engine import Engine
from codestral_ls.model import Answer, Chunk, Edit, Prompt, Request, Snapshot, Trigger
from codestral_ls.settings import Settings
from tests.scripted import scripted_provider

SETTINGS = Settings(debounce_ms=0, languages=("*",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Ghost text (empty: none), how much of the line's tail it replaces, and why it is so.

    `rules` names what had a part in it; `reason` is the one for showing nothing.
    """

    text: str = ""
    replaces: int = 0
    rules: tuple[str, ...] = ()
    reason: str = ""


def show(  # noqa: PLR0913 - each is one thing that a case may set
    written: str,
    there: Snapshot,
    *,
    settings: Settings = SETTINGS,
    trigger: Trigger = Trigger.AUTOMATIC,
    edit: Edit = Edit.TYPED,
    finish_reason: str = "stop",
    pieces: Sequence[str] = (),
) -> Shown:
    """Shows what a fresh engine makes of a model's text, streamed in `pieces` (or as a whole)."""
    request = Request(snapshot=there, trigger=trigger, lane=there.uri, edit=edit)
    return asyncio.run(_show(pieces or (written,), request, settings, finish_reason))


async def _show(
    pieces: Sequence[str], request: Request, settings: Settings, finish_reason: str
) -> Shown:
    async def ask(_: Prompt, more: Callable[[Chunk], bool]) -> None:
        for piece in pieces:
            if not more(Chunk(text=piece)):
                return
            await asyncio.sleep(0)
        more(Chunk(finish_reason=finish_reason))

    async def nothing() -> None:
        pass

    engine = Engine(settings, lambda _: scripted_provider(ask, nothing, nothing))
    outcome = await engine.complete(request)
    await engine.close()
    if isinstance(outcome, Answer):
        rules = tuple(each.rule for each in outcome.steps)
        return Shown(text=outcome.text, replaces=outcome.replaces, rules=rules)
    return Shown(reason=str(outcome.reason), rules=tuple(filter(None, (outcome.detail,))))
