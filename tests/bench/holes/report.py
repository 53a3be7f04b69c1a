"""Verdicts as tables, and failures to work with."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from tests.bench.holes.variants import VARIANTS
from tests.bench.holes.verdicts import Verdict

Key = Callable[[Verdict], str]
NAME_WIDTH, COLUMN_WIDTH = 34, 16


def table(verdicts: Sequence[Verdict]) -> str:
    """Return rows for each language and class, with totals, and how many are exact."""
    header = f"{'language, class':{NAME_WIDTH}}" + "".join(
        f"{variant:>{COLUMN_WIDTH}}" for variant in (*VARIANTS, "clean, usual")
    )
    parts: list[tuple[str, Key]] = [
        ("", lambda verdict: f"{verdict.language} {verdict.kind}"),
        ("by language", lambda verdict: verdict.language),
        ("by class", lambda verdict: verdict.kind),
        ("overall", lambda _: "ALL"),
        ("blank line inside", lambda each: str(each.blank_inside).lower()),
    ]
    lines = [header]
    for title, key in parts:
        lines += ["", title] if title else []
        lines += [_row(name, group) for name, group in sorted(_grouped(verdicts, key).items())]
    return "\n".join(lines)


def _grouped(verdicts: Iterable[Verdict], key: Key) -> dict[str, list[Verdict]]:
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        groups[key(verdict)].append(verdict)
    return groups


def _row(name: str, group: Sequence[Verdict]) -> str:
    cells = [
        _cell([each.right for each in group if each.variant == variant]) for variant in VARIANTS
    ]
    usual = _cell([each.usual_right for each in group if each.variant == "clean"])
    return f"{name:{NAME_WIDTH}}" + "".join(f"{cell:>{COLUMN_WIDTH}}" for cell in (*cells, usual))


def _cell(rights: Sequence[bool]) -> str:
    if not rights:
        return "-"
    return f"{len(rights)} {100 * sum(rights) / len(rights):6.1f} %"


def damage(verdicts: Iterable[Verdict]) -> str:
    """Return how often each rule had a part in what is wrong, for clean text and for the rest."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for verdict in verdicts:
        if not verdict.right:
            for rule in verdict.rules or (verdict.reason or _way(verdict),):
                counts[rule][verdict.variant] += 1
    header = f"{'wrong through':{NAME_WIDTH}}" + "".join(
        f"{variant:>{COLUMN_WIDTH}}" for variant in VARIANTS
    )
    rows = [
        f"{rule:{NAME_WIDTH}}" + "".join(f"{count[each]:>{COLUMN_WIDTH}}" for each in VARIANTS)
        for rule, count in sorted(counts.items(), key=lambda pair: -pair[1].total())
    ]
    return "\n".join([header, *rows])


def _way(verdict: Verdict) -> str:
    """What is wrong, where no rule is named."""
    shown, middle = verdict.shown.rstrip(), verdict.middle.rstrip()
    if middle.startswith(shown):
        return "(too short)"
    return "(too long)" if shown.startswith(middle) else "(other text)"


def failures(verdicts: Sequence[Verdict], most: int) -> str:
    """Return failing examples of each language, class and variant."""
    wrong = [each for each in verdicts if not each.right]
    groups = _grouped(wrong, lambda each: f"{each.language} · {each.kind} · {each.variant}")
    parts = []
    for name, group in sorted(groups.items()):
        parts.append(f"━━━ {name}: {len(group)} wrong")
        parts += [_example(each) for each in group[:most]]
    return "\n".join(parts)


def _example(verdict: Verdict) -> str:
    first_after, _, more_after = verdict.after.partition("\n")
    cursor = f"{verdict.before}‸{first_after}\n{more_after}"
    why = ", ".join(verdict.rules) or "no rule"
    shown = verdict.shown or f"({verdict.reason or 'nothing'})"
    replaces = f", replaces {verdict.replaces}" if verdict.replaces else ""
    parts = [
        f"─── {verdict.path}:{verdict.line}  {verdict.kind}, {verdict.variant}",
        _marked("  ", cursor.rstrip("\n")),
        "wanted:",
        _marked("+ ", verdict.middle),
    ]
    if verdict.written != verdict.middle:
        parts += ["written:", _marked("w ", verdict.written)]
    parts += [f"shown ({_way(verdict).strip('()')}; {why}{replaces}):", _marked("> ", shown), ""]
    return "\n".join(parts)


def _marked(mark: str, text: str) -> str:
    return "\n".join(f"    {mark}{line}" for line in text.split("\n"))
