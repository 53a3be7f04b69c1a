"""How the plug-in is loaded and set up: packages, options, mappings, older and other Neovims."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.editors.neovim import RUNTIME, find_neovim, spell
from tests.editors.neovim_scripted import Scripted, scripted
from tests.parts import require

pytestmark = pytest.mark.neovim

LUA_FILES = sorted(RUNTIME.rglob("*.lua"))
OPTIONS = ("cmd", "delay", "icons", "keys", "menu", "notify", "settings")
KNOWN_GLOBALS = {
    *("vim", "require", "pairs", "ipairs", "type", "table", "assert", "pcall", "unpack", "select"),
    *("tostring", "tonumber", "setmetatable", "rawget", "rawset", "next", "debug"),
}
GLOBALS = """
local util = require('jit.util')
local function each(chunk, visit)
  for pc = 1, util.funcinfo(chunk).bytecodes - 1 do
    local instruction = util.funcbc(chunk, pc)
    local constant = util.funck(chunk, -bit.rshift(instruction, 16) - 1)
    visit(bit.band(instruction, 0xff), constant)
  end
  for index = -1, -math.huge, -1 do
    local constant = util.funck(chunk, index)
    if constant == nil then
      return
    elseif type(constant) == 'proto' then
      each(constant, visit)
    end
  end
end
-- Which instructions read and write globals differs between versions of LuaJIT.
local names = {}
for name, code in pairs({ reads = 'return probe', writes = 'probe = 1' }) do
  each(loadstring(code), function(operation, constant)
    names[operation] = constant == 'probe' and name or names[operation]
  end)
end
for _, path in ipairs(_G.arg) do
  each(assert(loadfile(path)), function(operation, constant)
    if names[operation] and type(constant) == 'string' then
      print(names[operation], constant)
    end
  end)
end
"""


def run(folder: Path, *words: str) -> str:
    """What a Neovim without a screen prints."""
    done = subprocess.run(
        [require(find_neovim), "--clean", "--headless", *words],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "XDG_STATE_HOME": str(folder)},
    )
    return done.stdout + done.stderr


def test_every_file_is_lua_and_names_no_unknown_global(tmp_path: Path) -> None:
    """A misspelt name would be nil until somebody needs it."""
    (tmp_path / "globals.lua").write_text(GLOBALS, "utf-8")
    shown = run(tmp_path, "-l", "globals.lua", *map(str, LUA_FILES))
    named = {tuple(line.split()) for line in shown.splitlines()}
    assert ("reads", "require") in named
    assert named - {("reads", name) for name in KNOWN_GLOBALS} == set()


def test_files_are_short_and_lines_fit() -> None:
    """As everywhere in the project."""
    for path in LUA_FILES:
        lines = path.read_text("utf-8").splitlines()
        assert len(lines) < 300, path
        assert max(map(len, lines)) <= 100, path


def test_the_manual_has_its_tags(tmp_path: Path) -> None:
    """`:helptags` finds no tag twice, and every link leads somewhere."""
    shutil.copytree(RUNTIME / "doc", tmp_path / "doc")
    run(tmp_path, "-c", "helptags doc", "-c", "qall!")
    tags = {line.split("\t")[0] for line in (tmp_path / "doc" / "tags").read_text().splitlines()}
    text = (RUNTIME / "doc" / "codestral_ls.txt").read_text("utf-8")
    assert {"codestral_ls", ":Codestral", "codestral_ls-options"} <= tags
    assert set(re.findall(r"\|((?:codestral_ls|:Codestral)[^|]*)\|", text)) - tags == set()
    assert [line for line in text.splitlines() if len(line) > 79] == []


def test_every_option_and_mapping_is_in_the_manual(tmp_path: Path) -> None:
    """With its default."""
    text = (RUNTIME / "doc" / "codestral_ls.txt").read_text("utf-8")
    script = tmp_path / "defaults.lua"
    script.write_text(
        f"vim.opt.runtimepath:prepend({spell(str(RUNTIME))})\n"
        "local defaults = require('codestral_ls.options').defaults\n"
        "for name in pairs(defaults) do print(name) end\n"
        "for name, lhs in pairs(defaults.keys) do print(name .. ' ' .. lhs) end\n",
        "utf-8",
    )
    for line in run(tmp_path, "-l", str(script)).splitlines():
        name, _, key = line.partition(" ")
        assert re.search(rf"^ *{name} .*{re.escape(key)}", text, re.MULTILINE), line


def ghost_text_comes(desk: Scripted) -> None:
    """Fails unless there is ghost text that can be typed through and accepted."""
    number = desk.edit("x = \n", "A")
    desk.answer(number, "one")
    assert desk.ghost() == "one"
    desk.neovim.press("o<Tab>")
    desk.neovim.wait_for("vim.api.nvim_get_current_line() == 'x = one'")


def test_a_plain_package(tmp_path: Path) -> None:
    """In `pack/*/opt` it defines its command when it is added, and is set up after that."""
    package = tmp_path / "site" / "pack" / "any" / "opt" / "codestral_ls"
    shutil.copytree(RUNTIME, package)
    configuration = (
        f"vim.opt.packpath:prepend({spell(str(tmp_path / 'site'))})\n"
        "vim.cmd.packadd('codestral_ls')\n"
        "assert(vim.fn.exists(':Codestral') == 2 and not package.loaded.codestral_ls)\n"
        "require('codestral_ls').setup()\n"
    )
    with scripted(tmp_path, configuration=configuration) as desk:
        ghost_text_comes(desk)


def test_set_up_late_as_by_lazy_nvim(tmp_path: Path) -> None:
    """On entering insert mode: the path, `plugin/`, `setup(opts)`; open files are served too."""
    (tmp_path / "example.py").write_text("x = \n", "utf-8")
    configuration = (
        "vim.api.nvim_create_autocmd('InsertEnter', { once = true, callback = function()\n"
        f"  vim.opt.runtimepath:prepend({spell(str(RUNTIME))})\n"
        f"  vim.cmd.source({spell(str(RUNTIME / 'plugin' / 'codestral_ls.lua'))})\n"
        "  require('codestral_ls').setup()\n"
        "end })\n"
    )
    with scripted(tmp_path, configuration=configuration) as desk:
        desk.neovim.run(f"edit {tmp_path / 'example.py'}")
        desk.answer(desk.press("A"), "one")
        assert desk.ghost() == "one"


def test_a_lone_configuration_file_is_enough_for_the_server(tmp_path: Path) -> None:
    """As with nvim-lspconfig: on the path, and enabled by name; the status comes as well."""
    configuration = (
        f"vim.opt.runtimepath:prepend({spell(str(RUNTIME))})\n"
        "vim.lsp.enable('codestral_ls') vim.lsp.inline_completion.enable()\n"
    )
    with scripted(tmp_path, configuration=configuration) as desk:
        number = desk.edit("x = \n", "A")
        desk.answer(number, "one")
        assert desk.ghost() == "one"
        status = {"state": "offline", "message": "no key"}
        desk.neovim.lua("_G.server.notification('codestral/status', ...)", status)
        state = desk.neovim.lua("return require('codestral_ls.status').get().state")
        assert state == "offline"


def test_each_workspace_has_its_own_root(tmp_path: Path) -> None:
    """A file below another `.git` is told to the server as of that folder."""
    roots = []
    with scripted(tmp_path) as desk:
        for name in ("one", "two"):
            folder = tmp_path / name
            (folder / ".git").mkdir(parents=True)
            (folder / "file.py").write_text("", "utf-8")
            desk.neovim.open(folder / "file.py")
            roots.append(desk.neovim.lua("return vim.lsp.get_clients({ bufnr = 0 })[1].root_dir"))
    assert roots == [str(tmp_path / "one"), str(tmp_path / "two")]


@pytest.mark.parametrize(
    ("before", "typed"),
    [
        ("vim.keymap.set('i', '<Tab>', function() return 'former' end, { expr = true })", "former"),
        ("vim.keymap.set('i', '<Tab>', 'two<Space>words')", "two words"),
        ("vim.keymap.set('i', '<Tab>', function() vim.g.former = 1 end)", ""),
        (
            "vim.cmd('inoremap <C-a> remapped| imap <Tab> <C-a>')",
            "remapped",
        ),
        ("", "    "),
    ],
)
def test_without_ghost_text_a_key_does_what_it_did(tmp_path: Path, before: str, typed: str) -> None:
    """Whatever it was mapped to, and also if the plug-in is set up twice."""
    configuration = f"{before}\n"
    with scripted(tmp_path, before=configuration) as desk:
        desk.neovim.lua("require('codestral_ls').setup({ cmd = _G.scripted and nil })")
        number = desk.edit("x\n", "A")
        desk.answer(number)
        desk.neovim.press("<Tab>")
        assert desk.neovim.text() == f"x{typed or ''}".replace("x    ", "x   ")
        assert bool(desk.neovim.lua("return vim.g.former")) == ("former =" in before)
        number = desk.press("!")
        desk.answer(number, "ghost")
        desk.neovim.press("<Tab>")
        assert desk.neovim.text().endswith("!ghost")


def test_a_snippet_goes_on_where_there_is_no_ghost_text(tmp_path: Path) -> None:
    """Neovim's own Tab jumps to its next place."""
    with scripted(tmp_path) as desk:
        number = desk.edit("\n", "i")
        desk.answer(number)
        desk.neovim.lua("vim.snippet.expand('f(${1:a}, ${2:b})')")
        desk.neovim.lua("vim.api.nvim_input('<Tab>')")
        desk.neovim.wait_for("vim.fn.col('.') == 6")
        desk.neovim.lua("vim.api.nvim_input('z')")
        desk.neovim.wait_for("vim.api.nvim_get_current_line() == 'f(a, z)'")


def test_mappings_can_be_chosen_and_switched_off(tmp_path: Path) -> None:
    """One by one, and those that are switched off are left alone."""
    with scripted(tmp_path, "keys = { accept = '<C-l>', next = false }") as desk:
        number = desk.edit("x = \n", "A")
        desk.answer(number, "one", "two")
        assert desk.neovim.lua("return vim.fn.maparg('<M-]>', 'i')") == ""
        desk.neovim.press("<C-l>")
        assert desk.neovim.text() == "x = one"
        desk.neovim.lua("require('codestral_ls').setup({ keys = false })")


def test_mistakes_in_the_options_are_told_and_left_out(tmp_path: Path) -> None:
    """Everything else works."""
    options = "delay = -1, nonsense = 1, keys = { accept = 3, other = '<Tab>' }"
    with scripted(tmp_path, options) as desk:
        problems = desk.neovim.lua("return require('codestral_ls.options').problems()")
        assert problems == [
            "`delay` takes whole milliseconds from 0 on, not -1",
            '`keys.accept` takes a key such as "<Tab>", or false',
            "`keys.other` is no mapping of this plug-in",
            f"`nonsense` is not an option; there are {', '.join(OPTIONS)}",
        ]
        number = desk.edit("x = \n", "A")
        desk.answer(number, "one")
        desk.neovim.press("<Tab>")
        assert desk.neovim.text() == "x = one"


def test_settings_reach_the_server(tmp_path: Path) -> None:
    """By their names in the README: with the first message, and when it asks for its section."""
    with scripted(tmp_path, "settings = { max_lines = 5 }") as desk:
        desk.edit("x = \n", "A")
        client = "vim.lsp.get_clients({ bufnr = 0 })[1]"
        assert desk.neovim.lua(f"return {client}.config.init_options") == {"max_lines": 5}
        assert desk.neovim.lua(f"return {client}.settings") == {"codestral": {"max_lines": 5}}


def test_set_up_anew(tmp_path: Path) -> None:
    """A server that runs is told other settings, and a key that was given up is what it was."""
    with scripted(tmp_path) as desk:
        number = desk.edit("x = \n", "A")
        again = "keys = { accept = '<C-l>' }, settings = { max_lines = 5 }"
        desk.neovim.lua(f"require('codestral_ls').setup({{ {again} }})")
        told = desk.neovim.lua("return _G.told[#_G.told]")
        assert told == {
            "method": "workspace/didChangeConfiguration",
            "params": {"settings": {"codestral": {"max_lines": 5}}},
        }
        desk.answer(number, "one")
        desk.neovim.press("<C-l>")
        assert desk.neovim.text() == "x = one"
        number = desk.press("!")
        desk.answer(number, "ghost")
        desk.neovim.press("<Tab>")
        assert desk.neovim.text().rstrip() == "x = one!"


def test_nothing_is_loaded_before_it_is_needed(tmp_path: Path) -> None:
    """The command alone costs nothing at start."""
    loaded = run(
        tmp_path,
        *("--cmd", f"set rtp^={RUNTIME}"),
        "+lua print(vim.fn.exists(':Codestral'), vim.inspect(vim.tbl_filter(function(name)"
        " return name:find('codestral') end, vim.tbl_keys(package.loaded))))",
        "+qall!",
    )
    assert loaded.split() == ["2", "{}"]
