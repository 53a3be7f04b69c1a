"""From what the model wrote to what is shown: an ordered tuple of small rules. Pure.

A rule takes a draft and what stands around the cursor and returns the draft that it would rather
show; an empty one ends the matter. Adding a rule is writing a function and naming it in the tuple.
Trimming text that was right costs more than leaving junk: when in doubt, a rule does nothing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from codestral_ls.model import Step
from codestral_ls.shaping.extent import own_line
from codestral_ls.shaping.pairs import is_own_end
from codestral_ls.shaping.quiet import is_finished
from codestral_ls.shaping.surroundings import Surroundings
from codestral_ls.shaping.tails import closers_for, goes_with_tail, join_with_tail

BLANK_LINES_BELOW = 10
"""As many blank lines may stand between the cursor and the lines that a text repeats."""
_SAYS_ANYTHING = re.compile(r"\w|/>|`")
"""Brackets alone say nothing: reading has ended at those that are closed elsewhere."""
_LINE_ENDS = re.compile(r"\n(?:\s*\n)?([ \t]*)$")
_QUOTE = re.compile(r"[\"'`]")
_TOO_SHORT = re.compile(r"\W?")
_SAYS_SOMETHING = re.compile(r"\w.*\W.*\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A text on its way to the screen, in place of the first `replaces` characters of the tail.

    `fresh`: none of it was typed or accepted yet; `asked`: by hand.
    """

    text: str
    replaces: int = 0
    fresh: bool = True
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """What is shown (nothing, if empty), and the rules that had a part in it."""

    text: str
    replaces: int
    applied: tuple[Step, ...]


Rule = Callable[[Draft, Surroundings], Draft]


def fit(draft: Draft, around: Surroundings) -> Shaped:
    """Folds the rules that depend on the present document; the last one named emptied the text."""
    applied: list[Step] = []
    for rule in FITTING:
        before, draft = draft, rule(draft, around)
        if draft != before:
            applied.append(Step(rule.__name__, len(before.text), len(draft.text)))
        if not draft.text:
            break
    return Shaped(text=draft.text, replaces=draft.replaces, applied=tuple(applied))


def without_tail_twice(draft: Draft, around: Surroundings) -> Draft:
    """Drops the end that stands behind the cursor already, or lets it take that place."""
    if not around.tail.strip():
        return draft
    text, replaces = join_with_tail(draft.text, around)
    return replace(draft, text=text, replaces=replaces)


def without_lines_below(draft: Draft, around: Surroundings) -> Draft:
    """Drops last lines that stand below the cursor already."""
    text, snapshot = draft.text.rstrip(), around.snapshot
    lines = [line.rstrip() for line in text.split("\n")]
    most = len(lines) + BLANK_LINES_BELOW
    following = snapshot.suffix.split("\n", most)[1:most]
    below = [line.rstrip() for line in following if line.strip()]
    if draft.fresh and below and _stand_alone_below(text, below[0], around):
        return replace(draft, text="")
    lines[0] = around.head + lines[0]  # compared as it would stand in the document
    for size in range(min(len(lines), len(below)), 0, -1):
        shared = below[:size]
        if _stand_below(lines[-size:], shared):
            kept = "\n".join(text.split("\n")[:-size])
            if not is_own_end(text, len(kept), snapshot):
                return replace(draft, text=kept.rstrip())
    return draft


def _stand_below(lines: list[str], below: list[str]) -> bool:
    """Whether lines say what those below say; at another indentation it takes more to be sure."""
    if lines == below:
        return any(map(_SAYS_ANYTHING.search, below))
    if [line.strip() for line in lines] != [line.strip() for line in below]:
        return False
    return any(map(_SAYS_SOMETHING.search, below))


def _stand_alone_below(text: str, below: str, around: Surroundings) -> bool:
    """Whether a text of one line is the next one, but for indentation."""
    again = not around.head.strip() and text.strip() == below.strip()
    return again and bool(_SAYS_ANYTHING.search(below))


def with_closers(draft: Draft, around: Surroundings) -> Draft:
    """Closes what a text leaves open in front of closers; otherwise it would take theirs."""
    if not around.tail.strip() or around.in_comment:
        return draft
    if goes_with_tail(draft.text, draft.replaces, around):
        return draft
    text = draft.text.rstrip()
    while text:
        closed = text + closers_for(text, around)
        if goes_with_tail(closed, draft.replaces, around):
            lines = around.tail_closes and text.startswith("\n")
            return replace(draft, text=own_line(closed, around) if lines else closed)
        text = text.rpartition("\n")[0].rstrip()  # the last line may be half a statement
    return draft


def not_left_open(draft: Draft, around: Surroundings) -> Draft:
    """Nothing rather than a fragment in front of closers."""
    if not around.tail.strip() or around.in_comment or not any(p.at >= 0 for p in around.pending):
        return draft
    if not around.tail_closes and _QUOTE.search(draft.text + around.tail):
        return draft  # too easily misread: the tail may begin inside of a string
    return draft if goes_with_tail(draft.text, draft.replaces, around) else replace(draft, text="")


def not_the_line_above(draft: Draft, around: Surroundings) -> Draft:
    """Nothing rather than the line above once more."""
    says_again = (
        draft.fresh
        and not around.head.strip()
        and (around.head + draft.text).rstrip() == around.above.rstrip()
        and _SAYS_SOMETHING.search(draft.text)
    )
    return replace(draft, text="") if says_again else draft


def without_trailing_blanks(draft: Draft, around: Surroundings) -> Draft:
    """Drops blanks at the end; in front of closers one line end stays, and no space is doubled."""
    text, tail = draft.text, around.tail
    if not tail.strip():
        return replace(draft, text=text.rstrip())
    if blanks := _LINE_ENDS.search(text):
        one = "\n" + blanks[1] if around.tail_closes else ""
        return replace(draft, text=text[: blanks.start()] + one)
    doubled = text.endswith(" ") and tail.startswith(" ")
    return replace(draft, text=text[:-1]) if doubled else draft


def not_behind_finished(draft: Draft, around: Surroundings) -> Draft:
    """Nothing rather than a statement glued to one that is over: the next one takes a line end."""
    glued = draft.fresh and not draft.asked and draft.text[:1].strip() and is_finished(around)
    return replace(draft, text="") if glued else draft


def not_too_short(draft: Draft, _around: Surroundings) -> Draft:
    """Nothing rather than a lone bracket or comma, which is typed as fast as accepted.

    What is left of more may be short, so that ghost text does not vanish near its end.
    """
    short = draft.fresh and not draft.asked and _TOO_SHORT.fullmatch(draft.text.strip())
    return replace(draft, text="") if short else draft


def not_blank(draft: Draft, _around: Surroundings) -> Draft:
    """Nothing but blanks is nothing."""
    return draft if draft.text.strip() else replace(draft, text="")


FITTING: tuple[Rule, ...] = (
    without_tail_twice,
    without_lines_below,
    with_closers,
    not_left_open,
    not_the_line_above,
    not_behind_finished,
    without_trailing_blanks,
    not_too_short,
    not_blank,
)
