"""Keeps an editor's status line up to date: a notification for each change, and no flicker."""

import asyncio
from typing import TYPE_CHECKING

from codestral_ls.engine.condition import Condition
from codestral_ls.fim.providers import choose_endpoints
from codestral_ls.lsp.status import Status, changes_in, place_of, status_of
from codestral_ls.model import Source
from codestral_ls.reuse.pace import Clock

if TYPE_CHECKING:
    from codestral_ls.lsp.server import CodestralServer

METHOD = "codestral/status"
"""A notification of ours, and a request of whoever looks by himself."""

BUSY_SECONDS = 0.05
"""That a call takes before it is shown: what is quicker would only flicker."""


class StatusLine:
    """Sends the status whenever it has changed, once `begin` has told the first one."""

    def __init__(self, server: "CodestralServer", clock: Clock) -> None:
        self._server = server
        self._clock = clock
        self._places: tuple[str, ...] = ()
        self._shown: Status | None = None
        self._is_planned = False
        self._busy: asyncio.Task[None] | None = None
        self._timer: asyncio.Task[None] | None = None

    @property
    def status(self) -> Status:
        """What it says now."""
        return self._status_of(self._server.engine.condition)

    def begin(self) -> None:
        """Tells the first status; nothing is sent before."""
        self.configure()
        self._show(self.status)
        self.changed()

    def configure(self) -> None:
        """The settings have changed, and with them who is asked."""
        endpoints = choose_endpoints(self._server.engine.settings)
        self._places = tuple(place_of(each.url) for each in endpoints)
        self.changed()

    def changed(self) -> None:
        """Something has changed; what changes within one turn of the loop is told once."""
        if self._shown is not None and not self._is_planned:
            self._is_planned = True
            asyncio.get_running_loop().call_soon(self._update)

    def _update(self) -> None:
        self._is_planned = False
        if self._server.protocol.is_shut_down:  # LSP allows no more than the exit
            return
        condition = self._server.engine.condition
        self._server.notices.condition(condition)
        status, seconds = self._status_of(condition), changes_in(condition)
        _end(self._timer)
        self._timer = self._server.start(self._wait(seconds)) if seconds > 0 else None
        if status.state == "busy" and self._shown is not None and self._shown.state != "busy":
            if self._busy is None:
                self._busy = self._server.start(self._wait_busy())
            return
        _end(self._busy)
        self._busy = None
        self._show(status)

    def _show(self, status: Status) -> None:
        if status != self._shown and not self._server.protocol.is_shut_down:
            self._shown = status
            self._server.protocol.notify(METHOD, status.as_json())

    async def _wait(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._timer = None
        self.changed()

    async def _wait_busy(self) -> None:
        await self._clock.sleep(BUSY_SECONDS)
        self._busy = None
        self._show(self.status)

    def _status_of(self, condition: Condition) -> Status:
        provider, settings = self._server.engine.provider, self._server.engine.settings
        by_default = settings.provider == "auto" and not settings.providers
        keyless = by_default and provider.source is Source.OFFLINE
        return status_of(condition, places=self._places, keyless=keyless)


def _end(task: "asyncio.Task[None] | None") -> None:
    if task is not None:
        task.cancel()
