"""Fit the weights of the gate on holes in real packages; run by hand.

    python -m tests.bench.offline_fit FOLDER ...

Use other packages than those that are measured. It is a logistic regression: Newton's method on
what is known of each candidate, and whether it was the right one.
"""

import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from codestral_ls.context.matching.gate import Evidence
from tests.bench.offline_holes import CUTS, holes, matcher_of, read_files

COUNTS = {"words": 150, "columns": 90, "ends": 30, "blocks": 60}
"""Holes per folder: as much as people stop at such places."""
STEPS = 12
RIDGE = 0.1
"""So that values that say the same do not lift each other up."""

Row = tuple[tuple[float, ...], bool]


def rows(folder: Path) -> Iterator[Row]:
    """Yield what is known of each candidate in a folder, and whether it is the right one."""
    files = read_files(folder)
    matcher = matcher_of(files)
    for name, count in COUNTS.items():
        for prompt, wanted in holes(files, CUTS[name], count):
            for candidate in matcher.candidates(prompt):
                values = (1.0, *(float(value) for value in candidate.evidence))
                yield values, candidate.text == wanted.partition("\n")[0].rstrip()


def fit(known: Sequence[Row]) -> list[float]:
    """Return the weights under which what is known is likeliest."""
    size = len(known[0][0])
    weights = [0.0] * size
    for _ in range(STEPS):
        gradient = [-RIDGE * weight for weight in weights]
        hessian = [[RIDGE * (row == column) for column in range(size)] for row in range(size)]
        for values, is_right in known:
            score = sum(weight * value for weight, value in zip(weights, values, strict=True))
            likely = 1 / (1 + math.exp(-score))
            for row, value in enumerate(values):
                gradient[row] += (is_right - likely) * value
                scaled = likely * (1 - likely) * value
                for column in range(row + 1):
                    hessian[row][column] += scaled * values[column]
        for row in range(size):
            for column in range(row):
                hessian[column][row] = hessian[row][column]
        weights = [w + step for w, step in zip(weights, solve(hessian, gradient), strict=True)]
    return weights


def solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Return x of matrix · x = right, for a matrix that is symmetric and positive (Gauss)."""
    lines = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for number, line in enumerate(lines):
        line[:] = [value / line[number] for value in line]
        for other in lines:
            if other is not line:
                factor = other[number]
                other[:] = [a - factor * b for a, b in zip(other, line, strict=True)]
    return [line[-1] for line in lines]


def main(folders: Sequence[Path]) -> None:
    """Print the weights, the first one for what is always there."""
    known: list[Row] = []
    for folder in folders:
        known += rows(folder)
        print(f"{folder.name}: {len(known)} candidates", file=sys.stderr)
    for name, weight in zip(("always", *Evidence._fields), fit(known), strict=True):
        print(f"{name:16}{weight:7.2f}")


if __name__ == "__main__":
    main([Path(name).absolute() for name in sys.argv[1:]])
