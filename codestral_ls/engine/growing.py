"""What can be shown of a text while the model is still writing it. Pure.

What is told once must still stand there when all has come: how a line ends, and whether it repeats
what stands below, is known only then.
"""

from collections.abc import Sequence
from itertools import takewhile

from codestral_ls.engine.presenting import present, wanted_by
from codestral_ls.model import Request
from codestral_ls.reuse.place import remainder
from codestral_ls.reuse.store import Stream
from codestral_ls.settings import Settings
from codestral_ls.shaping.surroundings import Surroundings, look_around

_MAY_GO = " \t\"'`)]}>;,"
"""At the end of a line: it may turn out that they stand behind the cursor already."""


def growth(stream: Stream, request: Request, settings: Settings) -> str:
    """The head of what will be shown of a stream, as far as that is all but certain.

    The first line as it grows, and behind it whole lines, as many as are shown of any text.
    """
    rest = remainder(stream.place, stream.usable, request.snapshot)
    presented = rest and present(stream, rest, request, settings, as_if_over=True)
    if not rest or not presented or presented.answer is None:
        return ""
    lines = _common_head(presented.answer.text, rest).split("\n")
    wanted = wanted_by(request, settings, fresh=len(rest) == len(stream.usable))
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    shown = lines[: first + wanted.lines]
    if len(shown) == len(lines):
        shown[-1:] = _certain(shown, first, look_around(request.snapshot))
    return "\n".join(shown).rstrip()


def _certain(lines: Sequence[str], first: int, around: Surroundings) -> list[str]:
    """What of the last line is, which is still growing; nothing of one that may be dropped."""
    last = lines[-1].rstrip(_MAY_GO)
    whole = (around.head + last if len(lines) == 1 else last).strip()
    below = (*around.below, around.snapshot.suffix.strip())
    if len(lines) - 1 > first or not last or any(_begins(each, whole, last) for each in below):
        return []
    tail = around.tail.strip()
    overlaps = (at for at in range(len(last)) if tail.startswith(last[at:]))
    return [last[: next(overlaps, len(last))]]


def _begins(below: str, whole: str, last: str) -> bool:
    return below.strip().startswith((whole, last.strip()))


def _common_head(one: str, other: str) -> str:
    """Up to where closers were added, or lines indented otherwise."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return "".join(character for character, _ in pairs)
