"""The embedded provider: it continues the longest context that it finds again. No network, no key.

`propose` is a plain function of what stands around the cursor and of other texts.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from codestral_ls.fim.lines import (
    indent_of,
    is_word,
    line_end,
    line_start,
    unit_of,
    written_after,
)
from codestral_ls.fim.matching import (
    TOKEN,
    Cursor,
    Effort,
    Match,
    continuation,
    cursor_of,
    find_matches,
    find_words,
)
from codestral_ls.model import Budget, Chunk, Prompt, Provider, Source, SourceText

IDENTIFIER = re.compile(r"[^\W\d]\w*")
LAST_WORD = re.compile(r"\w*\Z")

BUDGET = Budget(prefix_chars=32_000, suffix_chars=16_000)
"""Most files as a whole: a name counts as unknown if it is not in there."""
CANDIDATES = 4
"""Continuations with the most votes that are weighed; a fifth is never the likeliest."""
SETTLED_VOTES = 3
"""Places in agreement, all with as many of the characters below."""
SETTLED_CHARS = 12
"""Before the cursor in its line: with 8, or with two votes, six in ten are exact, not seven."""
LINES_IN_A_RUN = 6
"""As many as can be read at a glance."""
MOST_BLOCKS = 50
"""Places whose next lines are compared: more do not change what nine in ten agree in."""

# Fitted (logistic regression) on 5 850 holes in 13 Python packages, for 1 and `_Evidence` in its
# order. On 2 250 holes of each kind in 15 others, measured by tests/bench/offline.py:
#
#                                       shown   of these exact
#     rest of a line, from a word        25 %             78 %
#     rest of a line, from any column    29 %             90 %
#     a block, from an empty line        13 %             76 %  all lines that are proposed
#     end of a line                       2 %              0 %  nothing was to be proposed
#
# With 2 MB of texts, p50 is 3 ms and p95 5 to 7 ms, and no text known takes more than 13 ms. The
# last weight was fitted by itself on 2 400 holes where `settled` holds (on 820 others it would be
# 1.5): of what it alone lets through, seven in ten are exact.
WEIGHTS = (-3.5, 3.7, 0.6, 0.1, 1.3, -0.3, -1.0, 1.2)
# At 0.5 words are 29 % and 72 %, at 0.65 they are 22 % and 81 %.
ENOUGH = 0.6
# At 0.75, with three quarters agreeing, blocks have 1.9 lines rather than 1.4, and 70 % are exact.
ENOUGH_FOR_A_RUN = 0.85
AGREED = 0.9


@dataclass(frozen=True, slots=True)
class Proposal:
    """Ghost text, and how likely it is to be what the user wants, from 0 to 1."""

    text: str
    confidence: float


class _Evidence(NamedTuple):
    """What speaks for a continuation and against it.

    `share` is its part of the votes, `votes` the logarithm of their number, `length` that of the
    tokens in its longest match; `followed`: the same line comes next there and at the cursor.
    `unknown` counts identifiers that the document does not have, `tokens` is the logarithm of how
    long it is; `settled`: at all places with much the same line it goes on in the same way.
    """

    share: float
    votes: float
    length: int
    followed: bool
    unknown: int
    tokens: float
    settled: bool


def propose(prompt: Prompt, texts: Sequence[SourceText]) -> Proposal | None:
    """Continues the longest context of the cursor found in the document or in `texts`.

    `texts` begin with the nearest. There is no answer unless it is likely to be the right one.
    """
    cursor = cursor_of(prompt)
    own = prompt.prefix[: prompt.prefix.rfind("\n") + 1]
    after = prompt.suffix.partition("\n")[2]
    others = (text.text for text in texts if text.uri != prompt.uri)
    effort = Effort()
    supporters: dict[str, list[Match]] = {}
    for match in find_matches(cursor, [own, after, *others], effort):
        supporters.setdefault(continuation(cursor, match), []).append(match)
    best: Proposal | None = None
    for text, evidence in _candidates(prompt, cursor, supporters, effort):
        confidence = _confidence(evidence)
        if confidence > (best.confidence if best else ENOUGH):
            best = Proposal(text, confidence)
    if best is None:
        return None
    if not cursor.own and not cursor.tail and best.confidence >= ENOUGH_FOR_A_RUN:
        run = _run(cursor, best.text, supporters[best.text][:MOST_BLOCKS])
        return Proposal(best.text + run, best.confidence)
    return best


def offline_provider(texts: Callable[[str], Sequence[SourceText]]) -> Provider:
    """Makes a provider that draws its answers from `texts(uri)`."""

    async def ask(prompt: Prompt, take: Callable[[Chunk], bool]) -> None:
        proposal = propose(prompt, texts(prompt.uri))
        take(Chunk(text=proposal.text if proposal else "", finish_reason="stop"))

    async def nothing() -> None:
        pass

    return Provider(
        name="offline",
        model="offline",
        source=Source.OFFLINE,
        local=True,
        budget=BUDGET,
        ask=ask,
        warm=nothing,
        close=nothing,
    )


def _candidates(
    prompt: Prompt, cursor: Cursor, supporters: Mapping[str, Sequence[Match]], effort: Effort
) -> Iterator[tuple[str, _Evidence]]:
    """Yields the continuations with the most votes; a longer match has more of a vote."""
    weights = {text: sum(2.0**match.length for match in some) for text, some in supporters.items()}
    total = sum(weights.values())
    word = LAST_WORD.search(cursor.head)
    for text in sorted(filter(None, weights), key=lambda text: -weights[text])[:CANDIDATES]:
        yield (
            text,
            _Evidence(
                share=weights[text] / total,
                votes=math.log1p(len(supporters[text])),
                length=max(match.length for match in supporters[text]),
                followed=any(_followed(cursor, match) for match in supporters[text]),
                unknown=_unknown((word[0] if word else "") + text, prompt, effort),
                tokens=math.log1p(len(TOKEN.findall(text))),
                settled=len(supporters) == 1 and _settled(cursor, supporters[text]),
            ),
        )


def _settled(cursor: Cursor, supporters: Sequence[Match]) -> bool:
    """Whether enough of them have enough of the cursor's own line before them."""
    own = cursor.own[-SETTLED_CHARS:]
    alike = sum(match.text.startswith(own, max(0, match.at - len(own))) for match in supporters)
    return len(own) == SETTLED_CHARS and alike >= SETTLED_VOTES


def _followed(cursor: Cursor, match: Match) -> bool:
    """Whether the same line comes next at the match and at the cursor."""
    start = written_after(match.text, line_end(match.text, match.at))
    if start < 0 or not cursor.below:
        return False
    return match.text[start : line_end(match.text, start)].rstrip() == cursor.below.lstrip()


def _unknown(text: str, prompt: Prompt, effort: Effort) -> int:
    """Counts the identifiers of `text` that the document does not have."""
    names = set(IDENTIFIER.findall(text))
    texts = (prompt.prefix, prompt.suffix)
    return sum(not any(_has(text, name, effort) for text in texts) for name in names)


def _has(text: str, name: str, effort: Effort) -> bool:
    ends = (at + len(name) for at in find_words(name, text, effort))
    return any(end == len(text) or not is_word(text[end]) for end in ends)


def _confidence(evidence: _Evidence) -> float:
    score = sum(weight * value for weight, value in zip(WEIGHTS, (1.0, *evidence), strict=True))
    return 1 / (1 + math.exp(-score))


def _run(cursor: Cursor, first: str, supporters: Sequence[Match]) -> str:
    """Returns the lines that come after `first` at nearly all of its supporters."""
    base = indent_of(cursor.head + first)
    units = {text: unit_of(text) for text in {match.text for match in supporters}}
    blocks = [_block(match, units[match.text], cursor.unit) for match in supporters]
    run: list[str] = []
    while len(run) < LINES_IN_A_RUN - 1:
        votes = Counter(block[len(run)] for block in blocks if len(block) > len(run))
        line, count = max(votes.items(), key=lambda vote: vote[1], default=("", 0))
        if not line or count < AGREED * len(blocks) or line.strip() == cursor.below.strip():
            break
        run.append(line)
        blocks = [block for block in blocks if block[: len(run)] == run]
    return "".join(f"\n{base}{line}" for line in run)


def _block(match: Match, theirs: str, unit: str) -> list[str]:
    """Returns the lines that follow a match down to a blank one or a dedent, in our indentation."""
    text, at, _ = match
    base = text[line_start(text, at) : at]
    lines: list[str] = []
    end = line_end(text, at)
    while end < len(text) and len(lines) < LINES_IN_A_RUN:
        start, end = end + 1, line_end(text, end + 1)
        line = text[start:end].rstrip()
        if not line.startswith(base) or not line.strip() or "\r" in line:
            break
        indent = indent_of(line)[len(base) :].replace(theirs, unit)
        lines.append(indent + line.lstrip())
    return lines
