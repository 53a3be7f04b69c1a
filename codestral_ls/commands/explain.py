"""`codestral-ls explain`: what became of the last requests, from a server's trace."""

import json
import math
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from textwrap import indent
from typing import Any, BinaryIO

from codestral_ls.configuration import machine_layers
from codestral_ls.explaining import MOST_DIGITS, lines_of, lines_of_call
from codestral_ls.layers import resolve

BLOCK = 256 * 1024
MOST_BYTES = 64 * 1024 * 1024
"""From the end of a trace, which may be much longer than what anybody wants to see of it."""
MOST_LINES = 100_000
"""Outcomes and calls have 700 characters and more: so many do not fit into the bytes above."""
MOST_LINE = 4 * 1024 * 1024
"""Bytes of a record: what is sent has some 10 000. To read it takes up to twenty times as much."""

NO_TRACE = """\
There is no trace. Set `trace_file` to a path and use the editor for a while; your code is written
there as well, as far as it is sent. Without a trace, ask the editor for the command
`codestral.explain`.
"""
NO_RECORD = """\
{path} holds no outcome of a request: is `trace_file` set to it where the server runs?
"""
NOT_ONE = "{path} is no trace.\n"

Record = dict[str, Any]


@dataclass(slots=True)
class _Found:
    """The latest records of a trace, as they are there, oldest first; how many lines are none."""

    lines: list[bytes] = field(default_factory=list)
    outcomes: int = 0
    calls: int = 0
    broken: int = 0


def run_explain(
    path: str, *, count: int, with_text: bool, as_json: bool, environ: Mapping[str, str]
) -> int:
    """Prints the last outcomes, the latest one at the end: status 0 if anything is shown, 1 if not.

    Without a path, of the trace that the settings name. With `with_text` the calls as well, with
    the code that was sent and answered.
    """
    path = path or resolve(machine_layers(environ))[0].trace_file
    if not path:
        sys.stderr.write(NO_TRACE)
        return 1
    try:
        found = read_latest(Path(path).expanduser(), count, with_calls=with_text)
    except (OSError, RuntimeError) as error:  # RuntimeError: there is no home for the "~"
        why = getattr(error, "strerror", None) or error
        sys.stderr.write(f"codestral-ls explain: {path} cannot be read: {why}\n")
        return 1
    records = filter(None, map(_parse, found.lines))
    if as_json:
        _print_json(records)
    else:
        _print(records)
    sys.stderr.write(_remark(found, path))
    return 0 if found.lines else 1


def _remark(found: _Found, path: str) -> str:
    """What is wrong with a trace, in one line; "" if nothing is."""
    if not found.outcomes and not found.calls:
        return (NOT_ONE if found.broken else NO_RECORD).format(path=path)
    if not found.outcomes:
        return NO_RECORD.format(path=path)
    lines = "1 line is" if found.broken == 1 else f"{found.broken} lines are"
    return f"{lines} left out: no records of a trace\n" if found.broken else ""


def read_latest(path: Path, count: int, *, with_calls: bool) -> _Found:
    """The last `count` outcomes of a trace, with the calls between them if wanted.

    Raises:
        OSError: there is no such file, or it is none that can be read from its end.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(0, "it is no file")
    found = _Found()
    with path.open("rb") as file:
        for line in islice(lines_from_end(file), MOST_LINES):
            record = _parse(line)
            if record is None:
                found.broken += 1
            elif record.get("kind") == "outcome":
                found.lines.append(line)
                found.outcomes += 1
            else:
                found.calls += 1
                found.lines.extend([line] * with_calls)
            if found.outcomes == count:
                break
    found.lines.reverse()
    return found


def lines_from_end(file: BinaryIO, most: int = MOST_BYTES, block: int = BLOCK) -> Iterator[bytes]:
    """The lines of a file, the last one first, as far as so many bytes reach; no empty ones."""
    at = file.seek(0, os.SEEK_END)
    least = max(at - most, 0)
    rest: list[bytes] = []  # of a line, its end first
    while at > least:
        size = min(block, at - least)
        at = file.seek(at - size)
        first, *lines = file.read(size).split(b"\n")
        if lines:
            *between, last = lines
            yield from _whole([*rest, last])
            for line in reversed(between):
                yield from _whole([line])
            rest = []
        rest.append(first)
    if at == 0:
        yield from _whole(rest)


def _whole(parts: list[bytes]) -> Iterator[bytes]:
    line = b"".join(reversed(parts))
    if line.strip():
        yield line


def _parse(line: bytes) -> Record | None:
    """A record of a trace, None if it is none; what is no number for JSON or for us is null."""
    if len(line) > MOST_LINE:
        return None
    try:
        record = json.loads(
            line, parse_int=_whole_number, parse_float=_number, parse_constant=lambda _: None
        )
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not ({"kind", "url"} & record.keys()):
        return None
    return record


def _whole_number(digits: str) -> int | None:
    return int(digits) if len(digits) <= MOST_DIGITS else None


def _number(digits: str) -> float | None:
    number = float(digits)
    return number if abs(number) < math.inf else None


def _print_json(records: Iterable[Record]) -> None:
    """One list, written piece by piece: all of it may take a gigabyte."""
    before = "["
    for record in records:
        sys.stdout.write(before + "\n" + indent(json.dumps(record, indent=2), "  "))
        before = ","
    sys.stdout.write("[]\n" if before == "[" else "\n]\n")


def _print(records: Iterable[Record]) -> None:
    for record in records:
        lines = lines_of(record) if record.get("kind") == "outcome" else lines_of_call(record)
        sys.stdout.write("\n".join(map(_printable, lines)) + "\n\n")


def _printable(line: str) -> str:
    """Without what a terminal would take for commands; half a character is none either."""
    shown = "".join(each if each.isprintable() or each == "\t" else "\ufffd" for each in line)
    return shown.encode("utf-8", "replace").decode()
