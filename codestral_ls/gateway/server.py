"""uvicorn's server, and how it ends: with every reply given that somebody has asked for."""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import cast

import uvicorn
from starlette.applications import Starlette

from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.listening import close_door, is_somebody_waiting
from codestral_ls.gateway.protocol import GatewayProtocol, State
from codestral_ls.reuse.pace import SYSTEM_CLOCK, Clock

KEEP_ALIVE_SECONDS = 75
LINGER_SECONDS = 2.0
"""How long a server that is to end takes further requests, at most, and by each reply sends its
client elsewhere: whoever asks again in this time finds no closed door."""
QUIET_SECONDS = 0.2
"""Nobody connected for so long: nobody is to be sent elsewhere."""
DOOR_SECONDS = 0.2
"""For handshakes that have begun: from one end of the world to the other."""
STEP_SECONDS = 0.02
LAST_SECONDS = 1.0
"""For what must be given back when a reply is broken off."""
TURNS = 5
"""Of the loop: it accepts, reads, and begins a request in three of them."""

log = logging.getLogger(__name__)


def config_of(app: Starlette, context: ssl.SSLContext | None) -> uvicorn.Config:
    """How uvicorn serves: it trusts no header of a proxy, and logs nothing that was asked."""
    return uvicorn.Config(
        app,
        http=GatewayProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        interface="asgi3",
        ssl_context_factory=None if context is None else lambda _config, _usual: context,
    )


class Server(uvicorn.Server):
    """Serves until `drain` is called, and then until all are answered, or `end` is called."""

    def __init__(
        self,
        config: uvicorn.Config,
        gateway: Gateway,
        *,
        state: State | None = None,
        on_ready: Callable[[], None] = lambda: None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        super().__init__(config)
        self.server_state = state or State()
        self._gateway = gateway
        self._on_ready = on_ready
        self._others_listen = False
        self._clock = clock

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to the process."""
        yield

    def drain(self, *, others_listen: bool = False) -> None:
        """Lets all who are asking, or begin to at this moment, have their replies, and ends.

        With `others_listen` the same sockets stay open in other processes, which go on.
        """
        # What is said of this process alone does not take back what was said of all.
        self._others_listen = others_listen and (self._others_listen or not self.should_exit)
        if not self._gateway.is_draining:
            log.info("told to end, with %d requests under way", len(self._busy()))
        self._gateway.is_draining = True
        self.should_exit = True

    def end(self) -> None:
        """Ends at once, whoever is waiting."""
        self.drain()
        self.force_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves from here on."""
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Goes on for a short while, stops listening, and waits for the replies under way."""
        deadline = self._clock.now() + self._gateway.own.drain_seconds
        await self._linger(min(deadline, self._clock.now() + LINGER_SECONDS))
        await self._stop_listening(sockets or [])
        await self._wait(lambda: not self._busy(), deadline)
        if self._busy() and not self.force_exit:
            log.warning("%d requests were broken off: they took too long", len(self._busy()))
        await self._close_all()

    async def _linger(self, deadline: float) -> None:
        quiet_since = self._clock.now()

        def is_quiet() -> bool:
            nonlocal quiet_since
            if self.server_state.connections:
                quiet_since = self._clock.now()
            return self._clock.now() - quiet_since >= QUIET_SECONDS

        await self._wait(is_quiet, deadline)

    async def _stop_listening(self, sockets: list[socket.socket]) -> None:
        """Closes the sockets after all have been accepted who were told that they are connected."""
        if not self._others_listen:
            for each in sockets:
                close_door(each)
            await self._clock.sleep(DOOR_SECONDS)
            until = self._clock.now() + LAST_SECONDS
            await self._wait(lambda: not is_somebody_waiting(sockets), until)
        for server in self.servers:
            server.close()
        for each in sockets:
            each.close()

    async def _close_all(self) -> None:
        """Closes what is left: connections on which nothing is asked, or all if time is over."""
        await self._turn()  # a request that has arrived by now is taken for one
        if not self.force_exit:
            await self._wait(lambda: not self._busy(), self._clock.now())
        for each in self._connections():
            if each.is_idle:
                each.transport.close()
            else:
                each.transport.abort()
        await self._turn()
        await self._finish()
        for task in self.server_state.tasks:
            task.cancel()
        await self._finish()

    async def _finish(self) -> None:
        """Lets requests give back what they hold: they see that nobody waits for them."""
        if tasks := list(self.server_state.tasks):
            await asyncio.wait(tasks, timeout=LAST_SECONDS)

    def _connections(self) -> list[GatewayProtocol]:
        return [cast("GatewayProtocol", each) for each in self.server_state.connections]

    def _busy(self) -> list[GatewayProtocol]:
        return [each for each in self._connections() if not each.is_idle]

    async def _wait(self, condition: Callable[[], bool], deadline: float) -> None:
        while not (condition() or self.force_exit or self._clock.now() >= deadline):
            await self._clock.sleep(STEP_SECONDS)

    async def _turn(self) -> None:
        """Lets the loop take what has come."""
        for _ in range(TURNS):
            await asyncio.sleep(0)
