"""Holes in prose, configuration and markup."""

import re
from collections.abc import Iterator

from tests.bench.holes.cut import Hole, hole
from tests.bench.holes.source import CODE, LONG, STRING, UNSURE, WORD, Source, indentation

_PARAGRAPH = re.compile(r"(?!```|\[[^\]]*\]:)[A-Za-z*_`\[(\"][^|<>]*$")
_ITEM = re.compile(r"(?P<mark> {0,6}(?:[-*+]|\d+\.) +)\S[^<>]*$")
_FENCE = re.compile(r" {0,8}(?:```|~~~)")
_PAIR = re.compile(r"(?P<head> *(?:- )?[\w./-]+:) (?P<value>[^\s#&*|>!{\[\"'%@`][^#]*)$")
_KEY = re.compile(r" *(?:- )?[\w./ -]+:$")
_TOML_PAIR = re.compile(r"(?P<head>[\w.\"-]+ = )(?P<value>\S[^#]*)$")
_TABLE = re.compile(r"\[\[?[\w.\"'*()= -]+\]\]?$")
_OPENING_TAG = re.compile(r"\s*<(?P<name>[\w:-]+)(?:\s[^<>]*)?(?<!/)>$")
_ELEMENT = re.compile(r"<(?P<name>[\w:-]+)(?:\s[^<>]*)?>(?P<content>[^<>]+)</(?P=name)>")
MOST_TOGETHER = 4


def cut_markdown(source: Source) -> Iterator[Hole | None]:
    """Yield the rests of sentences and items, whole items and paragraphs; not in fences."""
    fenced = False
    lines = [source.line(number) for number in range(len(source.lines))]
    items: list[int] = []
    for number, (start, end) in enumerate(source.lines):
        line = lines[number]
        fenced ^= bool(_FENCE.match(line))
        item = None if fenced else _ITEM.match(line)
        whole = number + 1 == len(lines) or not lines[number + 1].startswith(" ")
        items = [*items, number] if item and whole and line == line.rstrip() else []
        if fenced or line != line.rstrip():
            continue
        if item or _PARAGRAPH.match(line):
            skipped = start + (len(item["mark"]) if item else 0)
            for found in WORD.finditer(source.text, skipped + 1, end):
                yield hole(source, "sentence", found.start(), end)
        if item and whole:
            yield hole(source, "item", start + len(item["mark"]), end)
            for first in items[-MOST_TOGETHER:]:
                yield hole(source, "list-items", source.lines[first][0], end)
        elif not item and _PARAGRAPH.match(line) and (number == 0 or not lines[number - 1]):
            yield _paragraph(source, lines, number)


def _paragraph(source: Source, lines: list[str], first: int) -> Hole | None:
    last = first
    while last + 1 < len(lines) and _PARAGRAPH.match(lines[last + 1]):
        last += 1
    ended = last + 1 == len(lines) or not lines[last + 1]
    end = source.lines[last][1]
    return hole(source, "paragraph", source.lines[first][0], end) if ended else None


def cut_yaml(source: Source) -> Iterator[Hole | None]:
    """Yield values, whole pairs and nested blocks; none near texts of several lines."""
    pairs: list[int] = []
    for number, (start, end) in enumerate(source.lines):
        line = source.line(number)
        pair = None if _in_text(source, number) else _PAIR.match(line)
        if pair is None or line != line.rstrip() or _is_deeper(source, number + 1, line):
            pairs = []
            if _KEY.match(line) and not _in_text(source, number):
                yield from _yaml_block(source, number)
            continue
        yield hole(source, "value", start + pair.start("value"), end)
        indent = indentation(line)
        dashed = line.lstrip().startswith("- ")
        same = pairs and not dashed and indentation(source.line(pairs[-1])) == indent
        pairs = [*pairs, number] if same else [] if dashed else [number]
        for first in pairs[-MOST_TOGETHER:]:
            yield hole(source, "pairs", source.lines[first][0] + len(indent), end)


def _in_text(source: Source, number: int) -> bool:
    """Whether a line may stand in a text of several lines."""
    indent = len(indentation(source.line(number)))
    for above in range(number - 1, -1, -1):
        line = source.line(above)
        if not line.strip() or len(indentation(line)) >= indent:
            continue
        if not re.search(r"(?::|- \S.*|^ *-)$", line) or re.search(r"[|>][-+0-9]*$", line):
            return True
        indent = len(indentation(line))
    return False


def _is_deeper(source: Source, number: int, line: str) -> bool:
    if number >= len(source.lines) or not source.line(number).strip():
        return False
    return len(indentation(source.line(number))) > len(indentation(line))


def _yaml_block(source: Source, first: int) -> Iterator[Hole | None]:
    head, last = source.line(first), first
    while last + 1 < len(source.lines) and _is_deeper(source, last + 1, head):
        last += 1
    span = source.text[source.lines[first][1] : source.lines[last][1]]
    if last == first or span != span.rstrip() or re.search(r"[|>][-+0-9]*\n", span):
        return
    end = source.lines[last][1]
    inner = source.lines[first + 1][0] + len(indentation(source.line(first + 1)))
    yield hole(source, "block", source.lines[first][1], end)
    yield hole(source, "block-line", inner, end)


def cut_toml(source: Source) -> Iterator[Hole | None]:
    """Yield values, whole pairs and tables."""
    pairs: list[int] = []
    for number, (start, end) in enumerate(source.lines):
        line = source.line(number)
        clean = line == line.rstrip() and LONG not in source.mask[start:end]
        pair = _TOML_PAIR.match(line) if clean and source.opener_at[start] < 0 else None
        if pair is not None and source.opener_at[end] < 0:
            yield hole(source, "value", start + pair.start("value"), end)
            pairs.append(number)
            for first in pairs[-MOST_TOGETHER:]:
                yield hole(source, "pairs", source.lines[first][0], end)
        else:
            pairs = []
        if clean and _TABLE.match(line) and source.opener_at[start] < 0:
            last = number
            while last + 1 < len(source.lines) and _TOML_PAIR.match(source.line(last + 1)):
                last += 1
            following = source.line(last + 1) if last + 1 < len(source.lines) else ""
            if not following.strip():
                yield hole(source, "block", end, source.lines[last][1])


def cut_html(source: Source) -> Iterator[Hole | None]:
    """Yield attributes' values, contents, and the lines between a tag and the one that ends it."""
    for number, (start, end) in enumerate(source.lines):
        line = source.line(number)
        if {UNSURE, LONG} & set(source.mask[start:end]) or line != line.rstrip():
            continue
        for found in _ELEMENT.finditer(line):
            for word in re.finditer(r"(?:(?<=\s)|^)[^\W\d]\w", found["content"]):
                place = start + found.start("content") + word.start()
                yield hole(source, "content", place, start + found.end("content"))
                if not line[found.end() :].strip():
                    yield hole(source, "content-open", place, end)
        for found in re.finditer(r"=\"(?P<value>[^\"<>]+)\"", line):
            if source.mask[start + found.start("value")] == STRING:
                span = found.span("value")
                yield hole(source, "attribute", start + span[0], start + span[1])
        opening = _OPENING_TAG.match(line)
        if opening and source.mask[start] == CODE and opening["name"] not in {"script", "style"}:
            yield from _element(source, number, opening["name"])


def _element(source: Source, first: int, name: str) -> Iterator[Hole | None]:
    head = source.line(first)
    closing = first + 1
    while closing < len(source.lines) and (
        not source.line(closing).strip() or _is_deeper(source, closing, head)
    ):
        closing += 1
    if closing >= len(source.lines) or source.line(closing) != f"{indentation(head)}</{name}>":
        return
    last = closing - 1
    while not source.line(last).strip():
        last -= 1
    span = source.text[source.lines[first][1] : source.lines[last][1]]
    if last == first or span != span.rstrip() or not source.line(first + 1).strip():
        return
    end, closer_end = source.lines[last][1], source.lines[closing][1]
    inner = source.lines[first + 1][0] + len(indentation(source.line(first + 1)))
    yield hole(source, "block", source.lines[first][1], end, closer_end)
    yield hole(source, "block-line", inner, end, closer_end)
    yield hole(source, "closing", source.lines[first][1], closer_end)
