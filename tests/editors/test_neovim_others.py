"""Beside another server, and in Neovims that are older, newer or otherwise not as expected."""

from pathlib import Path

import pytest

from tests.editors.neovim import plugin
from tests.editors.neovim_desk import SERVER, desk_in
from tests.editors.neovim_scripted import scripted
from tests.fim_endpoint import Behaviour

pytestmark = pytest.mark.neovim

UNKNOWN = """
require('vim.lsp.inline_completion')
local all = require('vim.lsp._capability').all
local class = all.inline_completion
local other = { __index = class }
all.inline_completion = setmetatable(other, { __index = function(_, name)
  return name ~= 'reset_timer' and class[name] or nil
end })
"""


def test_a_neovim_with_other_private_parts_draws_by_itself(tmp_path: Path) -> None:
    """Late replies and null are still caught, and what has lost its place is still not inserted."""
    with scripted(tmp_path, before=UNKNOWN) as desk:
        assert desk.neovim.lua("return require('codestral_ls.ghost').is_ours()") is False
        first = desk.edit("x = \n", "A")
        delay = desk.neovim.lua("return _G.capabilities.experimental.codestral.delay")
        assert delay == 200
        second = desk.press("1")
        desk.answer(second, "234")
        desk.answer(first, "old")
        assert desk.ghost() == "234"
        desk.neovim.press("2")
        desk.neovim.press("<Tab>")
        desk.neovim.press("")
        assert desk.neovim.text() == "x = 1234"
        number = desk.press(" + ")
        desk.answer(number, "five")
        desk.neovim.press("x<Tab>")
        desk.neovim.press("")
        assert desk.neovim.text() == "x = 1234 + x"


def test_if_a_part_of_ours_fails_neovims_own_takes_its_place(tmp_path: Path) -> None:
    """And `:checkhealth` says why."""
    with scripted(tmp_path) as desk:
        desk.neovim.lua("require('codestral_ls.place').drawing = function() error('so it is') end")
        number = desk.edit("x = \n", "A")
        desk.answer(number, "one")
        assert desk.ghost() == "one"
        assert "so it is" in desk.neovim.lua("return require('codestral_ls.completor').trouble()")


def test_ghost_text_of_another_server_is_left_to_neovim(tmp_path: Path) -> None:
    """It is drawn and accepted as without this plug-in, by the same key."""
    with scripted(tmp_path) as desk:
        desk.neovim.lua("vim.lsp.config('other', { cmd = _G.scripted }) vim.lsp.enable('other')")
        desk.edit("x = \n", "A")
        desk.neovim.wait_for("#vim.lsp.get_clients({ bufnr = 0 }) == 2")
        number = desk.press("<Space><BS>")
        for each in (number - 1, number):
            desk.answer(each, "one")
        desk.neovim.press("<Tab>")
        desk.neovim.press("")
        assert desk.neovim.text() == "x = one"


def test_ghost_text_goes_with_its_server_though_another_one_stays(tmp_path: Path) -> None:
    """Neovim's own would stay on the screen, as of nobody."""
    with scripted(tmp_path) as desk:
        desk.neovim.lua("vim.lsp.config('other', { cmd = _G.scripted }) vim.lsp.enable('other')")
        desk.edit("x = \n", "A")
        desk.neovim.wait_for("#vim.lsp.get_clients({ bufnr = 0 }) == 2")
        number = desk.press("<Space><BS>")
        for each in (number - 1, number):
            desk.answer(each, "one")
        assert desk.ghost() == "one"
        desk.neovim.lua("vim.lsp.get_clients({ name = 'codestral_ls' })[1]:stop(true)")
        desk.neovim.wait_for("#vim.lsp.get_clients({ bufnr = 0 }) == 1")
        assert desk.ghost() == ""


NO_INLINE_COMPLETION = """
local parts = getmetatable(vim.lsp)
local load = parts.__index
parts.__index = function(lsp, name)
  return name ~= 'inline_completion' and load(lsp, name) or nil
end
vim.lsp.inline_completion = nil
local make = vim.lsp.protocol.make_client_capabilities
vim.lsp.protocol.make_client_capabilities = function()
  local capabilities = make()
  capabilities.textDocument.inlineCompletion = nil
  return capabilities
end
"""
NO_ENABLE = """
vim.lsp.enable, vim.lsp.completion.enable = nil, nil
"""


@pytest.mark.parametrize("before", [NO_INLINE_COMPLETION, NO_INLINE_COMPLETION + NO_ENABLE])
def test_an_older_neovim_has_the_text_in_its_completion_menu(tmp_path: Path, before: str) -> None:
    """As far as 0.11 and 0.10 can be imitated by taking away what they have not."""
    with desk_in(tmp_path, plugin(SERVER, before=before)) as desk:
        neovim = desk.neovim
        desk.endpoint.behaviour = Behaviour(text="a, b)")
        (tmp_path / "example.py").write_text("add\n", "utf-8")
        neovim.run(f"edit {tmp_path / 'example.py'}")
        neovim.wait_for("vim.bo.omnifunc ~= ''")
        neovim.press("A(")
        if before == NO_INLINE_COMPLETION:
            neovim.wait_for("vim.fn.pumvisible() == 1")
            assert "noselect" in neovim.lua("return vim.bo.completeopt")
            assert neovim.lua("return vim.fn.complete_info().items[1].abbr") == "a, b)"
            assert neovim.text() == "add("
        else:
            neovim.lua("vim.api.nvim_input('<C-x><C-o>')")
            neovim.wait_for("vim.api.nvim_get_current_line() == 'add(a, b)'")


def test_a_server_that_comes_while_the_user_types_is_asked_at_once(tmp_path: Path) -> None:
    """Neovim itself would ask it at the next key only."""
    with scripted(tmp_path) as desk:
        desk.neovim.lua("vim.lsp.enable('codestral_ls', false)")
        (tmp_path / "early.py").write_text("x = \n", "utf-8")
        desk.neovim.run(f"edit {tmp_path / 'early.py'}")
        desk.neovim.press("A")
        desk.neovim.lua("vim.lsp.enable('codestral_ls')")
        desk.answer(desk.press(""), "one")
        assert desk.ghost() == "one"
