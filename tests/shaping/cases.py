"""Cases of the corpus: texts that people read, write and compare line by line.

A file of `cases/` begins with comments (`# ...`) and headers that hold for all of its cases, and
goes on with cases:

    === a call's bracket that the editor has closed isn't closed again
    language: python
    rule: without_tail_twice
    --- document
    print(‸)
    --- written
    total)
    --- shown
    total

The title says in words what is expected. `--- document` has the cursor as `‸`, `--- written` is
what the model wrote, `--- shown` the ghost text. Without `--- shown` the text arrives as it was
written; `--- silence` in its place expects none.

Headers:

    language   an LSP language identifier
    rule       the rule that is chiefly responsible, see `RULES`;
               `some`: whichever it is, one is named, or the model wrote nothing;
               `keep`: the text arrives as it was written, and a trace may say anything;
               `quiet`: the model isn't even asked
    file       the document's path in the workspace, if a case is about it
    trigger    automatic (so without this header) or invoked
    edit       typed (so without this header), inserted or deleted
    finish     the model's finish reason, without this header `stop`
    replaces   how many characters behind the cursor the text takes the place of
    anything else is a setting: `max_lines: 5`

What could not be seen is written with marks, which are nowhere to be taken literally:

    ␠  a space and  ⇥  a tab: demanded at the end of a line, allowed anywhere
    ⏎  the line ends here: optional, except for a line end at the end of a text
    ␍  a carriage return
    ∎  the document ends here: without it, a document ends with a line end

Empty lines at the end of a section belong to the layout of the file, not to the text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from codestral_ls.languages import LANGUAGE_BY_ENDING
from codestral_ls.model import Edit, Snapshot, Trigger
from codestral_ls.settings import FIELDS, Settings
from codestral_ls.shaping.rules import FITTING
from codestral_ls.shaping.settling import HEAD_RULES
from tests.marked import CURSOR, snapshot
from tests.shaped import SETTINGS

CASES = Path(__file__).parent / "cases"
KEEP, QUIET, SOME = "keep", "quiet", "some"
ENDS = {
    *("without_markers", "until_unopened_closer", "until_repetition", "until_suffix"),
    *("single_line", "to_end_of_block", "to_max_lines"),
    *("with_line_feeds", "with_document_indentation"),
}
RULES = {*(each.__name__ for each in (*HEAD_RULES, *FITTING)), *ENDS}
"""The names that a trace may hold."""
SECTIONS = ("document", "written", "shown", "silence")

_TITLE = "=== "
_SECTION = re.compile(r"--- ([a-z]+)")
_HEADER = re.compile(r"([a-z_]+): *(.+)")
_OTHERS = ("language", "rule", "file", "trigger", "edit", "finish", "replaces")
_ENDINGS = {language: ending for ending, language in LANGUAGE_BY_ENDING.items()}


class Malformed(Exception):
    """A case that cannot be read; the message begins with the file and the line."""

    def __init__(self, path: Path, line: int, complaint: str) -> None:
        super().__init__(f"{path.name}:{line}: {complaint}")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Case:
    """One text at one place, and what is expected to be shown of it.

    `rule` must stand in the trace, unless it is one of the words that say otherwise.
    """

    path: Path
    line: int
    title: str
    language: str
    rule: str
    document: str
    written: str
    shown: str
    replaces: int = 0
    uri: str = ""
    trigger: Trigger = Trigger.AUTOMATIC
    edit: Edit = Edit.TYPED
    finish_reason: str = "stop"
    settings: Settings = SETTINGS

    def __repr__(self) -> str:
        return f"{self.path.name}:{self.line}: {self.title}"

    @property
    def name(self) -> str:
        """What the case is called among all."""
        return f"{self.path.relative_to(CASES).with_suffix('').as_posix()}:{self.title}"

    @property
    def is_keep(self) -> bool:
        """Whether the text is right and arrives untouched."""
        return self.rule == KEEP

    @property
    def snapshot(self) -> Snapshot:
        """The document around the cursor."""
        return snapshot(self.document, language=self.language, uri=self.uri)


@dataclass(slots=True)
class _Draft:
    """A case while it is read: where its parts stand, and their lines."""

    path: Path
    line: int
    title: str
    headers: dict[str, tuple[int, str]]
    sections: dict[str, tuple[int, list[str]]] = field(default_factory=dict)

    def wrong(self, complaint: str, line: int = 0) -> Malformed:
        return Malformed(self.path, line or self.line, complaint)


def all_cases(folder: Path = CASES) -> Iterator[Case]:
    """Every case of every file, in a fixed order."""
    for path in sorted(folder.rglob("*.txt")):
        yield from read_cases(path.read_text(encoding="utf-8"), path)


def read_cases(text: str, path: Path) -> Iterator[Case]:
    """The cases of one file's text; raises Malformed."""
    titles: dict[str, int] = {}
    for draft in _drafts(text, path):
        before = titles.setdefault(draft.title, draft.line)
        if before != draft.line:
            raise draft.wrong(f"line {before} has a case of this title already")
        yield _case(draft)


def _drafts(text: str, path: Path) -> Iterator[_Draft]:
    common: dict[str, tuple[int, str]] = {}
    draft: _Draft | None = None
    section: list[str] | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith(_TITLE):
            if draft is not None:
                yield draft
            draft, section = _Draft(path, number, line.removeprefix(_TITLE), dict(common)), None
        elif draft is not None and (name := _SECTION.fullmatch(line)):
            section = _begin(name[1], number, draft)
        elif section is not None:
            if line != line.rstrip(" \t"):
                raise Malformed(path, number, "blanks at the end of a line are written ␠ or ⇥")
            section.append(line)
        elif line and not line.startswith("#"):
            headers = common if draft is None else draft.headers
            headers.update(_header(line, number, path))
    if draft is None:
        raise Malformed(path, 1, "there is no case in this file")
    yield draft


def _begin(name: str, number: int, draft: _Draft) -> list[str]:
    if name not in SECTIONS:
        raise draft.wrong(f"no section is called {name!r}, but {', '.join(SECTIONS)}", number)
    if name in draft.sections:
        raise draft.wrong(f"a second section {name!r}", number)
    lines: list[str] = []
    draft.sections[name] = (number, lines)
    return lines


def _header(line: str, number: int, path: Path) -> Mapping[str, tuple[int, str]]:
    header = _HEADER.fullmatch(line)
    if header is None:
        raise Malformed(path, number, f"neither a header nor a section: {line!r}")
    if header[1] not in {*_OTHERS, *FIELDS}:
        raise Malformed(path, number, f"no header and no setting is called {header[1]!r}")
    return {header[1]: (number, header[2].strip())}


def _case(draft: _Draft) -> Case:
    for needed in ("document", "written"):
        if needed not in draft.sections:
            raise draft.wrong(f"a case needs the section {needed!r}")
    for needed in ("language", "rule"):
        if needed not in draft.headers:
            raise draft.wrong(f"a case needs the header {needed!r}")
    language, rule = draft.headers["language"][1], _rule(draft)
    written = _text(draft, "written")
    path = draft.headers.get("file", (0, f"a.{_ENDINGS.get(language, 'txt')}"))[1]
    return Case(
        path=draft.path,
        line=draft.line,
        title=draft.title,
        language=language,
        rule=rule,
        document=_document(draft),
        written=written,
        shown=_shown(draft, written, rule),
        replaces=_value(draft, "replaces", int, 0),
        uri=f"file:///w/{path}",
        trigger=_value(draft, "trigger", Trigger, Trigger.AUTOMATIC),
        edit=_value(draft, "edit", Edit, Edit.TYPED),
        finish_reason=draft.headers.get("finish", (0, "stop"))[1],
        settings=_settings(draft),
    )


def _rule(draft: _Draft) -> str:
    line, named = draft.headers["rule"]
    if named not in {KEEP, QUIET, SOME, *RULES}:
        raise draft.wrong(f"no rule is called {named!r}", line)
    return named


def _document(draft: _Draft) -> str:
    document = _text(draft, "document")
    if document.count(CURSOR) != 1:
        raise draft.wrong(f"a document has one cursor {CURSOR}", draft.sections["document"][0])
    ended, end, behind = document.partition("∎")
    if behind:
        raise draft.wrong("something stands behind ∎", draft.sections["document"][0])
    return ended if end or ended.endswith("\n") else f"{ended}\n"


def _shown(draft: _Draft, written: str, rule: str) -> str:
    if {"shown", "silence"} <= draft.sections.keys():
        raise draft.wrong("either text is shown or there is silence")
    if rule == QUIET and "silence" not in draft.sections:
        raise draft.wrong(f"a case of {QUIET!r} expects silence")
    if "silence" in draft.sections:
        line, lines = draft.sections["silence"]
        if any(lines) or rule == KEEP:
            raise draft.wrong("silence has no text", line)
        return ""
    if "shown" not in draft.sections:
        return written
    line, _ = draft.sections["shown"]
    shown = _text(draft, "shown")
    if not shown.strip():
        raise draft.wrong("what is shown is blank: write `--- silence`", line)
    if rule == KEEP and shown != written:
        raise draft.wrong(f"a case of {KEEP!r} shows what was written", line)
    return shown


def _text(draft: _Draft, section: str) -> str:
    _, lines = draft.sections[section]
    text = "\n".join(lines).rstrip("\n").replace("⏎\n", "\n").replace("⏎", "\n")
    return text.replace("␠", " ").replace("⇥", "\t").replace("␍", "\r")


def _settings(draft: _Draft) -> Settings:
    chosen: dict[str, Any] = {
        name: _value(draft, name, FIELDS[name].metadata["kind"].parse, None)
        for name in draft.headers
        if name in FIELDS and name not in _OTHERS
    }
    return replace(SETTINGS, **chosen)


def _value(draft: _Draft, name: str, parse: Any, otherwise: Any) -> Any:
    if name not in draft.headers:
        return otherwise
    line, value = draft.headers[name]
    try:
        return parse(value)
    except (KeyError, TypeError, ValueError):
        raise draft.wrong(f"{name} can't be {value!r}", line) from None
