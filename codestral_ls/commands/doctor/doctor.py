"""One run of the command: who hears of the results, and how it ends in any case."""

import asyncio
import logging
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import anyio

from codestral_ls import __version__
from codestral_ls.commands.doctor.checks import AllChecks
from codestral_ls.commands.doctor.editors import VERSION_SECONDS, Found, find_editors
from codestral_ls.commands.doctor.findings import Result, is_ok, unchecked
from codestral_ls.commands.doctor.printing import (
    Style,
    blocked_line,
    editor_lines,
    json_text,
    result_lines,
    style_for,
    verdict,
)
from codestral_ls.commands.doctor.programs import Programs
from codestral_ls.commands.doctor.redaction import Redactor
from codestral_ls.commands.doctor.running import Run, mistake

TOTAL_SECONDS = 12.0
"""For all checks; with Python's start and what is broken off it stays below 15."""
CLOSE_SECONDS = 1.0
EDITORS_SECONDS = 0.1
"""At least, behind the checks: they are looked for meanwhile."""
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
"""By name: not every system has all of them."""
OF_A_SIGNAL = 128
"""What shells add to a signal's number, for a status."""

log = logging.getLogger("codestral_ls")


@dataclass(slots=True, kw_only=True)
class Report:
    """What has been found so far, without secrets; with a style, lines are written as they come."""

    style: Style | None
    redactor: Redactor
    results: list[Result] = field(default_factory=list)
    _blocked: list[Result] = field(default_factory=list)

    def take(self, result: Result) -> None:
        """A check is over."""
        result = self.redactor.cleaned(result)
        self.results.append(result)
        if self._blocked and result.blocked_by != self._blocked[0].blocked_by:
            self._write_blocked()
        if result.blocked_by:
            self._blocked.append(result)
        elif self.style is not None:
            _write(result_lines(result, self.style))

    def end(self, editors: Sequence[Found]) -> None:
        """Everything has been looked at."""
        self._write_blocked()
        editors = [self.redactor.cleaned_editor(each) for each in editors]
        if self.style is None:
            _write(json_text(self.results, editors))
        else:
            _write(editor_lines(editors, self.style) + verdict(self.results, self.style))

    def _write_blocked(self) -> None:
        if self._blocked and self.style is not None:
            _write(blocked_line(self._blocked, self.style))
        self._blocked.clear()

    @property
    def status(self) -> int:
        """The exit status so far."""
        return 0 if is_ok(self.results) else 1


def run_doctor(*, as_json: bool, environ: Mapping[str, str], folder: Path | None = None) -> int:
    """Looks at everything; status 0 if ghost text can work, 1 if something is in its way.

    Without a `folder` it is the one in which this runs.
    """
    log.addHandler(logging.NullHandler())  # what goes wrong is shown once, as a result
    style = style_for(
        encoding=sys.stdout.encoding or "ascii",
        is_terminal=sys.stdout.isatty(),
        environ=environ,
        width=shutil.get_terminal_size().columns,
    )
    report = Report(style=None if as_json else style, redactor=Redactor())
    if not as_json:
        _write(f"codestral-ls {__version__}\n\n")
    checks = AllChecks(environ, folder or _here(), report.redactor)
    run = Run(until=time.monotonic() + TOTAL_SECONDS, now=time.monotonic)
    anyio.run(_look_until_ended, checks, run, report, Programs(environ))
    return report.status


def _here() -> Path | None:
    try:
        return Path.cwd()
    except OSError:  # somebody has removed it
        return None


async def _look_until_ended(
    checks: AllChecks, run: Run, report: Report, programs: Programs
) -> None:
    """Looks at everything, and leaves at once when a signal wants that."""
    came = _cancel_at_signals()
    try:
        await look_at(checks, run, report, programs)
    except asyncio.CancelledError:
        run.break_off()
        await run.tidy()
        # Not raised again: Python would wait for a thread in which a resolver hangs.
        os._exit(OF_A_SIGNAL + next(iter(came), signal.SIGINT))


def _cancel_at_signals() -> Sequence[int]:
    """The signals that have come so far; the first one cancels the current task."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    came: list[int] = []

    def take(number: int) -> None:
        if task is not None and not came:
            task.cancel()
        came.append(number)

    for name in SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            with suppress(NotImplementedError):  # on Windows ^C cancels by itself
                loop.add_signal_handler(number, take, number)
    return came


async def look_at(
    checks: AllChecks,
    run: Run,
    report: Report,
    programs: Programs,
    leave: Callable[[int], NoReturn] = os._exit,
) -> None:
    """Runs all checks and writes the report; leaves at once if something hangs."""
    editors = asyncio.ensure_future(find_editors(programs, seconds=VERSION_SECONDS))
    try:
        await _look_at_all(checks, run, report)
        await asyncio.wait({editors}, timeout=max(EDITORS_SECONDS, run.seconds_left))
        report.end(editors.result() if editors.done() and not editors.exception() else ())
    finally:
        # Also after ^C, or when nobody reads any more: what was started must not outlive this.
        programs.end()
        checks.end()
    pool = asyncio.get_running_loop().shutdown_default_executor()
    ends = {editors, asyncio.ensure_future(checks.close()), asyncio.ensure_future(pool)}
    await asyncio.wait(ends, timeout=CLOSE_SECONDS)
    hangs = not all(each.done() for each in ends) or any(each.is_late for each in report.results)
    if not await run.tidy() or hangs:
        # Python would wait for the threads of its pools, and one in which a resolver hangs, or a
        # drive that is gone, may never end.
        sys.stdout.flush()
        sys.stderr.flush()
        leave(report.status)


async def _look_at_all(checks: AllChecks, run: Run, report: Report) -> None:
    async for result in run.results(checks.first()):
        report.take(result)
    try:
        others = checks.others()
    except Exception as error:  # noqa: BLE001 - whatever it is, what was found is shown
        report.take(Result(name="everything else", finding=mistake(error)))
        return
    if not others:
        finding = unchecked("not looked at, because of: settings")
        report.take(Result(name="everything else", finding=finding, blocked_by="settings"))
    async for result in run.results(others):
        report.take(result)


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
