"""`codestral-ls gateway token …`: who may ask. The token alone goes to standard output."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from codestral_ls.commands.gateway_arguments import BOUNDS
from codestral_ls.gateway.settings_layers import flag_of
from codestral_ls.gateway.token_file import NAME, BrokenFile, Record
from codestral_ls.gateway.tokens import Taken, Tokens
from codestral_ls.gateway.users import Bounds
from codestral_ls.kinds import Kind, number, spelled_for_shell

DAYS = number(0, 36_500, whole=True)


class Wrong(ValueError):
    """An argument that cannot be; the message is for the user."""


def run_token(arguments: argparse.Namespace, path: Path) -> int:
    """Creates, revokes or lists; status 1 if it cannot be done, 2 for a wrong argument."""
    try:
        return _ACTIONS[arguments.action](arguments, Tokens(path))
    except Wrong as error:
        return _fail(str(error), 2)
    except (Taken, BrokenFile) as error:
        return _fail(f"{error}.", 1)
    except OSError as error:
        return _fail(f"{path} cannot be written: {error.strerror or error}.", 1)


def _create(arguments: argparse.Namespace, tokens: Tokens) -> int:
    name = arguments.name
    if not NAME.fullmatch(name):
        raise Wrong("a NAME has 1 to 40 characters: letters, digits, and . _ @ - between them.")
    kinds = {each.name: each.metadata["kind"] for each in fields(Bounds)}
    given = {each: getattr(arguments, each) for each in BOUNDS if hasattr(arguments, each)}
    chosen: dict[str, Any] = {each: _parsed(each, kinds[each], given[each]) for each in given}
    days = _parsed("days", DAYS, arguments.days)
    token = tokens.create(name, Bounds(**chosen), days, metrics=arguments.metrics)
    sys.stdout.write(f"{token}\n")
    _say(f"This is the token of {name}; it is shown this once. It goes into the header")
    _say("  Authorization: Bearer TOKEN")
    _say(f"{tokens.path} keeps only what it can be recognized by.")
    return 0


def _revoke(arguments: argparse.Namespace, tokens: Tokens) -> int:
    if not tokens.revoke(arguments.name):
        raise Taken(f"nobody called {spelled_for_shell(arguments.name)} has a token")
    _say(f"The token of {arguments.name} is good for nothing any more.")
    if not tokens.list():
        _say(
            f"It was the last one: nobody may ask now. Remove {tokens.path} and start the gateway"
            " again to let this machine's own programs ask without one."
        )
    return 0


def _list(arguments: argparse.Namespace, tokens: Tokens) -> int:
    records = tokens.list()
    if arguments.json:
        rows = [_described(each) for each in records]
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
    elif records:
        sys.stdout.write(_table([_row(each) for each in records]))
    else:
        _say(
            f"There is no token in {tokens.path}. codestral-ls gateway token create NAME makes one."
        )
    return 0


_ACTIONS: Mapping[str, Callable[[argparse.Namespace, Tokens], int]] = {
    "create": _create,
    "revoke": _revoke,
    "list": _list,
}
_HEAD = ("NAME", "ID", "CREATED", "EXPIRES", "BOUNDS")


def _described(record: Record) -> Mapping[str, object]:
    row = {
        "name": record.name,
        "id": record.id,
        "created": _moment(record.created),
        "expires": _moment(record.expires) if record.expires else None,
        "expired": record.is_over(_now()),
        "metrics": record.metrics,
    }
    return {**row, **asdict(record.bounds)}


def _row(record: Record) -> tuple[str, ...]:
    expires = _moment(record.expires)[:10] if record.expires else "never"
    over = " (expired)" if record.is_over(_now()) else ""
    units = zip(BOUNDS, ("requests/min", "tokens/min", "a day"), strict=True)
    bounds = [
        f"{value:g} {unit}" for name, unit in units if (value := getattr(record.bounds, name))
    ]
    created = _moment(record.created)[:10]
    said = ", ".join(bounds) or "the usual ones"
    may = ", reads /metrics" * record.metrics
    return record.name, record.id, created, expires + over, said + may


def _table(rows: list[tuple[str, ...]]) -> str:
    lines = [_HEAD, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(_HEAD))]
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
    return "".join(f"{line}\n" for line in padded)


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _now() -> float:
    return datetime.now(UTC).timestamp()


def _parsed(name: str, kind: Kind, text: object) -> float:
    try:
        value: float = kind.parse(text)
    except (ValueError, TypeError, OverflowError):
        flag = flag_of(name)
        raise Wrong(
            f"{flag} = {spelled_for_shell(text)} is not allowed; it takes {kind.allowed}."
        ) from None
    return value


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _fail(message: str, status: int) -> int:
    sys.stderr.write(f"codestral-ls gateway token: {message}\n")
    return status
