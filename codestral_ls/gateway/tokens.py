"""The file of tokens: who may ask. It holds no token, but only what one can be recognized by.

A token is `cls_`, eight characters that name it, and 256 random bits. Nobody can guess so many, so
that one round of SHA-256 keeps them: a slow hash is for passwords, which people make up.
"""

import hashlib
import hmac
import logging
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from codestral_ls.gateway.token_file import (
    ID_CHARS,
    BrokenFile,
    Record,
    changing,
    read_records,
    write_records,
)
from codestral_ls.gateway.users import Bounds, User
from codestral_ls.reuse.pace import SYSTEM_CLOCK, Clock

PREFIX = "cls_"
SECRET_BYTES = 32
MOST_CHARS = 200
"""Of what is to be a token: no longer one is looked at."""
LOOK_SECONDS = 0.5
"""Between two looks at whether the file has changed."""
DAY_SECONDS = 86_400

log = logging.getLogger(__name__)

Signature = tuple[int, ...]


class Taken(ValueError):
    """There is a user of that name already; the message is for the user."""


class Tokens:
    """The tokens in a file, as they are at this moment.

    Where there has ever been a file, tokens are needed: one that is broken, empty or removed while
    somebody serves lets nobody in.
    """

    def __init__(self, path: Path, clock: Clock = SYSTEM_CLOCK) -> None:
        self.path = path
        self._clock = clock
        self._users: Mapping[str, tuple[Record, User]] = {}
        self._signature: Signature | None = None
        self._needed = False
        self._told = ""
        self._looked = -LOOK_SECONDS
        self._follow()

    def __bool__(self) -> bool:
        """Whether nobody may ask without a token."""
        self._follow()
        return self._needed

    def find(self, token: str) -> User | None:
        """Whose token this is; None if it is nobody's, was revoked, or has expired.

        It takes as long for a token that is wrong as for one that nobody has been given.
        """
        self._follow()
        token = token[:MOST_CHARS]
        digest = _digest(token)
        found = self._users.get(token[len(PREFIX) : len(PREFIX) + ID_CHARS])
        known = found[0].sha256 if found else _NOBODYS
        is_right = hmac.compare_digest(digest, known)
        if found is None or not is_right or found[0].is_over(self._clock.epoch()):
            return None
        return found[1]

    def list(self) -> tuple[Record, ...]:
        """All that are in the file, in the order in which they were made.

        Raises:
            BrokenFile: it cannot be read, or holds something else.
        """
        return read_records(self.path)

    def create(self, name: str, bounds: Bounds, days: float = 0, *, metrics: bool = False) -> str:
        """Makes a token for a user and returns it; it is nowhere else. 0 days: it never expires.

        With one for `metrics` those of all users can be read.

        Raises:
            Taken: the user has one already, which is still good.
            BrokenFile: the file cannot be read, or holds something else.
            OSError: it cannot be written.
        """
        now = self._clock.epoch()
        with changing(self.path):
            records = read_records(self.path)
            others = [each for each in records if each.name != name]
            if any(each.name == name and not each.is_over(now) for each in records):
                raise Taken(f"{name} has a token already; revoke it first to make another one")
            ids = {each.id for each in others}
            while (id_ := secrets.token_hex(ID_CHARS // 2)) in ids:
                pass
            token = f"{PREFIX}{id_}_{secrets.token_urlsafe(SECRET_BYTES)}"
            record = Record(
                id=id_,
                name=name,
                sha256=_digest(token),
                created=int(now),
                expires=int(now + days * DAY_SECONDS) if days else 0,
                bounds=bounds,
                metrics=metrics,
            )
            write_records(self.path, [*others, record])
        return token

    def revoke(self, name: str) -> bool:
        """Takes a user's token away; whether there was one.

        Raises:
            BrokenFile: the file cannot be read, or holds something else.
            OSError: it cannot be written.
        """
        with changing(self.path):
            records = read_records(self.path)
            left = [each for each in records if each.name != name]
            if len(left) < len(records):
                write_records(self.path, left)
            return len(left) < len(records)

    def _follow(self) -> None:
        """Reads the file again if it is another one than at the last look."""
        now = self._clock.now()
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        try:
            signature = _signature(self.path)
            if signature == self._signature and not self._told:
                return
            records = read_records(self.path)
        except (OSError, BrokenFile) as error:
            self._needed, self._users, self._signature = True, {}, None
            self._tell(f"{error}; until then nobody may ask")
            return
        self._signature = signature
        self._needed = self._needed or signature is not None
        self._users = {each.id: (each, _user_of(each)) for each in records}
        self._told = ""
        if self._needed and signature is None:
            log.error("%s is gone; until there is one again nobody may ask", self.path)

    def _tell(self, message: str) -> None:
        if message != self._told:
            log.error("%s", message)
        self._told = message


def _user_of(record: Record) -> User:
    return User(name=record.name, bounds=record.bounds, reads_metrics=record.metrics)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


_NOBODYS = "0" * 64
"""With which is compared what names nobody, so that it takes as long."""


def _signature(path: Path) -> Signature | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - half the time, for each request
    except (FileNotFoundError, NotADirectoryError):
        return None
    # The last one also changes with who may write to it, but on Windows it never does.
    return status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns
