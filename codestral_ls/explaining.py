"""What became of requests, in lines for a screen. Takes the JSON that `journal.describe` makes.

A trace may come from another version: whatever an entry lacks is left out.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from textwrap import wrap
from typing import Any, TypeGuard

Entry = Mapping[str, Any]

NOTHING_YET = "Nothing has been asked for in this session so far.\n"
COLUMNS = 78
"""Of a line: what a window beside code has room for."""
INDENT = "    "
CODE = ("prompt", "suffix", "input_prefix", "input_suffix")
"""What holds code in the bodies of calls, whoever is asked."""
MOST_DIGITS = 15
"""Of a number that anybody has counted or measured; what is longer is none."""
SECOND = 1000
"""Milliseconds from which on a time is told in seconds."""


def explain(entries: Iterable[Entry]) -> str:
    """A paragraph for each entry, in the order in which they come, for a window of an editor."""
    paragraphs = ["\n".join(_wrapped(lines_of(each))) + "\n" for each in entries]
    return "\n".join(paragraphs) or NOTHING_YET


def _wrapped(lines: Iterable[str]) -> Iterator[str]:
    """Lines that fit; what goes on in the next one is indented, and no path is cut."""
    for line in lines:
        own = len(line) - len(line.lstrip())
        more = INDENT + " " * own
        yield from wrap(
            line,
            COLUMNS,
            subsequent_indent=more,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [line]


def lines_of(entry: Entry) -> list[str]:
    """When, where and what; then what it took, and what made it so."""
    head = "  ".join(filter(None, (_when(entry), _where(entry), _what(entry))))
    rest = (
        _detail(entry),
        _times(_part(entry, "timings")),
        _tokens(_part(entry, "tokens")),
        _steps(entry),
        _sent(_part(entry, "sent")),
    )
    return [head, *(INDENT + each for each in rest if each)]


def lines_of_call(call: Entry) -> list[str]:
    """A call of a trace: where it went, and the code that was sent and answered."""
    sent = _part(call, "sent")
    texts = {name: each for name, each in sent.items() if name in CODE and isinstance(each, str)}
    others = {name: each for name, each in sent.items() if name not in texts}
    blocks = (*texts.items(), ("answer", str(call.get("answer", ""))))
    lines = ["  ".join(filter(None, (_when(call), f"call to {call.get('url', '?')}")))]
    if call.get("error"):
        lines.append(f"{INDENT}failed: {call['error']}")
    if others:
        lines.append(f"{INDENT}with {json.dumps(others, ensure_ascii=False)}")
    for name, text in blocks:
        lines.append(f"{INDENT}{name}:")
        lines.extend(f"{INDENT}| {line}" for line in text.split("\n"))
    return lines


def _when(entry: Entry) -> str:
    """By the clock on the user's wall. A trace has the time in words, and where it matters `at`."""
    time = entry.get("at", entry.get("time"))
    try:
        if isinstance(time, str):
            then = datetime.fromisoformat(time)
        elif isinstance(time, int | float):
            then = datetime.fromtimestamp(time, UTC)
        else:
            return ""
        return then.astimezone().strftime("%H:%M:%S")
    except (ValueError, OverflowError, OSError):  # no time that a calendar has
        return ""


def _where(entry: Entry) -> str:
    path = str(entry.get("path") or entry.get("uri") or "?")
    numbers = (entry.get("line"), entry.get("character"))
    return ":".join([path, *(str(each + 1) for each in numbers if _is_count(each))])


def _what(entry: Entry) -> str:
    outcome = str(entry.get("outcome", "?"))
    by_hand = " (asked by hand)" if entry.get("trigger") == "invoked" else ""
    if outcome != "answer":
        return f"nothing: {outcome}{by_hand}"
    names = [str(entry[name]) for name in ("model", "provider") if entry.get(name)]
    of = f", {' at '.join(dict.fromkeys(names))}" if names else ""
    size = _counted(entry.get("characters"), "character")
    return f"{size or 'answer'} from {_source(str(entry.get('source', '?')))}{of}{by_hand}"


def _source(source: str) -> str:
    plain = {
        "model": "the model",
        "offline": "your own files",
        "cache": "memory",
        "typed through": "the answer before, typed through",
        "joined": "a call that was under way",
    }
    return plain.get(source, source)


def _detail(entry: Entry) -> str:
    """What can be done, or why it was not the preferred provider: the former names the latter."""
    because = entry.get("because")
    return str(entry.get("detail") or (f"because {because}" if because else ""))


def _times(timings: Entry) -> str:
    told = (("waited", "waited_ms"), ("first token after", "first_token_ms"), ("took", "total_ms"))
    parts = [f"{word} {_time(timings[name])}" for word, name in told if _is_some(timings, name)]
    return ", ".join(parts)


def _is_some(values: Entry, name: str) -> bool:
    value = values.get(name)
    return isinstance(value, int | float) and 0 < value < 10**MOST_DIGITS


def _time(milliseconds: float) -> str:
    if milliseconds >= SECOND:
        return f"{milliseconds / SECOND:.1f} s"
    return f"{milliseconds:.0f} ms" if milliseconds >= 1 else f"{milliseconds:.1f} ms"


def _tokens(tokens: Entry) -> str:
    if not tokens:
        return ""
    cached = f" ({tokens['cached']} of them cached)" if _is_some(tokens, "cached") else ""
    sent, back = _amount(tokens, "prompt"), _amount(tokens, "completion")
    return f"tokens: {sent} sent{cached}, {back} generated"


def _steps(entry: Entry) -> str:
    steps = entry.get("steps")
    if not isinstance(steps, list):
        return ""
    told = [
        f"{each.get('rule')} ({_amount(each, 'before')} → {_amount(each, 'after')} characters)"
        for each in steps
        if isinstance(each, Mapping)
    ]
    return f"shaped by: {', '.join(told)}" if told else ""


def _sent(sent: Entry) -> str:
    if not sent:
        return ""
    before, behind = _amount(sent, "prefix"), _amount(sent, "suffix")
    snippets = sent.get("snippets")
    told = [
        f"{each.get('path')} ({_amount(each, 'characters')})"
        for each in (snippets if isinstance(snippets, list) else ())
        if isinstance(each, Mapping)
    ]
    files = f"; of other files: {', '.join(told)}" if told else ""
    hidden = "; secrets replaced" if sent.get("redacted") else ""
    return f"sent: {before} characters before the cursor, {behind} behind{files}{hidden}"


def _part(entry: Entry, name: str) -> Entry:
    part = entry.get(name)
    return part if isinstance(part, Mapping) else {}


def _amount(part: Entry, name: str) -> str:
    count = part.get(name)
    return str(count) if _is_count(count) else "?"


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and abs(value) < 10**MOST_DIGITS


def _counted(count: object, word: str) -> str:
    if not _is_count(count):
        return ""
    return f"{count} {word}{'' if count == 1 else 's'}"
