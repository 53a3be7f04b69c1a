"""What the model says under random keys: a function of the text, so that every answer is known.

An answer goes on with a phrase that the cursor's line begins like, closes what is open there, or
holds a mark made of the whole text before the cursor: shown anywhere else, it gives itself away.
"""

import random
import re
import threading
import zlib
from collections import Counter
from dataclasses import dataclass

PHRASES = (
    "total = price * count + shipping",
    "return max(total, limit)",
    "for order in orders:\n    total += order.price\n    print(total)",
    "if total > limit:\n    raise ValueError(total)",
    "items.append(name)",
    'print("done", file=log)',
    "values = [first, second, third]",
    "call(alpha, beta)",
    "with open(path) as file:\n    text = file.read()\n    return text",
    "größe = länge * 2  # 😀 grüße",
)
WORDS = tuple(sorted({word for phrase in PHRASES for word in re.findall(r"\w+", phrase)}))
_QUIET = re.compile(r"[\"'`#/]")
_NAMES = re.compile(r"\b(?:price|limit|order|name|log|third|beta|path|länge)\b")


@dataclass(frozen=True, slots=True)
class Given:
    """One answer: `text` is what it means at the place for which it was asked."""

    prefix: str
    suffix: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """How the endpoint takes one call; times are seconds.

    `fate`: "answer", "cut" (the stream breaks off in its middle), "hang", "500" or "429".
    """

    fate: str = "answer"
    head_after: float = 0.0
    per_token: float = 0.0


def mood_of(seed: int, number: int) -> Mood:
    """The mood in which a session's call with a number finds the endpoint."""
    dice = random.Random(f"mood {seed} {number}")  # noqa: S311 - the same every time
    kinds = ["fast"] * 50 + ["medium"] * 15 + ["slow"] * 9 + ["stream"] * 20
    kind = dice.choice([*kinds, "cut", "hang", "500", "429"])
    if kind == "stream":
        return Mood(head_after=dice.uniform(0, 0.2), per_token=dice.uniform(0.01, 0.08))
    longest = {"fast": 0.03, "medium": 0.4, "slow": 1.5}.get(kind, 0.3)
    fate = "answer" if kind in {"fast", "medium", "slow"} else kind
    return Mood(fate=fate, head_after=dice.uniform(longest / 4, longest), per_token=0.001)


class Writer:
    """Writes answers, and remembers each of them; may be called from any thread."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.given: list[Given] = []
        self.calls = 0
        self._asked: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def next_mood(self) -> Mood:
        """The mood for a call that has just come in."""
        with self._lock:
            self.calls += 1
            return mood_of(self.seed, self.calls)

    def write(self, prefix: str, suffix: str) -> str:
        """What the model says; asked the same again, it says something else."""
        with self._lock:
            again = self._asked[prefix, suffix]
            self._asked[prefix, suffix] += 1
            dice = random.Random(f"{self.seed} {again} {prefix}\0{suffix}")  # noqa: S311 - a hash
            meant = _meant(prefix, dice)
            self.given.append(Given(prefix, suffix, meant))
            return _with_echo(meant, prefix, dice)


def _meant(prefix: str, dice: random.Random) -> str:
    """The text that belongs at the end of a prefix; "" where nothing does."""
    head = prefix[prefix.rfind("\n") + 1 :]
    begun = head.lstrip()
    indentation = head[: len(head) - len(begun)]
    luck, mark = dice.random(), _mark(prefix, dice)
    if luck < 0.05:
        return ""
    text = _continued(begun, mark, dice, prefix)
    if luck > 0.85:
        text += f"\n{mark} = call(alpha)"
    elif luck > 0.8:
        text = f"\n{text.lstrip()}"
    return text.replace("\n", f"\n{indentation}")


def _continued(begun: str, mark: str, dice: random.Random, prefix: str) -> str:
    fitting = [each for each in PHRASES if each.startswith(begun) and each != begun]
    if not begun:  # a line above once more is no continuation, and the server drops it
        fitting = [each for each in fitting if each.partition("\n")[0] not in prefix]
    if fitting:
        rest = dice.choice(fitting)[len(begun) :]
        marked = _NAMES.sub(lambda name: f"{name.group()}_{mark}", rest, count=1)
        return marked if begun and dice.random() < 0.5 else marked.replace(f"_{mark}", "")
    last = begun[-1:]
    opened = [each for each in "([" if begun.count(each) > begun.count({"(": ")", "[": "]"}[each])]
    if opened:
        closer = dice.choice([")" if "(" in opened else "]", ""])
        joint = "" if last in "([ " else (f"_{mark}, " if last.isalnum() else " ")
        return f"{joint}{mark}, second{closer}"
    if last.isalnum() or last == "_":
        return f"_{mark}({dice.choice(WORDS)}, beta)"
    return f"{mark}.{dice.choice(WORDS)}(alpha[0])"


def _mark(prefix: str, dice: random.Random) -> str:
    """Letters that no other text before the cursor leads to."""
    number = zlib.crc32(prefix.encode()) ^ dice.getrandbits(16)
    return "".join("bcdfghklmnprstvz"[number >> shift & 15] for shift in (0, 4, 8, 12, 16))


def _with_echo(meant: str, prefix: str, dice: random.Random) -> str:
    """Now and then the model says the cursor's line once more, which the server has to see.

    Not in strings and comments, where a repetition may be meant.
    """
    head = prefix[prefix.rfind("\n") + 1 :]
    echoing = " " in head.strip() and not _QUIET.search(prefix) and dice.random() < 0.1
    if not echoing or not meant[:1].strip():
        return meant
    return head.strip() + (" " if head.endswith(" ") else "") + meant
