"""The commands. Each imports what it needs when it runs: `--help` must not wait for pygls."""

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from codestral_ls import __version__
from codestral_ls.commands.gateway_arguments import add_gateway, unknown_flag

EPILOG = """\
Without a command, codestral-ls serves. Keys are read from MISTRAL_API_KEY or CODESTRAL_API_KEY;
without one the offline provider completes from the text that is there. Settings stand in the
README and go into config.toml, into CODESTRAL_LS_* variables, or into the editor's configuration.
"""

COMPLETE = """\
Prints what asking by hand would give there: the likeliest text, or on standard error why there is
none. Exit status: 0 with a text, 1 without, 2 if there is no such place.
"""

JSON_NAMES = """\
With --json: "text", "replaces" (how many characters behind the cursor it takes the place of) and
"others" (further texts, up to the setting `candidates` altogether); "outcome" ("answer", or the
reason why there is none), "detail" (what helps), "source", "provider", "model", "finish_reason",
"tokens", "shaped" (the rules that changed the text), "steps" (what each of them did to its length),
"sent" (names and sizes of what the model was shown), "because" (why it was not the preferred
provider that answered), "characters" and "timings".
"""

DOCTOR = """\
Checks from the settings to a completion what ghost text needs, and says what to do where something
is wrong. Each provider gets one request with lines that are not yours, paid for where it costs.
Exit status: 0 if all is well, 1 if something is not.
"""

DOCTOR_NAMES = """\
With --json: "ok", "checks" (each "name", "state": "ok", "warning", "failed" or "not checked",
"found", "advice", "seconds") and "editors" (each "name", "command", "version", "offers", "advice",
"configuration"). Warnings do not count as failures.
"""

EXPLAIN = """\
Prints what became of the last requests of a server that writes a trace (setting `trace_file`).
Without a trace, ask the editor for the command `codestral.explain`.
"""

STATS = """\
Prints what was counted on this machine: requests, texts shown and accepted, times, tokens, cost.
"""

MOST = 100_000
"""Of days or requests: nobody has more."""

STDIN = "<stdin>"
"""How the file `-` is called inside and in messages."""

ON_A_TERMINAL = """\
codestral-ls is a language server: an editor starts it and talks to it over its standard input.

  See it work:           codestral-ls demo
  Find what is wrong:    codestral-ls doctor
  Complete in a file:    codestral-ls complete FILE:LINE:COL
  Set up an editor:      the README has a section for each

To talk to it by hand all the same, pass --stdio.
"""

NOBODY = """\
codestral-ls: standard input or output is closed, so there is nobody to serve.
"""

INTERRUPTED = 130
"""The status for ^C, as a shell reports it: 128 and the number of SIGINT."""
NO_READER = 141
"""The same for SIGPIPE, which Python turns into an exception."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit status.

    Whatever happens to the standard streams, nobody is shown a traceback for it.
    """
    connected = sys.stdin is not None and sys.stdout is not None
    _open_streams()
    try:
        try:
            return _run(argv, connected=connected)
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return NO_READER
    except OSError as error:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"codestral-ls: {error}\n")
        return 1
    finally:
        _drop_unwritten()


def _run(argv: Sequence[str] | None, *, connected: bool) -> int:
    given = sys.argv[1:] if argv is None else argv
    parser = _parser()
    if given[:1] == ["gateway"] and (wrong := unknown_flag(given[1:])):
        parser.error(wrong)
    # argparse takes "-:1:1" for an option, which no option can look like.
    arguments = parser.parse_args(
        [STDIN + each[1:] if each.startswith("-:") else each for each in given]
    )
    if arguments.command in {None, "serve"}:
        return _serve(explicitly=arguments.stdio, connected=connected)
    return _RUN[arguments.command](arguments)


def _complete(arguments: argparse.Namespace) -> int:
    from codestral_ls.commands.complete import run_complete

    return run_complete(
        arguments.place, as_json=arguments.json, language=arguments.language, environ=os.environ
    )


def _demo(_arguments: argparse.Namespace) -> int:
    from codestral_ls.commands.demo import run_demo

    return run_demo(environ=os.environ)


def _doctor(arguments: argparse.Namespace) -> int:
    from codestral_ls.commands.doctor.doctor import run_doctor

    return run_doctor(as_json=arguments.json, environ=os.environ)


def _explain(arguments: argparse.Namespace) -> int:
    from codestral_ls.commands.explain import run_explain

    return run_explain(
        arguments.file,
        count=arguments.count,
        with_text=arguments.text,
        as_json=arguments.json,
        environ=os.environ,
    )


def _gateway(arguments: argparse.Namespace) -> int:
    from codestral_ls.commands.gateway import run_gateway

    return run_gateway(arguments, os.environ)


def _stats(arguments: argparse.Namespace) -> int:
    from codestral_ls.commands.stats import run_stats

    return run_stats(
        days=arguments.days, as_json=arguments.json, as_csv=arguments.csv, environ=os.environ
    )


_RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "complete": _complete,
    "demo": _demo,
    "doctor": _doctor,
    "explain": _explain,
    "gateway": _gateway,
    "stats": _stats,
}


def _serve(*, explicitly: bool, connected: bool) -> int:
    if not connected:
        sys.stderr.write(NOBODY)
        return 2
    if sys.stdin.isatty() and not explicitly:
        sys.stderr.write(ON_A_TERMINAL)
        return 2
    from codestral_ls.lsp.process import serve

    return serve(os.environ)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="codestral-ls",
        description="Ghost text for every editor, from Codestral or without any key.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"codestral-ls {__version__}")
    _add_stdio(parser, default=False)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve an editor on standard input and output")
    # With a default of its own it would undo a --stdio that stands before the command.
    _add_stdio(serve, default=argparse.SUPPRESS)
    _add_complete(commands)
    commands.add_parser("demo", help="start the server, type into a sample, show the ghost text")
    _add_doctor(commands)
    _add_explain(commands)
    _add_stats(commands)
    add_gateway(commands)
    return parser


Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse gives it no other name


def _add_complete(commands: Commands) -> None:
    complete = commands.add_parser(
        "complete",
        help="print the completion for a place in a file",
        description=COMPLETE,
        epilog=JSON_NAMES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    place = "counted from 1, COL in characters; - is stdin"
    complete.add_argument("place", metavar="FILE:LINE:COL", help=place)
    complete.add_argument("--json", action="store_true", help="the whole answer, as JSON")
    language = "the language identifier, if FILE's name or #! line does not tell it"
    complete.add_argument("--language", metavar="ID", default="", help=language)


def _add_doctor(commands: Commands) -> None:
    doctor = commands.add_parser(
        "doctor",
        help="check everything that ghost text needs, and say what to do",
        description=DOCTOR,
        epilog=DOCTOR_NAMES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doctor.add_argument("--json", action="store_true", help="all that was found, as JSON")


def _add_explain(commands: Commands) -> None:
    explain = commands.add_parser(
        "explain", help="say what became of the last requests of a server", description=EXPLAIN
    )
    told = "the trace; without it the one that `trace_file` names"
    explain.add_argument("file", metavar="FILE", nargs="?", default="", help=told)
    explain.add_argument("--count", metavar="N", type=_count, default=20, help="how many (20)")
    explain.add_argument("--text", action="store_true", help="with the code that was sent")
    explain.add_argument("--json", action="store_true", help="as JSON")


def _add_stats(commands: Commands) -> None:
    stats = commands.add_parser(
        "stats", help="say what ghost text has done, and what it has cost", description=STATS
    )
    stats.add_argument("--days", metavar="N", type=_count, default=30, help="so many (30)")
    form = stats.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="all numbers, as JSON")
    form.add_argument("--csv", action="store_true", help="a row for each day and kind")


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > len(str(MOST)) or not 1 <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"it takes a whole number from 1 to {MOST}")
    return int(text)


def _add_stdio(parser: argparse.ArgumentParser, *, default: bool | str) -> None:
    # Editors append it; standard input and output are the only way to talk in any case.
    told = "serve, also when on a terminal"
    parser.add_argument("--stdio", action="store_true", default=default, help=told)


def _open_streams() -> None:
    """Opens nothing in place of what is closed, so that no other file gets its number."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        stream = getattr(sys, name)
        if stream is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            os.set_inheritable(number, True)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # where a terminal is not for UTF-8


def _drop_unwritten() -> None:
    """Sends nowhere what cannot be written: Python would try again at its end, and complain."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
