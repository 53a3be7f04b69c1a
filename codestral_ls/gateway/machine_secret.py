"""The secret of a machine with which names of shared texts are made."""

import contextlib
import logging
import os
import secrets
import tempfile
from pathlib import Path

NAME = "gateway-secret"
SECRET_BYTES = 32

log = logging.getLogger(__name__)


def machine_secret(folder: Path) -> bytes:
    """The secret of this machine, made at the first time; one of this process if none is kept."""
    path = folder / NAME
    try:
        return _read(path) or _create(path)
    except OSError as error:
        log.warning("%s cannot be kept, so that no text is shared after a restart: %s", path, error)
        return secrets.token_bytes(SECRET_BYTES)


def _read(path: Path) -> bytes:
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        return b""
    if len(secret) != SECRET_BYTES:
        raise OSError("it is no secret of a gateway; remove it")
    return secret


def _create(path: Path) -> bytes:
    """Makes a file that is there all at once; of several processes one does, and all read it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{NAME}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink()
    return _read(path)
