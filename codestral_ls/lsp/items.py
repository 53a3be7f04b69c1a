"""Answer -> what a client draws. Pure.

The range is always explicit: without one Neovim 0.12 doubles text that is there already, and VS
Code 1.139 takes the word at the cursor for it and hides whatever does not begin with that word.
Line ends are LF: Neovim draws and inserts a CR as a character, VS Code turns LF into its own.
"""

import re
from collections.abc import Mapping

from lsprotocol import types

from codestral_ls.lsp.documents import Unit, lf, unit_length
from codestral_ls.model import Answer

ACCEPTED = "codestral.accepted"
"""Command that editors run once ghost text has been accepted."""
LABEL_CHARS = 60
_WORD = re.compile(r"\w+$")


def inline_item(text: str, place: types.Range, uri: str, number: int) -> types.InlineCompletionItem:
    """Ghost text that takes the place of a range, see `reaching`.

    Its command tells of its acceptance: in which document, and which answer it was.
    """
    command = types.Command(title="Accepted", command=ACCEPTED, arguments=[uri, number])
    return types.InlineCompletionItem(insert_text=text, range=place, command=command)


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
    """The word that the menu entry begins with: clients filter and draw by what was typed of it."""
    found = _WORD.search(line_head)
    return found.group() if found else ""


def menu_item(
    answer: Answer, word: str, language: str, place: types.Range, *, markdown: bool
) -> types.CompletionItem:
    """The answer as an entry of a completion menu; `place` begins with `word`.

    The range begins at the word and the text repeats it, because Helix 25.07 drops what does not
    match the text typed since, and eglot 1.17 what does not begin with the symbol before point.
    """
    text = word + lf(answer.text)
    first, more, _ = text.partition("\n")
    label = first.strip() or text.strip().partition("\n")[0]
    if more or len(label) > LABEL_CHARS:
        label = label[:LABEL_CHARS].rstrip() + " …"
    return types.CompletionItem(
        label=label,
        kind=types.CompletionItemKind.Text,
        detail=f"codestral-ls · {answer.model}",
        documentation=types.MarkupContent(
            kind=types.MarkupKind.Markdown if markdown else types.MarkupKind.PlainText,
            value=code_block(text, language) if markdown else text,
        ),
        filter_text=first or None,
        sort_text=" ",
        insert_text_format=types.InsertTextFormat.PlainText,
        text_edit=types.TextEdit(range=place, new_text=text),
    )


def code_block(text: str, language: str) -> str:
    """Markdown that shows a text as it is, whatever backticks it holds."""
    runs = re.findall(r"`{3,}", text)
    fence = "`" * (max(map(len, runs), default=2) + 1)
    return f"{fence}{language}\n{text}\n{fence}"
