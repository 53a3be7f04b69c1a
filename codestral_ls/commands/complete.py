"""`codestral-ls complete FILE:LINE:COL`: one completion, without an editor."""

import json
import logging
import sys
from collections.abc import Mapping
from pathlib import Path

import anyio

from codestral_ls.cli import STDIN
from codestral_ls.configuration import machine_layers
from codestral_ls.context.corpus import Corpus
from codestral_ls.engine import Engine
from codestral_ls.fim.connect import connect
from codestral_ls.languages import language_of
from codestral_ls.lsp.documents import Document, Point
from codestral_ls.model import Answer, Outcome, Request, Source, Trigger
from codestral_ls.settings import resolve
from codestral_ls.stats import describe

SHOWN_CHARS = 300
"""Of an argument that is wrong, in the message: as much as the path of a file has."""


class BadPlace(ValueError):
    """The argument names no place; the message is for the user."""


def run_complete(place: str, *, as_json: bool, environ: Mapping[str, str]) -> int:
    """Prints the completion: status 0 if there is one, 1 if there is none, 2 for a bad place."""
    try:
        document, point, folder = read_place(place)
    except BadPlace as error:
        sys.stderr.write(f"codestral-ls complete: {error}\n")
        return 2
    # What goes wrong is told once, as the outcome; without a place to go, warnings go to stderr.
    logging.getLogger("codestral_ls").addHandler(logging.NullHandler())
    outcome = anyio.run(_complete, document, point, folder, environ)
    if as_json:
        text = outcome.text if isinstance(outcome, Answer) else ""
        sys.stdout.write(json.dumps({"text": text, **describe(outcome)}, indent=2) + "\n")
    elif isinstance(outcome, Answer):
        sys.stdout.write(outcome.text + "\n")
    else:
        why = f"{outcome.reason}: {outcome.detail}" if outcome.detail else outcome.reason
        sys.stderr.write(f"no completion ({why})\n")
    return 0 if isinstance(outcome, Answer) else 1


def read_place(place: str) -> tuple[Document, Point, Path]:
    """FILE:LINE:COL, counted from 1 -> the document, the cursor, and the folder around it.

    Raises:
        BadPlace: no such form, no such file, or no such line.
    """
    name, line, column = _parts(place)
    try:
        data = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadPlace(f"cannot read {name}: {error}") from None
    path = Path("untitled" if name == STDIN else name).absolute()
    document = Document(path.as_uri(), language_of(path.name), text)
    if line > document.line_count:
        raise BadPlace(f"{name} has {document.line_count} lines, there is no line {line}")
    return document, Point(line - 1, column - 1), path.parent


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


async def _complete(
    document: Document, point: Point, folder: Path, environ: Mapping[str, str]
) -> Outcome:
    settings, problems = resolve(machine_layers(environ))
    for problem in problems:
        sys.stderr.write(f"codestral-ls: {problem.message}\n")
    corpus = Corpus(lambda: ())
    engine = Engine(settings, lambda chosen: connect(chosen, corpus.texts))
    try:
        if engine.provider.source is Source.OFFLINE:
            await corpus.load([folder])
        snapshot = document.snapshot(document.position(point, "utf-32"), engine.budget)
        return await engine.complete(
            Request(snapshot=snapshot, trigger=Trigger.INVOKED, lane=document.uri)
        )
    finally:
        await engine.close()
