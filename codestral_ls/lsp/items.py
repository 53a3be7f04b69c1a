"""Answer -> what a client draws. Pure.

The range is always explicit: without one Neovim 0.12 doubles text that is there already, and VS
Code 1.139 takes the word at the cursor for it and hides whatever does not begin with that word.
Line ends are LF: Neovim draws and inserts a CR as a character, VS Code turns LF into its own; but
see `Entry`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lsprotocol import types

from codestral_ls.lsp.documents import Unit, unit_length

ACCEPTED = "codestral.accepted"
"""Command that editors run once ghost text has been accepted."""
LABEL_CHARS = 60
_WORD = re.compile(r"\w+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirk:
    """What a client does that none of its capabilities tells.

    `waits`: for a pause in the typing, before it asks by itself. `reads_markdown`: it takes all
    documentation for Markdown.
    """

    waits: bool = False
    reads_markdown: bool = False


QUIRKS: Mapping[str, Quirk] = {
    # 0.12 asks 200 ms after the last key, a time that nobody can set.
    "neovim": Quirk(waits=True),
    # 25.07.1 asks 250 ms after the last key; it declares no documentationFormat, joins the lines
    # of plain text and takes underscores for emphasis.
    "helix": Quirk(waits=True, reads_markdown=True),
}
"""By the name of the client, in small letters: only what leaves no other way."""


def inline_item(text: str, place: types.Range, uri: str, number: int) -> types.InlineCompletionItem:
    """Ghost text that takes the place of a range, see `reaching`.

    Its command tells of its acceptance: in which document, and which answer it was.
    """
    return types.InlineCompletionItem(
        insert_text=text, range=place, command=acceptance(uri, number)
    )


def acceptance(uri: str, number: int) -> types.Command:
    """What a client is to run when it has inserted an item."""
    return types.Command(title="Accepted", command=ACCEPTED, arguments=[uri, number])


def number_of(params: object) -> int:
    """Which answer a notification with an item is about; 0 if it is none of ours.

    Of Copilot's protocol, in which clients send the item back, its command included.
    """
    command = _entry(_entry(params, "item"), "command")
    arguments = _entry(command, "arguments")
    if _entry(command, "command") != ACCEPTED or not isinstance(arguments, list):
        return 0
    number = arguments[-1] if arguments else None
    return number if isinstance(number, int) and not isinstance(number, bool) else 0


def _entry(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None


def reaching(place: types.Range, replaced: str, unit: Unit) -> types.Range:
    """A range that ends at the cursor, with what the text replaces behind it in the line.

    VS Code 1.139 draws the text only if what it replaces there is a subsequence of it.
    """
    end = place.end.character + unit_length(replaced, unit)
    return types.Range(place.start, types.Position(place.end.line, end))


def menu_word(line_head: str) -> str:
    """The word that a menu entry begins with: clients filter and draw by what was typed of it."""
    found = _WORD.search(line_head)
    return found.group() if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An answer for a completion menu: `text` takes the place of `place`; both begin with a word.

    They do, because Helix 25.07 drops what does not match the text typed since, and eglot 1.17
    what does not begin with the symbol before point. `number` is the answer's, `rank` its place
    among several; `line_end` is inserted for each LF of the text, `indent` what the line
    of the cursor begins with.
    """

    text: str
    line_end: str
    indent: str
    place: types.Range
    uri: str
    number: int
    language: str
    model: str
    rank: int = 0


def menu_item(entry: Entry, *, markdown: bool) -> types.CompletionItem:
    """An entry as it goes out.

    It stands in front of others that match as well: it is one only, and it takes the place of
    ghost text. Clients that run commands (VS Code, Neovim, lsp-mode; not Helix 25.07, nor eglot
    1.17) tell of its acceptance.
    """
    text = entry.text
    shown = text.replace(f"\n{entry.indent}", "\n")  # as the first line, which begins behind it
    first, more, _ = text.partition("\n")
    label = first.strip() or text.strip().partition("\n")[0]
    if more or len(label) > LABEL_CHARS:
        label = label[:LABEL_CHARS].rstrip() + " …"
    return types.CompletionItem(
        label=label,
        kind=types.CompletionItemKind.Text,
        detail=f"codestral-ls · {entry.model}",
        documentation=types.MarkupContent(
            kind=types.MarkupKind.Markdown if markdown else types.MarkupKind.PlainText,
            value=code_block(shown, entry.language) if markdown else shown,
        ),
        filter_text=first or None,
        sort_text=f" {entry.rank}",
        insert_text_format=types.InsertTextFormat.PlainText,
        # Or VS Code and lsp-mode indent its further lines, which are indented, once more.
        insert_text_mode=types.InsertTextMode.AsIs,
        text_edit=types.TextEdit(range=entry.place, new_text=text.replace("\n", entry.line_end)),
        command=acceptance(entry.uri, entry.number),
    )


def menu(entries: Sequence[types.CompletionItem], *, again: bool) -> types.CompletionList:
    """The list for a client; `again` if it asks anew while one is open.

    One entry is asked for anew with each key, several stay as they are. An empty list is complete:
    of one that is not, Helix 25.07 makes the menu, an empty one, and what other servers say more
    than 100 ms later is lost. A menu that is open stands already.
    """
    incomplete = again or len(entries) == 1
    return types.CompletionList(is_incomplete=incomplete, items=entries)


def code_block(text: str, language: str) -> str:
    """Markdown that shows a text as it is, whatever backticks it holds."""
    runs = re.findall(r"`{3,}", text)
    fence = "`" * (max(map(len, runs), default=2) + 1)
    return f"{fence}{language}\n{text}\n{fence}"
