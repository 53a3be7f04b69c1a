"""Measure the offline matchers on texts made to keep them busy; run by hand.

    python -m tests.bench.offline_worst

Each text fills what there is for one question; the slowest should stay below 25 ms.
"""

import time

from codestral_ls.context.matching.matcher import QUESTION_CHARS, Matcher
from codestral_ls.fim.offline import BUDGET
from codestral_ls.model import Parameters, Prompt

NAMES = [f"{chr(97 + n) * 3}" for n in range(20)]
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
    "one line": (CALLS * 50, CALLS, 1),
    "open brackets": ("f(", "f(" + "(" * 180 + "\n", 1),
    "dashes": (("-" * 199 + "\n") * 150 + "-" * 80 + "x", "-" * 198 + "\n", 66),
    "one word": ("x " * 200, "x " * 200 + "\n", 1),
    "one word, after another": ("y " + "x " * 23, "x " * 200 + "\n", 1),
    "one word, before another": ("x " * 23 + "y ", "x " * 200 + "\n", 1),
    "other names": ("a1 b1 c1 d1 = ", "a{0} b{0} c{0} d{0} = e{0}\n", 1),
    "many names": (
        ", ".join(f"{name}y" for name in NAMES) + " = ",
        f"{', '.join(f'{name}x' for name in NAMES)} = {', '.join(f'my_{n}' for n in NAMES)}\n",
        1,
    ),
    "escaped quotes": ("a ", "a" + "\\'" * 200 + "\n", 1),
    "open strings": ("'", "' ab" * 100 + "\n", 1),
    "nearly there": ("é " * 50 + "b " + "é " * 24, "é " * 99 + "\n", 66),
}


def main() -> None:
    """Print one line for each case: the median of five questions, the first, and taking in."""
    for name, (prefix, piece, count) in CASES.items():
        size = QUESTION_CHARS // count
        text = "".join(piece.format(n) for n in range(size // len(piece) + 1))[: size - 8]
        matcher = Matcher()
        begun = time.process_time()
        for number in range(count):
            matcher.put(f"{number}.py", "python", f"{text}#{number}")
        stored = time.process_time() - begun
        prompt = Prompt(
            uri="file:///main.py",
            path="main.py",
            language="python",
            prefix=prefix[-BUDGET.prefix_chars :],
            suffix=")" * 400 + "\n" if prefix.endswith("(") else "\n",
            parameters=Parameters(max_tokens=64, temperature=0.0),
        )
        taken = []
        for _ in range(5):
            begun = time.process_time()
            matcher.propose(prompt)
            taken.append(1000 * (time.process_time() - begun))
        print(f"{name:26}{sorted(taken)[2]:8.1f} ms{taken[0]:8.1f} ms{stored:8.2f} s")


if __name__ == "__main__":
    main()
