"""Checks of this machine: settings, the files that are read and written, and what is counted."""

import importlib.util
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio

from codestral_ls.commands.complete import root_of
from codestral_ls.commands.doctor.findings import (
    Finding,
    failed,
    fine,
    split_advice,
    unchecked,
    warned,
)
from codestral_ls.configuration import machine_layers, user_file
from codestral_ls.context.index.client import Workspace
from codestral_ls.context.privacy import IGNORE_FILE
from codestral_ls.days import local_day
from codestral_ls.fim.providers import Endpoint
from codestral_ls.fim.threads import in_thread
from codestral_ls.fim.trace import why_unwritable
from codestral_ls.layers import Problem, resolve
from codestral_ls.reuse.daily_limit import DailyLimit
from codestral_ls.settings import ENVIRONMENT_PREFIX, Settings
from codestral_ls.vendors import KEY_VARIABLES

INDEX_SECONDS = 6.0
_LOCKED = "locked"
"""In SQLite's words for a file that somebody else writes to."""
KILOBYTE = 1024
_NOT_BOUNDED = "What is asked for here goes out nevertheless: it is neither counted nor bounded."


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """The settings of this machine, and what is wrong with the file and the environment."""

    settings: Settings
    path: Path
    is_there: bool
    in_file: tuple[Problem, ...]
    in_environment: tuple[Problem, ...]


def read_settings(environ: Mapping[str, str]) -> Configured:
    """Reads the file and the environment, as the server does."""
    path = user_file(environ)
    file, variables = machine_layers(environ)
    settings, problems = resolve((file, variables))
    in_file = resolve((file,))[1]
    return Configured(
        settings=settings,
        path=path,
        is_there=_is_there(path),
        in_file=in_file,
        in_environment=problems[len(in_file) :],
    )


def _is_there(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises where it may not look


def look_at_file(configured: Configured) -> Finding:
    """The user's file of settings."""
    if configured.in_file:
        return _troubled(f"{configured.path}", configured.in_file)
    if not configured.is_there:
        return fine(f"none ({configured.path})")
    return fine(str(configured.path))


def look_at_environment(configured: Configured, environ: Mapping[str, str]) -> Finding:
    """Which variables of ours are set, by their names alone."""
    names = sorted(
        name
        for name, text in environ.items()
        if text and (name.startswith(ENVIRONMENT_PREFIX) or name in KEY_VARIABLES)
    )
    shown = ", ".join(names) or "none of ours is set"
    return _troubled(shown, configured.in_environment) if configured.in_environment else fine(shown)


def _troubled(shown: str, problems: tuple[Problem, ...]) -> Finding:
    advice = "\n".join(each.message for each in problems)
    return (failed if any(each.loud for each in problems) else warned)(shown, advice)


def look_at_switches(settings: Settings) -> Finding:
    """Whether there can be ghost text at all."""
    if not settings.enabled:
        return warned("switched off", "Set `enabled` to true, or remove it.")
    if settings.trigger == "manual":
        return fine("by hand alone, since `trigger` says so")
    return fine("on")


def look_at_statistics(settings: Settings, path: Path) -> Finding:
    """Whether what happens can be counted."""
    if not settings.stats:
        return unchecked("switched off by `stats`")
    if not _has_sqlite():
        advice = "Install codestral-ls with a Python that has SQLite."
        return warned("this Python has no SQLite, so nothing is counted", advice)
    if why := _why_unwritable(path):
        advice = "Make it writable, or set CODESTRAL_LS_STATE to another one."
        return warned(f"{path} cannot be written, so nothing is counted: {why}", advice)
    if not _is_there(path):
        return fine(f"{path}, not written yet")
    if why := _why_unreadable(path):
        held = "Another program holds it at the moment: end that, or try again."
        return warned(why, held if _LOCKED in why else "Move it away: then a new one is begun.")
    return fine(f"{path}, {_size(path.stat().st_size)}")


def _why_unwritable(path: Path) -> str:
    """Tried out, since rights alone do not tell; nothing is left behind."""
    try:
        if _is_there(path):
            with path.open("ab"):
                pass
        above = next(filter(_is_there, path.parents))
        with tempfile.TemporaryDirectory(dir=above):
            return ""
    except StopIteration:
        return "there is no such drive"
    except OSError as error:
        return error.strerror or type(error).__name__


def _why_unreadable(path: Path) -> str:
    from codestral_ls.statistics.opening import Unreadable, reading  # noqa: PLC0415 - needs SQLite

    try:
        with reading(path) as connection:
            if connection is not None:
                (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
                return "" if said == "ok" else f"{path} is damaged"
    except Unreadable as error:
        return str(error)
    return ""


def look_at_budget(settings: Settings, endpoints: Sequence[Endpoint], path: Path) -> Finding:
    """How much of the day's bound is left, and whether it bounds anything."""
    requests, money = settings.daily_requests, settings.daily_budget
    if not requests and not money:
        return fine("no bound is set")
    used = _used_today(path)
    day = local_day()
    daily_limit = DailyLimit(lambda: day, lambda: None)
    daily_limit.bound(requests, money)
    daily_limit.learn(day, *(used or (0, 0.0)))
    if words := daily_limit.words:
        found, advice = split_advice(words)
        return warned(found, f"{advice} {_NOT_BOUNDED}" if daily_limit.is_spent else advice)
    unpriced = [each.provider for each in endpoints if not each.local and each.prices is None]
    if money and unpriced:
        return warned(
            f"`daily_budget` does not bound {', '.join(unpriced)}: the price is not known",
            "Set `price_prompt` and `price_completion`, or set `daily_requests` instead.",
        )
    if used is None or not settings.stats or _why_unwritable(path):
        return warned(
            "what was used today is not known, so each server counts from its own start",
            "Set `stats` to true." if not settings.stats else "Mend the statistics, see above.",
        )
    bounds = [f"{used[0]} of {requests} requests"] * bool(requests)
    bounds += [f"{used[1]:.2f} of {money:.2f}"] * bool(money)
    return fine(f"{' and '.join(bounds)} of today")


def _used_today(path: Path) -> tuple[int, float] | None:
    """Requests of today to others, and what they cost; None if nobody knows."""
    if not _has_sqlite():
        return None
    from codestral_ls.statistics.opening import Unreadable  # noqa: PLC0415 - needs SQLite
    from codestral_ls.statistics.report import read_rows  # noqa: PLC0415 - it loads SQLite too
    from codestral_ls.statistics.tally import NANOS, Kind, Measure  # noqa: PLC0415 - used with the rows alone

    try:
        rows = [each.amounts for each in read_rows(path, days=1) if each.kind == Kind.CALL]
    except Unreadable:
        return None
    requests = sum(each.get(Measure.EVENTS, 0) for each in rows)
    return requests, sum(each.get(Measure.MONEY, 0) for each in rows) / NANOS


def _has_sqlite() -> bool:
    return importlib.util.find_spec("_sqlite3") is not None


def _size(size: int) -> str:
    return f"{max(1, size // KILOBYTE)} kB"


def look_at_privacy(settings: Settings, folder: Path) -> Finding:
    """What keeps files from being sent, beside the names of files of secrets."""
    found = []
    for each in (folder, *folder.parents):
        path = each / IGNORE_FILE
        try:
            path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            said = error.strerror or type(error).__name__
            words = f"{path} cannot be read ({said}), so nothing below it is sent"
            return failed(words, "Make it readable, or remove it.")
        found.append(str(path))
    if count := len(settings.disabled_paths):
        found.append(f"`disabled_paths` with {count} pattern{'s' * (count != 1)}")
    return fine(", ".join(found) or f"no {IGNORE_FILE}; files of secrets are never sent")


def look_at_trace(settings: Settings) -> Finding:
    """Whether code is written down, which nobody should forget."""
    if not settings.trace_file:
        return fine("off")
    why = why_unwritable(settings.trace_file)
    if why:
        words = f"{settings.trace_file} cannot be written: {why}"
        return failed(words, "Set `trace_file` to a file that you may write, or to nothing.")
    words = f"all that is sent and answered, code included, goes to {settings.trace_file}"
    return warned(words, "Set `trace_file` to nothing when you have seen enough.")


async def look_at_index(settings: Settings, folder: Path, *, wanted: bool) -> Finding:
    """How many files are known, and how long it takes to read them."""
    if not wanted:
        return unchecked("not built: these settings have no use for it")
    root = await in_thread(lambda: root_of(folder))
    index = Workspace()
    try:
        index.configure([root], disabled_paths=settings.disabled_paths, rank=True, propose=True)
        with anyio.move_on_after(INDEX_SECONDS):
            await index.indexed()
        status = index.status
    finally:
        await index.end()
    files = f"{status.get('files', 0)} file{'s' * (status.get('files') != 1)}"
    if status["done"]:
        return fine(f"{files} of {root} in {status['seconds']} s")
    if not status["running"]:
        return failed(
            "the process that reads your files does not start",
            "Start this command with CODESTRAL_LS_LOG_LEVEL=debug, and report what it says.",
        )
    words = f"{files} of {root} after {INDEX_SECONDS:g} s, and more to come"
    return warned(words, "Large folders that hold no code of yours belong into `.gitignore`.")
