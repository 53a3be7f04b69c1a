"""What a piece of code would be with the names of another one. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from codestral_ls.context.index.words import PART
from codestral_ls.context.matching.tokens import QUOTES, RENAMED, TOKEN

SHORT_PART = 3
"""A shorter one is in too many names by chance."""
MOST_PARTS = 8
"""Names nearest to the cursor of which parts are replaced: more take long where all differ."""
SPELLINGS: Sequence[Callable[[str], str]] = (
    str.lower,
    str.upper,
    lambda word: word[0].lower() + word[1:],
    lambda word: word[0].upper() + word[1:],
    str,
)
"""Of a part in another name; where two are the same, the last one counts."""


def pair_names(theirs: Sequence[str], own: Sequence[str], classes: Sequence[str]) -> dict[str, str]:
    """Returns which names and literals stand for others, from tokens that are alike.

    A name that stands for two is the first one.
    """
    names: dict[str, str] = {}
    for word, other, kind in zip(theirs, own, classes, strict=False):
        if kind in RENAMED and word not in names:
            names[word] = other
    return {word: other for word, other in names.items() if word != other}


class Renaming:
    """Replaces names: `height` by `width`, then also `max_height`, `"height"` and `Height`.

    With parts of names 38 rather than 36 of a hundred holes can be filled, seven in ten of them
    exactly.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        parts = (_differing_part(*pair) for pair in names.items())
        self._parts = [part for part in islice(parts, MOST_PARTS) if part]

    def __call__(self, text: str) -> tuple[str, int]:
        """Returns the text with other names, and how many tokens of it are others."""
        count = 0
        lowered = text.lower()
        parts = {
            spell(part): spell(own)
            for part, own in reversed(self._parts)
            if part.lower() in lowered
            for spell in SPELLINGS
        }
        if not parts and not any(name in text for name in self._names):
            return text, 0

        def replaced(token: re.Match[str]) -> str:
            nonlocal count
            word = self._names.get(token[0]) or _with_parts(token[0], parts)
            count += word != token[0]
            return word

        return TOKEN.sub(replaced, text), count


def _with_parts(word: str, parts: Mapping[str, str]) -> str:
    """Replaces parts that neither begin nor end within other ones."""
    for part, own in parts.items():
        if part in word:
            before = "a-zA-Z" if part[0].islower() else "A-Z"
            word = re.sub(f"(?<![{before}]){re.escape(part)}(?![a-z])", own, word)
    return word


def _differing_part(word: str, other: str) -> tuple[str, str] | None:
    """Returns in what two names differ: `width` and `size` for `max_width` and `max_size`."""
    word, other = word.strip(QUOTES), other.strip(QUOTES)
    if not (word.isidentifier() and other.isidentifier()):
        return None
    theirs, own = PART.findall(word), PART.findall(other)
    while theirs and own and theirs[0] == own[0]:
        del theirs[0], own[0]
    while theirs and own and theirs[-1] == own[-1]:
        del theirs[-1], own[-1]
    part, instead = "".join(theirs).strip("_"), "".join(own).strip("_")
    return (part, instead) if len(part) >= SHORT_PART and instead else None
