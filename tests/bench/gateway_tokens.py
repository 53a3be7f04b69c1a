"""Whether the time that a gateway takes tells which tokens are nearly right; run by hand.

usage: python -m tests.bench.gateway_tokens [ROUNDS]

Tokens of several kinds are looked up in turns, in this process, where the network hides nothing.
`t` is Welch's statistic against a token that nobody has; above about 5 a difference is there, and
what it amounts to is to be read in nanoseconds.
"""

import gc
import math
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from codestral_ls.gateway.tokens import Tokens
from codestral_ls.gateway.users import Bounds

USERS = 50
WARM = 1000


def changed(token: str, at: int) -> str:
    """A token with one other character."""
    other = "a" if token[at] != "a" else "b"
    return token[:at] + other + token[at + 1 :]


def kinds(tokens: list[str]) -> dict[str, list[str]]:
    """Tokens that are wrong in different places; all are as long as a right one."""
    return {
        "nobody's": [f"cls_{each:08x}" + token[12:] for each, token in enumerate(tokens)],
        "nobody's, again": [f"cls_{each:08x}" + token[12:] for each, token in enumerate(tokens)],
        "first wrong": [changed(token, 14) for token in tokens],
        "last wrong": [changed(token, len(token) - 1) for token in tokens],
        "right": tokens,
    }


def welch(these: list[float], those: list[float]) -> float:
    """How surely two means differ."""
    spread = statistics.variance(these) / len(these) + statistics.variance(those) / len(those)
    return (statistics.fmean(these) - statistics.fmean(those)) / math.sqrt(spread)


def trimmed(times: list[float]) -> list[float]:
    """Without the slowest tenth, which is the machine's."""
    return sorted(times)[: len(times) * 9 // 10]


def main(rounds: int) -> None:
    """Measures."""
    with tempfile.TemporaryDirectory() as folder:
        tokens = Tokens(path := Path(folder) / "tokens.json")
        wanted = kinds([tokens.create(f"user-{number}", Bounds()) for number in range(USERS)])
        tokens = Tokens(path)
        times: dict[str, list[float]] = {kind: [] for kind in wanted}
        order = list(wanted)
        gc.disable()
        for number in range(rounds + WARM):
            random.shuffle(order)
            for kind in order:
                token = wanted[kind][number % USERS]
                began = time.perf_counter_ns()
                tokens.find(token)
                took = time.perf_counter_ns() - began
                if number >= WARM:
                    times[kind].append(float(took))
    base = trimmed(times["nobody's"])
    print(f"{'':16} {'mean ns':>9} {'median':>8} {'t':>8}")
    for kind, each in times.items():
        kept = trimmed(each)
        mean, median = statistics.fmean(kept), statistics.median(kept)
        print(f"{kind:16} {mean:9.0f} {median:8.0f} {welch(kept, base):8.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
