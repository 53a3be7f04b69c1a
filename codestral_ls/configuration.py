"""Where settings come from outside of an editor: the user's file and the environment."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import platformdirs

from codestral_ls.kinds import SPELLED_CHARS, without_credentials
from codestral_ls.layers import (
    CONFIG_VARIABLE,
    FILE_ALLOWS,
    STATE_VARIABLE,
    Layer,
    environment_layer,
    grave,
    unwrapped,
)
from codestral_ls.settings import FIELDS

STATISTICS_NAME = "statistics.sqlite3"


def user_file(environ: Mapping[str, str]) -> Path:
    """The user's settings file: CODESTRAL_LS_CONFIG, or the system's usual place."""
    chosen = environ.get(CONFIG_VARIABLE, "")
    return place_of(chosen) if chosen else _usual(platformdirs.user_config_dir) / "config.toml"


def statistics_file(environ: Mapping[str, str]) -> Path:
    """What is counted, in the folder CODESTRAL_LS_STATE, or in the system's usual one."""
    chosen = environ.get(STATE_VARIABLE, "")
    folder = place_of(chosen) if chosen else _usual(platformdirs.user_state_dir)
    return folder.absolute() / STATISTICS_NAME


def place_of(written: str) -> Path:
    """A path as somebody wrote it, with the home for its "~".

    Where there is no such home, it is one where nothing can be: neither is a folder called "~" to
    come about in whatever folder the editor stands in, nor one that lies there to be read.
    """
    expanded = os.path.expanduser(written)  # noqa: PTH111 - Path.expanduser raises without a home
    return Path(os.devnull, expanded) if expanded.startswith("~") else Path(expanded)


def _usual(folder: Callable[[str], str]) -> Path:
    try:
        return place_of(folder("codestral-ls"))
    except RuntimeError:  # so it says in some versions that there is no home
        return Path(os.devnull)


def read_user_file(path: Path, *, named: bool = False) -> Layer:
    """Reads the TOML file; one that is missing is empty, one that is broken is a problem.

    A problem of it is a grave one: it may have said that nothing is to be sent. One that somebody
    `named` must be there. Below a home that is no folder (`HOME=/dev/null` of
    build machines) every file is missing.
    """
    text = ""
    try:
        text = path.read_text("utf-8-sig")  # the mark at the beginning comes from Windows
        return Layer(str(path), unwrapped(tomllib.loads(f"{text}\n")), FILE_ALLOWS)
    except RecursionError:
        why = "it is nested too deeply"
    except (OSError, ValueError) as error:  # some numbers are too long for Python itself
        if isinstance(error, FileNotFoundError | NotADirectoryError) and not named:
            return Layer(str(path), {}, FILE_ALLOWS)
        is_toml = isinstance(error, tomllib.TOMLDecodeError)
        why = _mistake(str(error), text) if is_toml else why_unread(error)
    by_name = f"{CONFIG_VARIABLE}: " if named else ""
    problem = grave(f"{by_name}{path} cannot be read: {why}.")
    return Layer(str(path), {}, FILE_ALLOWS, (problem,))


_FLAWS: Mapping[str, str] = {
    "Invalid value": 'a text needs quotes ("...")',
    "Illegal character '\\n'": "a text has no closing quote",
    'Expected "\'"': "a text has no closing quote",
    "Cannot overwrite a value": "it is set twice",
    "Expected '=' after a key in a key/value pair": "a setting is written NAME = VALUE",
    "Expected newline or end of document after a statement": "something follows the value",
    "Unclosed array": "a list has no end, or lacks a comma",
    "Unescaped '\\' in a string": "a backslash is written twice, or the text in single quotes",
}
"""What the parser says, in words that say what to do."""


def _mistake(said: str, text: str) -> str:
    """Where a file is wrong and in which way. `said` is what the parser says.

    A line is quoted that sets something by its name, unless that may be a key.
    """
    said = re.sub(r", column \d+\)$| \(at end of document\)$", "", said)
    words, at_line, number = said.partition(" (at line ")
    lines = text.split("\n")
    line = lines[int(number) - 1] if at_line and int(number) <= len(lines) else ""
    name, equals, value = (each.strip() for each in line.partition("="))
    flaw = _FLAWS.get(words, words)
    if equals and not value.partition("#")[0]:
        flaw = "a value is missing"
    if not at_line:
        return flaw
    row = FIELDS.get(name)
    if not equals or row is None or not row.metadata["kind"].echoed or name.startswith("api_key"):
        return f"line {number}: {flaw}"
    shown = without_credentials(f"{name} = {value}".strip())[:SPELLED_CHARS]
    return f"line {number}: {shown} \N{EM DASH} {flaw}"


def why_unread(error: OSError | ValueError) -> str:
    """Why a text file cannot be read, in words for the user."""
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text"
    return (isinstance(error, OSError) and error.strerror) or str(error)


def machine_layers(environ: Mapping[str, str]) -> tuple[Layer, ...]:
    """The layers that do not depend on an editor, lowest first."""
    named = bool(environ.get(CONFIG_VARIABLE))
    return (read_user_file(user_file(environ), named=named), environment_layer(environ))
