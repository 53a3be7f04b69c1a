"""The commands. Each imports what it needs when it runs: `--help` must not wait for pygls."""

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence

from codestral_ls import __version__

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
"tokens", "shaped" (the rules that changed the text), "characters" and "timings".
"""

STDIN = "<stdin>"
"""How the file `-` is called inside and in messages."""

ON_A_TERMINAL = """\
codestral-ls is a language server: an editor starts it and talks to it over its standard input.

  See it work:           codestral-ls demo
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
    # argparse takes "-:1:1" for an option, which no option can look like.
    arguments = _parser().parse_args(
        [STDIN + each[1:] if each.startswith("-:") else each for each in given]
    )
    command = arguments.command or "serve"
    if command == "serve":
        return _serve(explicitly=arguments.stdio, connected=connected)
    if command == "complete":
        from codestral_ls.commands.complete import run_complete

        return run_complete(
            arguments.place,
            as_json=arguments.json,
            language=arguments.language,
            environ=os.environ,
        )
    from codestral_ls.commands.demo import run_demo

    return run_demo(environ=os.environ)


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
    return parser


def _add_complete(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
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
