"""That the workspace is being read, shown by clients that can, if it takes a while."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from codestral_ls.reuse.pace import Clock

PATIENCE_SECONDS = 1.0
"""What is quicker is not worth showing."""
LOOK_SECONDS = 0.5
"""Between two looks at how far it is."""
TITLE = "Reading the workspace"


class Peer(Protocol):
    """The client, as far as it is asked here."""

    def notify(self, method: str, params: Any) -> None:  # noqa: ANN401 - of pygls
        """Sends a notification."""

    def send_request(self, method: str, params: Any) -> "Future[Any]":  # noqa: ANN401 - of pygls
        """Sends a request."""


async def show_indexing(
    peer: Peer, look: Callable[[], dict[str, Any]], clock: Clock, patience: float = PATIENCE_SECONDS
) -> None:
    """Tells how far indexing is until it is done, or the index is gone; `look` is its status.

    There is no percentage: how many files there are is known once they have been walked.
    """
    await clock.sleep(patience)
    if not _is_reading(look()):
        return
    token = str(uuid4())
    create = types.WorkDoneProgressCreateParams(token=token)
    try:
        await asyncio.wrap_future(peer.send_request(types.WINDOW_WORK_DONE_PROGRESS_CREATE, create))
    except JsonRpcException:
        return  # whoever refuses the token is told nothing
    if not _is_reading(look()):
        return
    said = words(look())
    _tell(peer, token, types.WorkDoneProgressBegin(title=TITLE, message=said, cancellable=False))
    try:
        while _is_reading(look()):
            await clock.sleep(LOOK_SECONDS)
            before, said = said, words(look())
            if said != before:
                _tell(peer, token, types.WorkDoneProgressReport(message=said))
    finally:
        _tell(peer, token, types.WorkDoneProgressEnd(message=said))


def words(status: dict[str, Any]) -> str:
    """How far it is, for the user."""
    return f"{status.get('files', 0)} files"


def _is_reading(status: dict[str, Any]) -> bool:
    return bool(status["running"]) and not status["done"]


def _tell(peer: Peer, token: str, value: Any) -> None:  # noqa: ANN401 - one of three
    peer.notify(types.PROGRESS, types.ProgressParams(token=token, value=value))
