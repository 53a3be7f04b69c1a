"""Where nothing is the best answer, so that nobody is asked for one. Pure."""

import re
from collections.abc import Callable

from codestral_ls.model import Edit, Reason, Request, Trigger
from codestral_ls.settings import Settings
from codestral_ls.shaping.surroundings import Surroundings

Doubt = Callable[[Request, Settings, Surroundings], bool]

_IN_WORD = re.compile(r"\w\w")
_CLOSED = re.compile(r"[)\]}]*\}[)\]}]*[;,]?")
_DONE = re.compile(r"(?:pass|break|continue)\s*;?")


def doubt(request: Request, settings: Settings, around: Surroundings) -> Reason | None:
    """Why a request that nobody made by hand is better not asked; None if it may well be."""
    if request.trigger is Trigger.INVOKED:
        return None
    return next((reason for reason, holds in DOUBTS if holds(request, settings, around)), None)


def is_finished(around: Surroundings) -> bool:
    """Whether the statement in the cursor's line is over, so that the line end is what comes."""
    code = around.head.strip()
    if not code or around.tail.strip() or around.lexis.prose:
        return False
    closed = _CLOSED.fullmatch(code) and around.head.endswith(code)  # `} ` may go on with else
    ended = code.endswith(";") and around.lexis.semicolons
    if not (ended or closed or _DONE.fullmatch(code)):
        return False
    return not around.inside and not (around.pending and around.pending[0].closer == ")")


DOUBTS: tuple[tuple[Reason, Doubt], ...] = (
    (Reason.TAKEN_BACK, lambda request, _settings, _around: request.edit is Edit.DELETED),
    (
        Reason.IN_WORD,
        lambda _request, _settings, around: bool(
            _IN_WORD.fullmatch(around.head[-1:] + around.tail[:1])
        ),
    ),
    (
        Reason.IN_COMMENT,
        lambda _request, settings, around: not settings.comments and around.in_comment,
    ),
    (
        Reason.IN_STRING,
        lambda _request, settings, around: not settings.strings and around.in_string,
    ),
    (
        Reason.FINISHED,  # behind what was accepted or pasted the next line may come
        lambda request, _settings, around: (
            request.edit is not Edit.INSERTED and is_finished(around)
        ),
    ),
)
