"""Random keys in a real Neovim with the plug-in of this repository."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.editors.neovim import Neovim, find_neovim, plugin
from tests.editors.typist import SERVER, environment, new_file
from tests.parts import require
from tests.random_keys_play import Look
from tests.random_keys_script import BACKSPACE, DISMISS, ENTER, NEXT, UNDO, Abilities

# All of one moment. The number of the candidate and the blanks that hide what comes in a line
# below are drawn beside the text.
LOOK = """
local inline, below = '', {}
local function text(chunks)
  return vim.iter(chunks):map(function(chunk)
    return chunk[2] == 'CodestralGhostMore' and '' or chunk[1]
  end):join('')
end
local namespace = vim.api.nvim_create_namespace('nvim.lsp.inline_completion')
for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
  local details = mark[4]
  if details.virt_text_pos == 'inline' then inline = inline .. text(details.virt_text or {}) end
  vim.list_extend(below, vim.tbl_map(text, details.virt_lines or {}))
end
local cursor = vim.api.nvim_win_get_cursor(0)
local lines = vim.api.nvim_buf_get_lines(0, 0, -1, true)
local before = { unpack(lines, 1, cursor[1]) }
before[#before] = before[#before]:sub(1, cursor[2])
return {
  text = table.concat(lines, '\\n') .. '\\n', -- as it is saved and sent
  before = table.concat(before, '\\n'),
  ghost = table.concat({ inline, unpack(below) }, '\\n'),
  mode = vim.api.nvim_get_mode().mode,
}
"""
KEYS = {
    ENTER: "<CR>",
    BACKSPACE: "<BS>",
    UNDO: "<C-o>u",
    DISMISS: "<F8>",
    NEXT: "<F7>",
    "<": "<lt>",
    **{name: f"<{name}>" for name in ("Left", "Right", "Up", "Down", "Home", "End")},
}
ACCEPTS = {"whole": "<Tab>", "word": "<F5>", "line": "<F6>"}
OPTIONS = "keys = { accept_word = '<F5>', accept_line = '<F6>', next = '<F7>', dismiss = '<F8>' }"
IDLE = (
    "for _, key in ipairs({ '<F5>', '<F6>', '<F7>', '<F8>' }) do vim.keymap.set('i', key, '') end"
)
"""Without ghost text a key does what it did before: here, nothing."""
PLAIN = (
    "set noautoindent nosmartindent nocindent indentexpr= indentkeys= "
    "softtabstop=0 noexpandtab textwidth=0 formatoptions="
)


class TypedNeovim:
    """A Neovim in insert mode."""

    name = "neovim"
    able = Abilities(parts=("whole", "word", "line"))
    types_instead = "\t"

    def __init__(self, neovim: Neovim, *, plain: bool) -> None:
        self.plain = plain
        self._neovim = neovim

    def press(self, key: str) -> None:
        self._neovim.press(KEYS.get(key, key))

    def accept(self, part: str) -> None:
        self._neovim.press(ACCEPTS[part])

    def look(self) -> Look:
        seen = self._neovim.lua(LOOK)
        assert seen["mode"].startswith("i"), seen
        return Look(seen["text"], len(seen["before"]), seen["ghost"])

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


@contextmanager
def typing(home: Path, url: str, *, plain: bool) -> Iterator[TypedNeovim]:
    """A Neovim with an empty file; plain, it indents nothing."""
    configuration = plugin(SERVER, OPTIONS, IDLE)
    with (
        new_file(home) as path,
        Neovim(require(find_neovim), home, SERVER, environment(url), configuration) as neovim,
    ):
        neovim.open(path)
        if plain:
            neovim.run(PLAIN)
        neovim.press("i")
        yield TypedNeovim(neovim, plain=plain)
