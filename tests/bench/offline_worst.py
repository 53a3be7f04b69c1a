"""Measure the offline provider on texts made to keep it busy; run by hand.

    python -m tests.bench.offline_worst

Each text fills what there is for one question; the slowest should stay below 20 ms.
"""

import time

from codestral_ls.context.corpus import QUESTION_CHARS
from codestral_ls.fim.offline import BUDGET, propose
from codestral_ls.model import Parameters, Prompt, SourceText

LINE = "    log.info('request %s took %s ms', name, ms)\n"
CALLS = "a,b.c(d) "
CASES = {
    "equal lines": (LINE * 300 + "    ", LINE, 1),
    "equal lines, half": (LINE * 300 + LINE[:20], LINE, 1),
    "equal lines, 1000 texts": (LINE * 300 + LINE[:20], LINE, 1_000),
    "equal lines, flat": (LINE.lstrip() * 300, LINE.lstrip(), 40),
    "blank lines between": (LINE + "\n" * 4_000 + LINE[:20], LINE + "\n" * 4_000, 1),
    "blank lines": ("\n" * BUDGET.prefix_chars, "\n", 1),
    "letters in words": ("import a.e", "be.ea ", 1),
    "short lines": ("x0\nx1\nx2\n" * 3_000 + "x1", "x0\nx1\nx2\nx3\nx4\nx5\nx6\n", 1),
    "long head": (CALLS * 800, CALLS * 800 + "\n", 1),
    "long lines": (CALLS * 50, CALLS * 55 + "\n", 1),
    "open brackets": ("f(", "f(" + "(" * 180 + "\n", 1),
    "dashes": (("-" * 199 + "\n") * 150 + "-" * 80 + "x", "-" * 198 + "\n", 66),
    "nearly there": ("é " * 50 + "b " + "é " * 24, "é " * 99 + "\n", 66),
}


def main() -> None:
    """Print one line for each case: the median of five questions."""
    for name, (prefix, piece, count) in CASES.items():
        size = QUESTION_CHARS // count
        text = (piece * (size // len(piece) + 1))[:size]
        texts = [SourceText(uri=f"file:///{n}.py", text=f"{text}#{n}") for n in range(count)]
        prompt = Prompt(
            uri="file:///main.py",
            language="python",
            prefix=prefix[-BUDGET.prefix_chars :],
            suffix=")" * 400 + "\n" if prefix.endswith("(") else "\n",
            parameters=Parameters(max_tokens=64, temperature=0.0),
        )
        taken = []
        for _ in range(5):
            begun = time.perf_counter()
            propose(prompt, texts)
            taken.append(1000 * (time.perf_counter() - begun))
        print(f"{name:26}{sorted(taken)[2]:8.1f} ms")


if __name__ == "__main__":
    main()
