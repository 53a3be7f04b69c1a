"""What was found, as lines for a person or as JSON. Pure.

The JSON is `{"ok": bool, "checks": [{"name", "state", "found", "advice", "seconds"}], "editors":
[{"name", "command", "version", "offers", "advice", "configuration"}]}`; "state" is "ok", "warning",
"failed" or "not checked".
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from codestral_ls.commands.doctor.editors import Found
from codestral_ls.commands.doctor.findings import Result, State, is_ok

NAME_WIDTH = 24
LEAST_WIDTH = 60
"""Of a terminal: in a narrower one lines are broken by itself."""
_WORD = re.compile(r"(?:[^\s`]|`[^`]*`|`)+")
"""What stands in backticks is to be copied, and stays on one line."""
BLOCKED = "not looked at"

_MARKS: Mapping[State, tuple[str, str, str]] = {
    State.FINE: ("✓", "+", "32"),
    State.WARNED: ("!", "!", "33"),
    State.FAILED: ("✗", "x", "31"),
    State.UNCHECKED: ("–", "-", "2"),  # noqa: RUF001 - a dash among signs as wide as it is
}
"""A mark, the same in ASCII, and its colour as a terminal knows it."""
ARROW = ("→", "->")
NOT_ASCII = "".join([*(mark for mark, _, _ in _MARKS.values()), ARROW[0]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What the output can show."""

    ascii_only: bool
    colour: bool
    width: int

    def mark(self, state: State) -> str:
        """The sign that a line begins with."""
        sign, plain, colour = _MARKS[state]
        text = plain if self.ascii_only else sign
        return f"\x1b[{colour}m{text}\x1b[0m" if self.colour else text

    @property
    def arrow(self) -> str:
        """What stands before an advice."""
        return ARROW[self.ascii_only]


def style_for(
    *, encoding: str, is_terminal: bool, environ: Mapping[str, str], width: int = 80
) -> Style:
    """The style for an output: no colour but on a terminal that has some, none with NO_COLOR."""
    try:
        NOT_ASCII.encode(encoding)
    except (LookupError, UnicodeEncodeError):
        ascii_only = True
    else:
        ascii_only = False
    return Style(
        ascii_only=ascii_only,
        colour=is_terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb",
        width=max(width, LEAST_WIDTH),
    )


def result_lines(result: Result, style: Style) -> str:
    """A check, with its advice on the lines below."""
    finding = result.finding
    lines = [_row(finding.state, result.name, finding.found, style)]
    return "".join([*lines, *_below(finding.advice, style)])


def blocked_line(results: Sequence[Result], style: Style) -> str:
    """Checks in one row that were all left out because of the same failure."""
    names = ", ".join(dict.fromkeys(each.name.rpartition(": ")[2] for each in results))
    return _row(State.UNCHECKED, BLOCKED, f"{names}; because of: {results[0].blocked_by}", style)


def _row(state: State, name: str, text: str, style: Style) -> str:
    shown = f"{name:<{NAME_WIDTH}}"
    indent = NAME_WIDTH + 3
    lines = _broken(text, style.width - indent, style.width - len(shown) - 3)
    return f"{style.mark(state)} {shown} {(chr(10) + ' ' * indent).join(lines)}".rstrip() + "\n"


def _below(advice: str, style: Style) -> Iterator[str]:
    lead = f"    {style.arrow} "
    for line in advice.splitlines():
        for part in _broken(line, style.width - len(lead)):
            yield f"{lead}{part}\n"
            lead = " " * len(lead)


def _broken(text: str, width: int, first: int = 0) -> list[str]:
    """The text in lines of some width, of which the first one may have another."""
    lines = [""]
    for word in _WORD.findall(text):
        room = (first or width) if len(lines) == 1 else width
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append(word)
        else:
            lines[-1] += f" {word}" if lines[-1] else word
    return lines


def editor_lines(editors: Sequence[Found], style: Style) -> str:
    """The editors on this machine, and how each is set up."""
    if not editors:
        return "\nNo editor that is known here was found on the PATH.\n"
    lines = ["\nEditors\n"]
    for found in editors:
        version = f" {found.version}" if found.version else ""
        words = f"{found.name}{version} ({found.command}): {found.offers}"
        lines += [
            f"  {'  ' * (at > 0)}{it}\n" for at, it in enumerate(_broken(words, style.width - 4))
        ]
        lines += _below(found.advice, style)
        if found.configuration:
            lines += ["\n", *(f"      {each}".rstrip() + "\n" for each in found.lines), "\n"]
    return "".join(lines).rstrip("\n") + "\n"


def verdict(results: Sequence[Result], style: Style) -> str:
    """The last line: what to do first, or that all is well."""
    failures = [each for each in results if each.finding.state is State.FAILED]
    warnings = [each.name for each in results if each.finding.state is State.WARNED]
    if failures:
        first = failures[0].finding.cause or failures[0].name
        others = f", then what else is wrong ({len(failures) - 1})" if len(failures) > 1 else ""
        words = f"Something is wrong. Begin with: {first}{others}.{_serving(results)}"
    elif warnings:
        count = f"{len(warnings)} warning{'s' * (len(warnings) > 1)}"
        words = f"All is well; {count} ({', '.join(warnings)})."
    else:
        words = "All is well."
    return "\n" + "\n".join(_broken(words, style.width)) + "\n"


def _serving(results: Sequence[Result]) -> str:
    """Who completes meanwhile: of several endpoints the first one that does."""
    works = (State.FINE, State.WARNED)
    parts = ((each.name.rpartition(": ")[0], each) for each in results)
    serving = (
        label
        for label, each in parts
        if label and each.name.endswith(": completion") and each.finding.state in works
    )
    name = next(serving, "")
    return f" Meanwhile {name} serves." if name else ""


def json_text(results: Iterable[Result], editors: Iterable[Found]) -> str:
    """All of it for a program."""
    results = tuple(results)
    checks = [
        {
            "name": each.name,
            "state": each.finding.state.value,
            "found": each.finding.found,
            "advice": each.finding.advice,
            "seconds": round(each.seconds, 3),
        }
        for each in results
    ]
    found: list[Mapping[str, Any]] = [each._asdict() for each in editors]
    return json.dumps({"ok": is_ok(results), "checks": checks, "editors": found}, indent=2) + "\n"
