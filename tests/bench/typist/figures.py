"""What many runs have shown, as a table."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .samples import hole
from .tally import TAIL, Shown, Tally

INPUT_PRICE, OUTPUT_PRICE = 0.30, 0.90
"""USD per million tokens."""
NORMAL_PROMPT = 2300
"""Tokens; the price with prompts of this size tells pacing and prompt apart."""
FROM_MEMORY = 0.02
"""Seconds. An item counts as the network's if it took longer and a call ran while it was awaited;
what comes faster was there already, even if a call that others wait for is still running."""
HEAD = 12
"""Characters of a ghost by which the call is found that it came from."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one server, manner and model over several seeds."""

    saved: float
    saved_error: float
    in_view: float
    calls: float
    unused: float
    refused: int
    dropped: float
    astray: int
    network: tuple[float, float]
    network_count: int
    item_count: int
    empty_screen: tuple[float, float]
    tokens: float
    usd: float
    usd_normal: float
    stale: float
    corrupted: int
    unanswered: int
    errors: list[str]
    said: list[str]
    cpu: float
    peak_mb: float
    keys: int
    accepts: int
    accepted_chars: int
    seconds: float
    runs: int


def figures(runs: Sequence[tuple[int, Tally]]) -> Figures:
    """Sums up runs, each with its seed."""
    tallies = [tally for _, tally in runs]
    keys = sum(tally.all_keys for tally in tallies) or 1
    thousands = sum(tally.accepted_chars for tally in tallies) / 1000
    paid = [call for tally in tallies for call in tally.calls if call["status"] != 429]
    asked = [call for tally in tallies for call in tally.calls]
    prompt = sum(call["prompt_tokens"] for call in paid)
    written = sum(call["tokens"] for call in paid)
    network = [took for tally in tallies for took in _network(tally)]
    empty = [took for tally in tallies for took in tally.empty_screen]
    saved = [tally.saved for tally in tallies]
    needed = sum(tally.needed for tally in tallies) or 1
    error = statistics.stdev(saved) / len(saved) ** 0.5 if len(saved) > 1 else 0.0
    unused = sum(len(_unused(seed, tally)) for seed, tally in runs)

    def per_thousand(amount: float) -> float:
        return amount / thousands if thousands else float("nan")

    return Figures(
        saved=1 - sum(tally.keys for tally in tallies) / needed,
        saved_error=error,
        in_view=sum(tally.in_view for tally in tallies) / keys,
        calls=100 * len(asked) / keys,
        unused=unused / len(paid) if paid else 0.0,
        refused=len(asked) - len(paid),
        dropped=sum(call["dropped"] for call in paid) / len(paid) if paid else 0.0,
        astray=sum(_astray(tally) for tally in tallies),
        network=(quantile(network, 0.5), quantile(network, 0.95)),
        network_count=len(network),
        item_count=sum(len(tally.items) for tally in tallies),
        empty_screen=(quantile(empty, 0.5), quantile(empty, 0.95)),
        tokens=per_thousand(prompt + written),
        usd=per_thousand((prompt * INPUT_PRICE + written * OUTPUT_PRICE) / 1e6),
        usd_normal=per_thousand(
            (len(paid) * NORMAL_PROMPT * INPUT_PRICE + written * OUTPUT_PRICE) / 1e6
        ),
        stale=100 * sum(tally.stale for tally in tallies) / keys,
        corrupted=sum(tally.corrupted_lines for tally in tallies),
        unanswered=sum(tally.unanswered for tally in tallies),
        errors=[error for tally in tallies for error in tally.errors],
        said=[text for tally in tallies for text in tally.said],
        cpu=sum(tally.cpu_seconds for tally in tallies),
        peak_mb=max((tally.peak_mb for tally in tallies), default=0.0),
        keys=keys,
        accepts=sum(tally.accepts for tally in tallies),
        accepted_chars=sum(tally.accepted_chars for tally in tallies),
        seconds=sum(tally.seconds for tally in tallies),
        runs=len(runs),
    )


def quantile(values: Iterable[float], share: float) -> float:
    """The value below which a share of all lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def _network(tally: Tally) -> Iterable[float]:
    spans = [(call["at"], call["ended"] or float("inf")) for call in tally.calls]
    for asked, answered in tally.items:
        overlaps = any(at < answered and ended > asked for at, ended in spans)
        if overlaps and answered - asked > FROM_MEMORY:
            yield answered - asked


def _unused(seed: int, tally: Tally) -> set[int]:
    """The calls of which nothing was ever shown: a ghost is put down to the newest that fits."""
    unused = {index for index, call in enumerate(tally.calls) if call["status"] != 429}
    for shown in tally.shown:
        for index in range(len(tally.calls) - 1, -1, -1):
            if _brought(seed, tally.calls[index], shown):
                unused.discard(index)
                break
    return unused


def _brought(seed: int, call: dict[str, object], shown: Shown) -> bool:
    """Whether a ghost is, or is the rest of, what a call has generated."""
    at, text = call["place"], str(call["text"])
    if not isinstance(at, int) or call["at"] > shown.time:  # type: ignore[operator]
        return False
    if call["hole"] != shown.hole or not 0 <= at <= shown.at:
        return False
    typed = hole(seed, shown.hole).text[at : shown.at]
    rest = text[len(typed) :].strip()
    return text.startswith(typed) and rest.startswith(shown.text.strip()[:HEAD])


def _astray(tally: Tally) -> int:
    """Prompts that end as the document never did.

    They were asked ahead of what was typed then, or the server has lost track of the text.
    """
    tails = {text[-TAIL:] for text in tally.texts}
    return sum(call["place"] < 0 and call["tail"] not in tails for call in tally.calls)


COLUMNS = (
    "server", "saved %", "±", "way %", "calls", "unused", "drop", "net p50/p95", "empty p95",
    "tokens", "USD", "USD2300", "stale", "corr", "unans", "errs", "429", "view", "CPU s", "MB",
)  # fmt: skip
WIDTHS = (8, 7, 4, 5, 5, 6, 5, 11, 9, 7, 7, 7, 5, 4, 5, 4, 4, 5, 6, 5)


def header() -> str:
    """The names of the columns; what they mean is said by `LEGEND`."""
    return _line(COLUMNS)


def row(server: str, of: Figures, way: float | None) -> str:
    """A line of the table."""
    cells = (
        server,
        f"{of.saved:.1%}",
        f"{of.saved_error * 100:.1f}",
        "" if way is None else f"{way:.0%}",
        f"{of.calls:.1f}",
        f"{of.unused:.0%}",
        f"{of.dropped:.0%}",
        f"{_ms(of.network[0])}/{_ms(of.network[1])}",
        _ms(of.empty_screen[1]),
        _number(of.tokens, 0),
        _number(of.usd, 3),
        _number(of.usd_normal, 3),
        f"{of.stale:.1f}",
        str(of.corrupted),
        str(of.unanswered),
        str(len(of.errors)),
        str(of.refused),
        f"{of.in_view:.0%}",
        f"{of.cpu:.1f}",
        f"{of.peak_mb:.0f}",
    )
    return _line(cells)


LEGEND = """\
saved    keys saved: 1 - keys and accepts / keys without help; slips are left out of both; ± is the
         standard error between seeds
way      share of the way from the naive server to the ceiling
calls    FIM calls per 100 keys; unused: nothing was ever shown of them; drop: ended by the server
net      request to item, ms, of items that did not come from memory: slower than 20 ms, and a call
         ran while they were awaited
empty    key to ghost, ms p95, where the screen was empty
tokens   in and out, per 1000 accepted characters; USD the same at 0.30/0.90 a million, and with all
         prompts taken for 2300 tokens
stale    texts per 100 keys that were drawn although the document had moved on
corr     lines that are not as typed and accepted
unans    requests without a reply; errs: replies that editors show as errors, or second ones
view     share of the keys before which a right ghost was in view
CPU, MB  of all the servers of the row together; the largest peak"""


def _ms(seconds: float) -> str:
    return _number(seconds * 1000, 0)


def _number(value: float, digits: int) -> str:
    return "-" if value != value else f"{value:.{digits}f}"  # noqa: PLR0124 - no number


def _line(cells: Sequence[str]) -> str:
    first, *others = zip(cells, WIDTHS, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)])
