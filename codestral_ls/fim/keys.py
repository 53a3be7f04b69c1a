"""The key of one endpoint: where it comes from, read once, and again when it is refused.

In this order: `api_key`, `api_key_command`, `api_key_file`, `api_key_keyring`, and the provider's
own variable.
"""

import asyncio
import os
from collections.abc import Callable

import anyio

from codestral_ls.errors import FimError, Unauthorized
from codestral_ls.fim.lookups import (
    Program,
    program_name,
    read_file,
    read_keyring,
    secret_in,
    words_of,
)
from codestral_ls.fim.providers import KeyPlan
from codestral_ls.fim.threads import begin
from codestral_ls.kinds import Secret

SECONDS = 60.0
"""For a program or a keyring to answer: some ask the user for a passphrase. No call waits as long,
but what comes after its end is there for the next one."""


class Key:
    """Brings the key of an endpoint; nothing is read before it is needed.

    A program or a keyring has so many `seconds`; callers that leave do not end it. Belongs to the
    event loop in which it is first used; `close` it there.
    """

    def __init__(self, plan: KeyPlan, *, host: str = "", seconds: float = SECONDS) -> None:
        self._plan = plan
        self._host = host
        self.seconds = seconds
        self._is_kept_elsewhere = bool(plan) and not plan.given
        self._secret = None if self._is_kept_elsewhere else plan.given
        self._seen: tuple[Secret, ...] = tuple(filter(None, [self._secret]))
        self._reading: asyncio.Future[Secret | str] | None = None
        self._end: Callable[[], None] | None = None
        self._closed = False

    @property
    def origin(self) -> str:
        """Where it comes from, in words; "" if there is none."""
        command = words_of(self._plan.command) if self._is_kept_elsewhere else []
        return self._plan.origin + (f" ({program_name(command[0])})" if command else "")

    @property
    def seen(self) -> tuple[Secret, ...]:
        """Every key that was read so far: no message may show one of them."""
        return self._seen

    @property
    def is_read(self) -> bool:
        """Whether `get` has nothing to wait for."""
        return self._secret is not None

    async def get(self) -> Secret:
        """The key; empty if there is none and none is needed. Callers at once share one reading.

        Raises:
            Unauthorized: there is none, and what the user can do.
        """
        if self._secret is None:
            self._secret = await self._read()
        if not self._secret and self._plan.needed:
            raise Unauthorized(f"There is no API key for {self._host}. Set {self._plan.variable}.")
        return self._secret

    async def renew(self, refused: Secret) -> bool:
        """Reads again after a key was refused; True if there is another one now.

        Some keys live for an hour, such as those of `gcloud auth print-access-token`.

        Raises:
            Unauthorized: as `get`.
        """
        if self._is_kept_elsewhere and self._secret == refused:
            self._secret = None
        return await self.get() != refused

    def close(self) -> None:
        """Ends a program that is still asked."""
        self._closed = True
        if self._end is not None:
            self._end()

    async def _read(self) -> Secret:
        reading = self._reading
        if reading is None or (reading.done() and isinstance(reading.result(), str)):
            reading = self._reading = self._begin()
        found: Secret | str = f"{self.origin} has not brought a key within {self.seconds:g} s."
        with anyio.move_on_after(2 * self.seconds):  # a program's own limit comes first
            found = await asyncio.shield(reading)
            if self._reading is reading:
                self._reading = None
        if isinstance(found, str):
            raise Unauthorized(found)
        self._seen = tuple(dict.fromkeys((*self._seen, found)))
        return found

    def _begin(self) -> "asyncio.Future[Secret | str]":
        """Reads in a thread of its own, which keeps no process alive that wants to end.

        What comes is a key or, in words, why there is none. One that hangs is not begun again.
        """
        return begin(self._look_up, "api key")

    def _look_up(self) -> Secret | str:
        plan, problem = self._plan, ""
        try:
            if plan.command:
                return secret_in(self._printed(plan.command), "command")
            if plan.file:
                return secret_in(read_file(plan.file), "file")
            return secret_in(read_keyring(plan.keyring), "keyring")
        except FimError as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, its words may hold the key
            problem = f"{plan.origin} has failed: {type(error).__name__}."
        return problem

    def _printed(self, command: str) -> bytes:
        program = Program(command, os.environ)
        self._end = program.end
        if self._closed:
            program.end()
        return program.first_line(self.seconds)
