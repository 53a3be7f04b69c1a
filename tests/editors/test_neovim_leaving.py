"""Ghost text goes with what it stood for: insert mode, the buffer, the server, the user's wish."""

from collections.abc import Iterator

import pytest

from tests.editors.neovim import wait_until
from tests.editors.neovim_scripted import Scripted, scripted

pytestmark = pytest.mark.neovim

CLIENT = "vim.lsp.get_clients({ bufnr = 0, name = 'codestral_ls' })[1]"
ENABLE = "vim.lsp.inline_completion.enable(..., { bufnr = 0 })"
LEFT = """
local buf = ...
local left = vim.tbl_filter(function(each) return each.buffer == buf end,
  vim.api.nvim_get_autocmds({}))
return { #left, vim.lsp._capability.all.inline_completion.active[buf] ~= nil }
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scripted]:
    """One Neovim for all tests here."""
    with scripted(tmp_path_factory.mktemp("neovim")) as desk:
        yield desk


@pytest.fixture(autouse=True)
def nothing_is_said(desk: Scripted) -> Iterator[None]:
    """Whatever ends while a reply is under way: nobody sees an error of it."""
    desk.neovim.run("messages clear")
    yield
    assert desk.neovim.run("messages") == ""


@pytest.mark.parametrize("key", ["<Esc>", "<C-c>", "<Insert>"])
def test_ghost_text_ends_with_insert_mode(desk: Scripted, key: str) -> None:
    """By `<C-c>` as well, of which Neovim tells by no InsertLeave, and where keys overwrite."""
    number = desk.edit("x = y\n", "A<Left>")
    desk.answer(number, "one + ")
    assert desk.ghost() == "one + "
    # Not `press`: what that presses behind <C-c> would never be run.
    desk.neovim.lua("vim.api.nvim_input(...)", key)
    wait_until(lambda: desk.ghost() == "", "the ghost text to go")
    assert desk.neovim.lua("return require('codestral_ls').is_shown()") is False
    desk.neovim.lua("vim.api.nvim_input('<Esc>')")
    desk.neovim.wait_for("vim.api.nvim_get_mode().mode == 'n'")


def test_another_buffer_within_insert_mode(desk: Scripted) -> None:
    """Neither there nor after the way back is anything left to accept."""
    number = desk.edit("x = \n", "A")
    desk.answer(number, "one")
    desk.neovim.press("<C-o>:new<CR>")
    assert (desk.ghost(), desk.neovim.lua("return vim.fn.mode()")) == ("", "i")
    desk.neovim.press("<Tab>")
    assert desk.neovim.text() == "\t"
    desk.neovim.press("<Esc>:bwipeout!<CR>")
    assert (desk.ghost(), desk.neovim.text()) == ("", "x = ")


def test_two_windows_of_one_buffer(desk: Scripted) -> None:
    """What was shown at the cursor of the one is nothing to the cursor of the other one."""
    desk.edit("x = \ny = \n", "A")
    desk.neovim.press("<Esc>:split<CR>")
    number = desk.press("A")
    desk.answer(number, "one")
    desk.neovim.press("<C-o><C-w>w")
    desk.neovim.press("<Esc>jA")
    assert desk.ghost() == ""
    desk.neovim.press("<Esc>:only<CR>")


def test_no_ghost_text_behind_the_end_of_a_line(desk: Scripted) -> None:
    """With 'virtualedit' the cursor stands where no text can be inserted as it is shown."""
    desk.neovim.run("set virtualedit=all")
    number = desk.edit("x\n", "10li")
    desk.answer(number, "one")
    shown = desk.ghost()
    desk.neovim.run("set virtualedit=")
    assert shown == ""


def test_switched_off_for_a_buffer(desk: Scripted) -> None:
    """By Neovim's own function: nothing is shown, asked for or accepted, and late replies go."""
    late = desk.edit("x = \n", "A")
    desk.answer(late, "one")
    late = desk.press("o")
    desk.neovim.lua(ENABLE, False)
    assert desk.ghost() == ""
    desk.answer(late, "ne")
    assert desk.ghost() == ""
    desk.neovim.press("x<Tab>")
    assert desk.neovim.text().startswith("x = ox ")
    assert desk.count() == late
    desk.neovim.lua(ENABLE, True)
    number = desk.press("y")
    desk.answer(number, "z")
    assert desk.ghost() == "z"


def test_wiping_a_buffer_leaves_nothing_of_it(desk: Scripted) -> None:
    """No autocommand and no part of Neovim's; what was under way comes to nobody."""
    number = desk.edit("x = \n", "A")
    desk.answer(number, "one")
    late = desk.press("o")
    buffer = desk.neovim.lua("return vim.api.nvim_get_current_buf()")
    desk.neovim.run("bwipeout!")
    desk.answer(late, "ne")
    assert desk.neovim.lua(LEFT, buffer) == [0, False]


def test_reading_the_file_again(desk: Scripted) -> None:
    """`:edit!` detaches the server and attaches it again, within insert mode too."""
    number = desk.edit("x = \n", "A")
    desk.answer(number, "one")
    desk.neovim.run("edit!")
    assert desk.ghost() == ""
    number = desk.press("o")
    desk.answer(number, "ne")
    assert desk.ghost() == "ne"


@pytest.mark.parametrize("end", ["vim.lsp.enable('codestral_ls', false)", f"{CLIENT}:stop(true)"])
def test_ghost_text_ends_with_the_server(desk: Scripted, end: str) -> None:
    """Switched off or ended; and a new one begins where the old one was."""
    number = desk.edit("x = \n", "A")
    desk.answer(number, "one")
    desk.neovim.lua(end)
    desk.neovim.wait_for("#vim.lsp.get_clients() == 0")
    assert desk.ghost() == ""
    desk.neovim.press("<Tab>")
    assert desk.neovim.text().startswith("x =  ")
    desk.neovim.lua("vim.lsp.enable('codestral_ls')")
    number = desk.press("y")
    desk.answer(number, "z")
    assert desk.ghost() == "z"


def test_neovims_own_restart(desk: Scripted) -> None:
    """`:lsp restart`: the new server's ghost text is kept true like the old one's."""
    number = desk.edit("x = \n", "A")
    desk.answer(number, "one")
    before = desk.neovim.lua(f"return {CLIENT}.id")
    desk.neovim.run("lsp restart codestral_ls")
    desk.neovim.wait_for(f"({CLIENT} or {{ id = ... }}).id ~= ...", before)
    assert desk.ghost() == ""
    number = desk.press("1")
    desk.answer(number, "234")
    desk.neovim.press("2")
    assert desk.ghost() == "34"


def test_restarting_a_server_that_hangs(desk: Scripted) -> None:
    """It is killed after a while, and a new one serves the buffer."""
    desk.edit("x = \n", "A")
    before = desk.neovim.lua(f"_G.hangs = true return {CLIENT}.id")
    desk.neovim.run("silent Codestral restart")
    desk.neovim.lua("_G.hangs = false")
    desk.neovim.wait_for(f"({CLIENT} or {{ id = ... }}).id ~= ...", before)
    desk.answer(desk.press("1"), "234")
    assert desk.ghost() == "234"
    desk.neovim.run("messages clear")


def test_restarting_a_server_that_has_crashed(desk: Scripted) -> None:
    """The buffers that are open get a new one."""
    desk.edit("x = \n", "A")
    desk.neovim.lua(f"{CLIENT}:stop(true)")
    desk.neovim.wait_for("#vim.lsp.get_clients() == 0")
    desk.neovim.run("silent Codestral restart")
    desk.neovim.wait_for(CLIENT)
    desk.answer(desk.press("1"), "234")
    assert desk.ghost() == "234"
    desk.neovim.run("messages clear")
