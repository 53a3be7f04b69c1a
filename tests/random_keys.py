"""Random keys by hand: plays runs in an editor, and shows the first thing that is not right.

neovim, vscode, emacs and helix are real. Those with "like-" before are simulated, with the server
in this process and a clock that need not be waited for; like-vscode-pairs closes brackets itself.
A failure ends with the line that plays its run again.
"""

# ruff: noqa: T201 - printing is what the command is for

import argparse
import importlib
import sys
import tempfile
import time
from pathlib import Path

from tests.random_keys_manners import MANNERS
from tests.random_keys_play import Tally, Wrong
from tests.random_keys_simulated import simulate

REAL = ("neovim", "vscode", "emacs", "helix")


def play(editor: str, seed: int, keys: int, *, plain: bool) -> Tally:
    """Plays one run in a real or a simulated editor."""
    if editor in MANNERS:
        return simulate(editor, seed, keys)
    typist = importlib.import_module("tests.editors.typist")
    adapter = importlib.import_module(f"tests.editors.typist_{editor}")
    with tempfile.TemporaryDirectory(prefix="keys") as home:
        tally: Tally = typist.play(adapter.typing, Path(home), seed, keys, plain=plain)
        return tally


def main() -> int:
    """Plays as many runs as are wanted, each with the next seed."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.random_keys",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--editor",
        choices=[*REAL, *MANNERS],
        default="like-neovim",
        metavar="EDITOR",
        help=f"one of {', '.join([*REAL, *MANNERS])}",
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="of the first run; the next one has the next"
    )
    parser.add_argument("--keys", type=int, default=500, help="how many are hit in a run")
    parser.add_argument("--runs", type=int, default=1, help="how many are played")
    parser.add_argument(
        "--conveniences",
        action="store_true",
        help="leave indentation and pairs to the editor, as its users have it; Helix always does",
    )
    wanted = parser.parse_args()
    wrong = 0
    for seed in range(wanted.seed, wanted.seed + wanted.runs):
        began = time.monotonic()
        try:
            tally = play(wanted.editor, seed, wanted.keys, plain=not wanted.conveniences)
        except Wrong as error:
            wrong += 1
            print(f"seed {seed}: {error}\n")
        else:
            print(f"seed {seed}: {tally} ({time.monotonic() - began:.1f} s)")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
