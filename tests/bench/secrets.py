"""Measure how often ordinary code is taken for a secret, and how long looking takes; run by hand.

    python -m tests.bench.secrets [--root DIR ...] [--files N] [--show N]

Reads source files below the roots (Python's own by default), redacts each, and counts files with a
finding by kind. Whatever looks like a private key, a certificate's body or a token in test data of
a library of ciphers is counted as well: it is what is looked for. Shown values are masked.
"""

import argparse
import random
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

from codestral_ls.context.privacy import denial
from codestral_ls.context.secrets import Finding, redact
from codestral_ls.languages import language_of

ROOTS = (Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("purelib")))
WINDOW_CHARS = 8_000
"""As long as what is sent."""
SHOWN_CHARS = 110


class Tally(NamedTuple):
    """What was seen in all files."""

    files: Counter[str]
    findings: Counter[str]
    examples: list[str]
    windows: list[float]
    seconds: list[float]
    chars: list[int]


def source_files(roots: Sequence[Path], most: int, seed: int) -> list[Path]:
    """Return files of a known language that may leave, at random."""
    paths = [path for root in roots for path in sorted(root.rglob("*.*")) if _is_source(path)]
    random.Random(seed).shuffle(paths)  # noqa: S311 - repeatable, not secret
    return paths[:most] if most else paths


def _is_source(path: Path) -> bool:
    return language_of(path.name) not in {"", "plaintext"} and path.is_file()


def measure(paths: Sequence[Path]) -> Tally:
    """Redact files one by one, and a window out of the middle of each long one."""
    tally = Tally(Counter(), Counter(), [], [], [], [])
    for path in paths:
        text = path.read_bytes()[:400_000].decode("utf-8", errors="replace")
        if denial(str(path)):
            tally.files["(denied by name)"] += 1
            continue
        tally.files["(all)"] += 1
        began = time.process_time()
        found = redact(text).found
        tally.seconds.append(time.process_time() - began)
        tally.chars.append(len(text))
        tally.windows.extend(timed_window(text))
        for kind in {each.kind for each in found}:
            tally.files[kind] += 1
        tally.files["(with a finding)"] += bool(found)
        tally.findings.update(each.kind for each in found)
        first = {each.kind: each for each in reversed(found)}
        tally.examples.extend(example(path, text, each) for each in first.values())
    return tally


def timed_window(text: str) -> Iterator[float]:
    """Yield the seconds that a window of the usual length takes."""
    start = (len(text) - WINDOW_CHARS) // 2
    if start >= 0:
        window = text[start : start + WINDOW_CHARS]
        began = time.process_time()
        redact(window)
        yield time.process_time() - began


def example(path: Path, text: str, found: Finding) -> str:
    """Return the line of a finding, most of the value hidden."""
    line = text.count("\n", 0, found.start) + 1
    start = max(text.rfind("\n", 0, found.start) + 1, found.start - 60)
    value = text[found.start : found.end]
    shown = value[: max(3, len(value) // 2)][:24] + "…"
    rest = text[found.end : found.end + 20].partition("\n")[0]
    context = f"{text[start : found.start]}{shown}{rest}".strip()[:SHOWN_CHARS]
    return f"{found.kind:28} {'/'.join(path.parts[-3:])}:{line}  {context}"


def report(tally: Tally, show: int, seed: int) -> str:
    """Return the figures as text."""
    files = tally.files["(all)"] or 1
    lines = [f"{files} files, {sum(tally.chars) / 1e6:.1f} M characters"]
    for kind, count in tally.files.most_common():
        rate = f"1 in {files / count:,.0f}" if count else ""
        lines.append(f"  {kind:32} {count:6} files  {tally.findings[kind]:6} findings  {rate}")
    per_kilo = 1e6 * sum(tally.seconds) / max(1, sum(tally.chars))
    lines.append(f"{per_kilo:.4f} ms/KB in bulk")
    if len(tally.windows) > 1:
        cuts = quantiles(tally.windows, n=100)
        lines.append(
            f"{WINDOW_CHARS} characters: p50 {cuts[49] * 1e3:.3f} ms, p95 {cuts[94] * 1e3:.3f} ms,"
            f" p99 {cuts[98] * 1e3:.3f} ms, most {max(tally.windows) * 1e3:.3f} ms"
        )
    dice = random.Random(seed)  # noqa: S311 - the same samples each time
    shown = dice.sample(tally.examples, min(show, len(tally.examples)))
    return "\n".join([*lines, *sorted(shown)])


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.secrets")
    parser.add_argument("--root", type=Path, action="append", help="folder (Python's own)")
    parser.add_argument("--files", type=int, default=5_000, help="at most; 0 is all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="findings to print, masked")
    asked = parser.parse_args(arguments)
    paths = source_files(asked.root or ROOTS, asked.files, asked.seed)
    print(report(measure(paths), asked.show, asked.seed))


if __name__ == "__main__":
    main(sys.argv[1:])
