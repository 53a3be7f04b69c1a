"""Processes and what they listen on."""

import os
import socket
from contextlib import suppress
from pathlib import Path


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def group_of(leader: int) -> list[int]:
    """The processes of a group."""
    processes = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    found = []
    for pid in processes:
        with suppress(ProcessLookupError):  # gone meanwhile
            found += [pid] if os.getpgid(pid) == leader else []
    return found


def command_line_of(pid: int) -> str:
    """A process's command line, "" if it has gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8")
    except OSError:
        return ""


def listens(address: int | str) -> bool:
    """Whether anybody listens on a port, or on a socket with this path."""
    family = socket.AF_INET if isinstance(address, int) else socket.AF_UNIX
    with socket.socket(family) as connection:
        target = ("127.0.0.1", address) if isinstance(address, int) else address
        return connection.connect_ex(target) == 0
