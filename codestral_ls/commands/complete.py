"""`codestral-ls complete FILE:LINE:COL`: one completion, without an editor."""

import json
import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import anyio

from codestral_ls.cli import STDIN
from codestral_ls.commands.shebang import language_of_script
from codestral_ls.configuration import machine_layers, why_unread
from codestral_ls.context.workspace import INDEXED_SECONDS, WorkspaceView, wanted_of
from codestral_ls.engine.engine import Engine
from codestral_ls.engine.journal import describe
from codestral_ls.fim.connect import connect
from codestral_ls.fim.trace import Trace
from codestral_ls.languages import language_of
from codestral_ls.layers import resolve
from codestral_ls.lsp.documents import Document, Point, split_lines
from codestral_ls.model import Answer, Nothing, Outcome, Reason, Request, Trigger

SHOWN_CHARS = 300
"""Of an argument that is wrong, in the message: as much as the path of a file has."""
PLAIN = "plaintext"
EMPTY = "the model, or the offline provider, had nothing to say here"


class BadPlace(ValueError):
    """The argument names no place; the message is for the user."""


def run_complete(
    place: str, *, as_json: bool, language: str = "", environ: Mapping[str, str]
) -> int:
    """Prints the completion: status 0 if there is one, 1 if there is none, 2 for a bad place."""
    try:
        document, point, folder = read_place(place, language)
    except BadPlace as error:
        sys.stderr.write(f"codestral-ls complete: {error}\n")
        return 2
    # What goes wrong is told once, as the outcome; without a place to go, warnings go to stderr.
    logging.getLogger("codestral_ls").addHandler(logging.NullHandler())
    most = None if as_json else 1  # nobody would see the others
    outcome = _in_words(anyio.run(_complete, document, point, folder, environ, most))
    if as_json:
        sys.stdout.write(json.dumps({**_texts(outcome), **describe(outcome)}, indent=2) + "\n")
    elif isinstance(outcome, Answer):
        sys.stdout.write(outcome.text + "\n")
        _tell_replaced(split_lines(document.text)[point.line][point.units :][: outcome.replaces])
    else:
        why = f"{outcome.reason}: {outcome.detail}" if outcome.detail else outcome.reason
        sys.stderr.write(f"no completion ({why})\n")
    return 0 if isinstance(outcome, Answer) else 1


def _in_words(outcome: Outcome) -> Outcome:
    if isinstance(outcome, Nothing) and outcome.reason is Reason.EMPTY:
        return replace(outcome, detail=outcome.detail or EMPTY)
    return outcome


def _tell_replaced(closers: str) -> None:
    if closers:
        sys.stderr.write(f'it takes the place of the "{closers}" behind the cursor\n')


def read_place(place: str, language: str = "") -> tuple[Document, Point, Path]:
    """FILE:LINE:COL, counted from 1 -> the document, the cursor, and the folder around it.

    Raises:
        BadPlace: no such form, no such file, or no such place in it.
    """
    name, line, column = _parts(place)
    try:
        data = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadPlace(f"cannot read {name}: {why_unread(error)}") from None
    path = Path("untitled" if name == STDIN else name).absolute()
    guessed = language or _language("" if name == STDIN else path.name, text)
    lines = split_lines(text)
    if line > len(lines):
        raise BadPlace(f"{name} has {len(lines)} lines, there is no line {line}")
    length = len(lines[line - 1].rstrip("\r\n"))
    if column > length + 1:
        raise BadPlace(
            f"line {line} of {name} has {length} characters, so COL is from 1 to {length + 1}"
        )
    return Document(path.as_uri(), guessed, text), Point(line - 1, column - 1), path.parent


def _language(name: str, text: str) -> str:
    """What a file most likely is: by its name or its first line; "" where nobody could say."""
    by_name = language_of(name) if name else ""
    if name and (by_name != PLAIN or Path(name).suffix):
        return by_name
    return language_of_script(text) or by_name


def _parts(place: str) -> tuple[str, int, int]:
    name, _, rest = place.rpartition(":")
    name, _, first = name.rpartition(":")
    try:
        line, column = int(first), int(rest)
    except ValueError:  # no number, or one of thousands of digits
        line = column = 0
    if not name or not first.isdecimal() or not rest.isdecimal() or line < 1 or column < 1:
        raise BadPlace(f"{_short(place)} is not FILE:LINE:COL with line and column counted from 1")
    return name, line, column


def _short(place: str) -> str:
    return repr(place if len(place) <= SHOWN_CHARS else place[:SHOWN_CHARS] + "...")


def _texts(outcome: Outcome) -> dict[str, object]:
    if not isinstance(outcome, Answer):
        return {"text": "", "replaces": 0, "others": []}
    others = [{"text": each.text, "replaces": each.replaces} for each in outcome.others]
    return {"text": outcome.text, "replaces": outcome.replaces, "others": others}


def root_of(folder: Path) -> Path:
    """The folder that an editor would have open: the repository's, or else the one given."""
    around = (folder, *folder.parents)
    # Path.exists raises where a folder may not be searched.
    return next((each for each in around if os.path.exists(each / ".git")), folder)  # noqa: PTH110 - may not raise


async def _complete(
    document: Document, point: Point, folder: Path, environ: Mapping[str, str], most: int | None
) -> Outcome:
    settings, problems = resolve(machine_layers(environ))
    settings = replace(settings, candidates=most or settings.candidates)
    for problem in problems:
        sys.stderr.write(f"codestral-ls: {problem.message}\n")
    view = WorkspaceView()
    engine = Engine(settings, lambda chosen: connect(chosen, view.propose), view=view)
    try:
        view.opened(document)
        wanted = wanted_of(engine.provider)
        view.configure(settings, [root_of(folder)], *wanted)
        if wanted:  # there is no index otherwise
            with anyio.move_on_after(INDEXED_SECONDS):
                await view.index.indexed()
        snapshot = document.snapshot(document.position(point, "utf-32"), engine.budget)
        return await engine.complete(
            Request(snapshot=snapshot, trigger=Trigger.INVOKED, lane=document.uri)
        )
    finally:
        await view.close()
        await engine.close()
        _write_outcome(engine, view, Trace(settings.trace_file))


def _write_outcome(engine: Engine, view: WorkspaceView, trace: Trace) -> None:
    """As a server does, behind the calls that were made for it."""
    for record in engine.journal.latest(1):
        entry = {"path": view.shown_path(record.uri), **describe(record)}
        # A trace has a `time` of its own: when the line was written.
        trace.write("outcome", {"at": entry.pop("time"), **entry})
    trace.close()
