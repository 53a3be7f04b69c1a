"""What is right of ghost text: the rest of an answer that was given for this text. Pure.

Ghost text is stale if no answer goes on like this at the cursor, and doubled if what it says stands
there already. Both show in one comparison, see `is_rest`.
"""

import re
from collections.abc import Iterator, Sequence

from tests.random_keys_model import Given

CLOSERS = ")]}\"'`>"
BLANKS = " \t\n"
_PAIRS = {")": "(", "]": "[", "}": "{", ">": "<"}
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
PLACE_BEFORE, PLACE_AFTER = 400, 140
"""Characters by which the server tells places apart: what is further away may have changed."""


def is_rest(shown: str, before: str, after: str, answers: Sequence[Given]) -> bool:
    """Whether ghost text is what some answer still has to say between two texts."""
    tail = after.partition("\n")[0]
    return any(
        _same_behind(given.suffix, after, typed) and continues(shown, rest, tail, typed)
        for given in reversed(answers)
        for typed, rest in _rests(given, before)
    )


def is_choice_and_rest(shown: str, before: str, after: str, answers: Sequence[Given]) -> bool:
    """Whether it is the end of a word that a list of words has selected, and what follows that."""
    tail = after.partition("\n")[0]
    for given in reversed(answers):
        end = given.prefix[len(before) :]
        chosen = bool(end) and given.prefix.startswith(before) and shown.startswith(end)
        fits = chosen and _same_behind(given.suffix, after, "")
        if fits and continues(shown[len(end) :], given.text, tail, ""):
            return True
    return False


def _same_behind(asked: str, now: str, typed: str) -> bool:
    """Whether the same stands behind, but for closers that editors put there or take away.

    They put them behind an opener that was typed since, and take those that were typed over. Blanks
    between them are of an Enter inside of a pair.
    """
    if _alike(asked[:PLACE_AFTER], now[:PLACE_AFTER]):
        return True
    put, over = _run_before(now, asked), _run_before(asked, now)
    if put.strip():
        return all(_PAIRS.get(each, each) in typed for each in put if each.strip())
    return bool(over.strip()) and all(each in typed for each in over if each.strip())


def _alike(asked: str, now: str) -> bool:
    # Where nothing follows, the model is told what makes it end: one line end or several.
    return asked == now or not (asked + now).strip()


def _run_before(text: str, other: str) -> str:
    """The closers and blanks behind which a text goes on like another one."""
    for size in range(1, len(text) + 1):
        if text[size - 1] not in CLOSERS + BLANKS:
            return ""
        rest, wanted = text[size:][:PLACE_AFTER], other[: PLACE_AFTER - size]
        if text[size - 1] in CLOSERS and _alike(rest, wanted):
            return text[:size]
    return ""


def _rests(given: Given, before: str) -> Iterator[tuple[str, str]]:
    """What was typed since an answer was given, and what is left of it behind that."""
    for typed in _typed_since(given.prefix, before):
        texts = {given.text}
        if given.prefix.endswith("\n"):  # a line end more is one too many where a line begins
            texts.add(given.text.removeprefix("\n"))
        for text in texts:
            if text.startswith(typed):
                yield typed, text[len(typed) :]
            if "\n" in typed:
                yield from ((typed, each) for each in _rest_otherwise_indented(text, typed))


def _typed_since(place: str, before: str) -> Iterator[str]:
    if before.startswith(place):
        yield before[len(place) :]
    elif len(place) >= PLACE_BEFORE:
        near = place[-PLACE_BEFORE:]
        for found in re.finditer(f"(?={re.escape(near)})", before):
            yield before[found.start() + PLACE_BEFORE :]


def _rest_otherwise_indented(text: str, typed: str) -> Iterator[str]:
    """The same where the lines typed since stand in the document with another indentation."""
    done, lines = typed.split("\n"), text.split("\n")
    if len(done) > len(lines) or done[0] != lines[0]:
        return
    if text.startswith(typed) and done[-1].strip():
        return
    if any(a.strip() != b.strip() for a, b in zip(done[1:-1], lines[1:-1], strict=False)):
        return
    head, line = done[-1].lstrip(), lines[len(done) - 1].lstrip()
    if line.startswith(head):
        yield "\n".join([line[len(head) :], *lines[len(done) :]])


def continues(shown: str, rest: str, tail: str, typed: str) -> bool:
    """Whether ghost text is a head of the rest.

    The lines behind the first one may be indented otherwise, as the document is. In front of other
    text in the line, closers that stand there need not be drawn, and what ghost text would leave
    open is closed.
    """
    here = there = 0
    behind = tail
    while here < len(shown):
        if there < len(rest) and shown[here] == rest[there]:
            here, there = here + 1, there + 1
            if shown[here - 1] == "\n":
                here, there = _behind_blanks(shown, here), _behind_blanks(rest, there)
        elif rest[there : there + 1] in tuple(CLOSERS) and behind.startswith(rest[there]):
            there, behind = there + 1, behind[1:]
        else:
            return bool(tail.strip()) and _closes(typed + shown[:here], shown[here:])
    return True


def _closes(text: str, closers: str) -> bool:
    """Whether closers are just those of what a text leaves open."""
    return "".join(closers.split()) == "".join(_BRACKETS[each] for each in reversed(opened(text)))


def _behind_blanks(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\t"):
        at += 1
    return at


def inserted(before: str, at: int, after: str) -> Iterator[tuple[str, str]]:
    """What may have been put in at a place, and what stood behind it that this replaced.

    That is closers, or what the text itself begins with.
    """
    tail = before[at:].partition("\n")[0]
    for count in range(len(tail) + 1):
        text = after[at : len(after) - len(before) + at + count]
        rest = before[at + count :]
        fits = after.startswith(before[:at]) and after == before[:at] + text + rest
        if text and fits and replaces(text, tail[:count]):
            yield text, tail[:count]
        closes = tail[count : count + 1] in tuple(CLOSERS + " ;,")
        if not closes and not after.startswith(before[: at + count + 1]):
            return  # this would be lost


def replaces(text: str, replaced: str) -> bool:
    """Whether a text brings all that it replaces, in the same order."""
    behind = iter(text)
    return all(each in behind for each in replaced)


def upsets_brackets(before: str, at: int, after: str) -> bool:
    """Whether a line whose brackets matched has lost that to a text in front of closers.

    In lines with quotes or comments nothing is said: what counts there takes a whole lexer.
    """
    start, end = before.rfind("\n", 0, at) + 1, before.find("\n", at)
    below = len(before) - end if end >= 0 else 0
    line, lines = before[start : len(before) - below], after[start : len(after) - below]
    if not before[at:].partition("\n")[0].strip() or re.search(r"[\"'`#]", line + lines):
        return False
    return _matches(line) and not _matches(lines)


def _matches(text: str) -> bool:
    left: list[str] = []
    for each in text:
        if each in _BRACKETS:
            left.append(each)
        elif each in ")]}" and (not left or left.pop() != _PAIRS[each]):
            return False
    return not left


def opened(text: str) -> list[str]:
    """The brackets that a text leaves open."""
    left: list[str] = []
    for each in text:
        if each in _BRACKETS:
            left.append(each)
        elif left and _PAIRS.get(each) == left[-1]:
            left.pop()
    return left


def flush(text: str, at: int) -> tuple[str, str]:
    """What stands before and behind a place, without blanks before closers that begin a line."""
    blanks = re.compile(r"^[ \t]+(?=[)\]}])", re.MULTILINE)
    return blanks.sub("", text[:at]), blanks.sub("", text[at:])


def is_part(text: str, ghost: str, part: str) -> bool:
    """Whether what was put in is what was shown, or its head if only a part was taken."""
    if part == "whole":
        # Drawn without the closers that stand behind the cursor already.
        return text == ghost or (len(text) > len(ghost) and _drawn(text, ghost))
    return ghost.startswith(text)


def _drawn(text: str, ghost: str) -> bool:
    behind = iter(text)
    return all(each in behind for each in ghost)
