"""The way to Redis: an address, connections, and what each of its errors means."""

from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from redis.asyncio.connection import (
    AbstractConnection,
    ConnectionPool,
    UnixDomainSocketConnection,
)
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError

from codestral_ls.reuse.batches import BOX_SECONDS, Command, Failed, Gone
from codestral_ls.reuse.pace import SYSTEM_CLOCK, Clock
from codestral_ls.reuse.shared_tier import SCRIPTS, SharedTier

OPTIONS = {
    *("client_name", "db", "password", "ssl_ca_certs", "ssl_cert_reqs", "ssl_certfile"),
    *("ssl_check_hostname", "ssl_keyfile", "ssl_keyfile_password", "username"),
}
"""What an address may say behind its "?". The rest of what redis-py takes is ours to choose."""
SCHEMES = {"redis", "rediss", "unix"}
FORMS = "redis://[user:password@]host[:port][/db], rediss://... (TLS) or unix:///path[?db=0]"
STATES = {
    "BUSY": "it is busy with a script",
    "LOADING": "it is still loading its data",
    "MASTERDOWN": "it is a replica that has lost its master",
    "MISCONF": "it cannot save its data and takes nothing new",
    "MOVED": "it is a node of a cluster; a single Redis is needed",
    "NOAUTH": "it asks for a password, and the address has none",
    "NOPERM": "its user may not run a command, or use a key, that is needed",
    "NOREPLICAS": "it has too few replicas to take anything new",
    "OOM": "it is full (`maxmemory`)",
    "READONLY": "it is a read-only replica",
    "WRONGPASS": "it refuses the user name or the password of the address",
}
"""Errors that say something of the server rather than of one command."""


class RedisTier(SharedTier):
    """A tier in a Redis, version 6.2 or newer. Raises ValueError if the address is none.

    `box` is the most that anybody waits for it, in seconds.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Clock = SYSTEM_CLOCK,
        namespace: str = "codestral-ls",
        box: float = BOX_SECONDS,
    ) -> None:
        super().__init__(RedisLine(url), clock, namespace, box)


class RedisLine:
    """A few connections, each for one batch at a time."""

    def __init__(self, url: str) -> None:
        self._pool = _read(url)
        self._idle: list[AbstractConnection] = []
        self._place = _place(_connection(self._pool))

    @property
    def place(self) -> str:
        """Where it is, without credentials."""
        return self._place

    async def exchange(self, commands: Sequence[Command]) -> list[object]:
        """Sends commands and reads their replies; raises Gone."""
        connection = self._idle.pop() if self._idle else _connection(self._pool)
        try:
            if connection.is_connected and await connection.can_read():
                await connection.disconnect(nowait=True)  # the server has closed it meanwhile
            await connection.connect()  # type: ignore[no-untyped-call]  # redis-py has none here
            replies = await _exchange(connection, commands)
            replies = await _with_scripts(connection, commands, replies)
        except BaseException as error:
            await connection.disconnect(nowait=True)  # no reply may be left for the next batch
            await self.close()  # the others lead to the same server, which may be cut off
            if isinstance(error, RedisError | OSError):
                raise Gone(_words(error)) from error
            raise
        self._idle.append(connection)
        for reply in replies:
            if isinstance(reply, ResponseError) and _code(reply) in STATES:
                raise Gone(STATES[_code(reply)]) from reply
        return [Failed(_code(each)) if isinstance(each, Exception) else each for each in replies]

    async def close(self) -> None:
        """Ends the connections that nobody uses; batches end their own."""
        while self._idle:
            await self._idle.pop().disconnect(nowait=True)


async def _exchange(connection: AbstractConnection, commands: Sequence[Command]) -> list[object]:
    await connection.send_packed_command(connection.pack_commands(commands))
    replies: list[object] = []
    for _ in commands:
        try:
            replies.append(await connection.read_response())
        except ResponseError as error:
            replies.append(error)
    return replies


async def _with_scripts(
    connection: AbstractConnection, commands: Sequence[Command], replies: list[object]
) -> list[object]:
    """Sends scripts in full that Redis does not know: since a restart, or since ever."""
    unknown = [at for at, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
    if unknown:
        again = await _exchange(connection, [_in_full(commands[at]) for at in unknown])
        for at, reply in zip(unknown, again, strict=True):
            replies[at] = reply
    return replies


def _in_full(command: Command) -> Command:
    return "EVAL", SCRIPTS[str(command[1])].text, *command[2:]


def _read(url: str) -> ConnectionPool:
    """Where an address leads to. What is wrong with it is said without a word of it."""
    problem = _problem(url)
    if problem:
        raise ValueError(f"{problem}; it has the form {FORMS}")
    try:
        pool = ConnectionPool.from_url(
            url,
            protocol=2,  # without a greeting, and without messages that nobody has asked for
            retry=Retry(NoBackoff(), 0),
            socket_timeout=None,  # who waits has a box, and a batch has its patience
            socket_connect_timeout=None,
        )
        _connection(pool)
    except (RedisError, TypeError, ValueError):
        raise ValueError(
            f"the address of Redis has an option that cannot be read; it has the form {FORMS}"
        ) from None
    return pool


def _connection(pool: ConnectionPool) -> AbstractConnection:
    return pool.connection_class(**pool.connection_kwargs)


def _problem(url: str) -> str:
    """Why an address is none, "" if it is one. redis-py takes the rest for its usual places."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "the address of Redis has no number as its port"
    if parts.scheme not in SCHEMES:
        return "the address of Redis begins with none of redis://, rediss:// and unix://"
    if not (parts.path if parts.scheme == "unix" else parts.hostname):
        return "the address of Redis names no place"
    database = "" if parts.scheme == "unix" else parts.path.strip("/")
    if database and not database.isdecimal():
        return "the address of Redis has no number as its database"
    if set(parse_qs(parts.query)) - OPTIONS:
        return f"the address of Redis has an option that is none of {', '.join(sorted(OPTIONS))}"
    return ""


def _place(connection: AbstractConnection) -> str:
    if isinstance(connection, UnixDomainSocketConnection):
        return str(connection.path)
    host, port = getattr(connection, "host", ""), getattr(connection, "port", "")
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"


def _words(error: Exception) -> str:
    """Why there was no reply; of what Redis says only its code, as the rest may hold our text."""
    state = STATES.get(_code(error))
    if state:
        return state
    cause = error if isinstance(error, OSError) else error.__context__
    if not isinstance(cause, OSError):
        return "it has closed the connection"
    detail = getattr(cause, "reason", None) or cause.strerror
    return f"it cannot be reached ({detail})" if detail else "it cannot be reached"


def _code(error: Exception) -> str:
    code = getattr(error, "status_code", None) or str(error).partition(" ")[0]
    return str(code) if str(code).isupper() else type(error).__name__
