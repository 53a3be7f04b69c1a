"""Random keys in a real VS Code with the packaged extension of this repository."""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.editors.neovim import wait_until
from tests.editors.picture import find_chromium
from tests.editors.typist import environment, new_file
from tests.editors.vscode.editor import VSCode
from tests.editors.vscode.install import (
    REPOSITORY,
    Install,
    find_chromium_and_code_server,
    find_extension,
)
from tests.parts import require
from tests.random_keys_play import Look
from tests.random_keys_script import BACKSPACE, DISMISS, ENTER, MOVES, NEXT, UNDO, Abilities

READ = """
const editor = vscode.window.activeTextEditor;
const at = editor.document.offsetAt(editor.selection.active);
const text = editor.document.getText();
return [text, text.slice(0, at)];
"""
KEYS = {
    ENTER: "Enter",
    BACKSPACE: "Backspace",
    UNDO: "Control+z",
    DISMISS: "Escape",
    NEXT: "Alt+]",
    **{name: name if name in ("Home", "End") else f"Arrow{name}" for name in MOVES},
}
ACCEPTS = {"whole": "Tab", "word": "Control+ArrowRight"}
"""Without ghost text the second one moves the cursor."""
TAB = 4
ACCEPT_LINE = "codestral-ls.acceptNextLine"
PLAIN: Mapping[str, object] = {
    "editor.acceptSuggestionOnEnter": "off",
    "editor.autoClosingBrackets": "never",
    "editor.autoClosingDelete": "never",
    "editor.autoClosingOvertype": "never",
    "editor.autoClosingQuotes": "never",
    "editor.autoIndent": "none",
    "editor.autoSurround": "never",
    "editor.detectIndentation": False,
    "editor.insertSpaces": False,
    "editor.quickSuggestions": False,
    "editor.suggestOnTriggerCharacters": False,
    "editor.trimAutoWhitespace": False,
    "editor.useTabStops": False,
}
DRAWN = """() => {
  const editor = document.querySelector(".editor-group-container.active .monaco-editor");
  const ghost = editor?.querySelector(
    ".view-lines .ghost-text-decoration, .view-lines .ghost-text-decoration-preview");
  if (!ghost) return null;
  let before = 0;
  for (let each = ghost.previousSibling; each; each = each.previousSibling) {
    before += each.textContent.length;
  }
  return before;
}"""
"""Behind so many UTF-16 units of its line: with a request under way while the cursor goes left, VS
Code 1.139 draws the answer where it was asked for, and puts it in there."""
TWO_FRAMES = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"""
"""What changes in the model is drawn in the next frame; on a busy machine that takes a while."""
SECONDS = 5.0


class TypedVSCode:
    """A VS Code in a browser.

    The text is known to the extension host, where it is read when all keys have been dealt with,
    and the ghost text to the page. They are of one moment if the page shows the same before and
    behind, and had two frames drawn since the last key.
    """

    name = "vscode"
    # 1.139: Tab in front of indentation indents.
    able = Abilities(
        parts=("whole", "word", "line"),
        indents_first=True,
        draws_ahead=True,
        reindents=True,
        lingers=True,
    )

    def __init__(self, vscode: VSCode, *, plain: bool) -> None:
        self.plain = plain
        self.types_instead = "\t" if plain else "    "
        self._vscode = vscode

    def press(self, key: str) -> None:
        if key in KEYS:
            self._vscode.press(KEYS[key])
        else:
            self._vscode.enter(key, pause=0)

    def accept(self, part: str) -> None:
        if part == "line":
            self._vscode.execute(ACCEPT_LINE)
        else:
            self._vscode.press(ACCEPTS[part])

    def look(self) -> Look:
        end = time.monotonic() + SECONDS
        while True:
            self._evaluate(TWO_FRAMES)
            ghost, column = self._drawn()
            text, before = self._vscode.run(READ)
            if self._drawn() == (ghost, column):
                return _seen(text, before, ghost, column)
            assert time.monotonic() < end, f"not only {ghost} in {text}"

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def _evaluate(self, function: str) -> Any:
        browser = self._vscode._browser  # noqa: SLF001 - frames and columns are our concern alone
        return browser._wait(browser._page.evaluate(function))  # noqa: SLF001 - likewise

    def _drawn(self) -> tuple[str, int | None]:
        """Ghost text, and behind what part of its line it stands."""
        ghost = self._vscode.ghost()
        return ghost, self._evaluate(DRAWN) if ghost else None


def _seen(text: str, before: str, ghost: str, column: int | None) -> Look:
    drawn_at = len(before)
    if column is not None:
        start = before.rfind("\n") + 1
        drawn_at = start + characters(text[start:].partition("\n")[0], column)
    tail = text[drawn_at:].partition("\n")[0]
    if "\n" in ghost:  # what follows in the line is drawn behind the last line
        ghost = ghost.removesuffix(tail)
    return Look(text, len(before), ghost, drawn_at)


def characters(line: str, column: int) -> int:
    """How many characters of a line are drawn with so many UTF-16 units: tabs with several."""
    drawn = 0
    for count, each in enumerate(line):
        if drawn >= column:
            return count
        drawn += TAB - drawn % TAB if each == "\t" else len(each.encode("utf-16-le")) // 2
    return len(line)


@contextmanager
def typing(home: Path, url: str, *, plain: bool) -> Iterator[TypedVSCode]:
    """A VS Code with an empty file; plain, it closes, indents and suggests nothing."""
    code_server = require(find_chromium_and_code_server)
    install = Install(code_server, find_chromium(), Path(require(find_extension)))
    program = home / "bin" / "codestral-ls"
    program.parent.mkdir()
    program.write_text(
        f"#!/bin/sh\nexport PYTHONPATH='{REPOSITORY}'\n"
        f"exec '{sys.executable}' -m codestral_ls \"$@\"\n"
    )
    program.chmod(0o755)
    variables = {
        **environment(url),
        "PATH": os.pathsep.join([str(program.parent), os.environ["PATH"]]),
        "CODESTRAL_LS_STATE": str(home / "state"),
    }
    with (
        new_file(home) as path,
        VSCode(install, home, path.parent, variables, PLAIN if plain else {}) as vscode,
    ):
        vscode.open(path)
        wait_until(vscode.servers, "the server", lambda: str(vscode.look()), timeout=30)
        wait_until(lambda: vscode.status()["label"], "its status", timeout=30)
        yield TypedVSCode(vscode, plain=plain)
