"""`:Codestral`, `:checkhealth` and the status line, in a real Neovim with the real server."""

from collections.abc import Iterator

import pytest

from tests.editors.neovim import plugin
from tests.editors.neovim_desk import SERVER, Desk, desk_in

pytestmark = pytest.mark.neovim

ADD = "def add(a, b):\n    \n"
HEALTH = "return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), '\\n')"
SHOWN = "vim.fn.bufname():find('codestral://' .. ..., 1, true)"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One Neovim for all tests here."""
    folder = tmp_path_factory.mktemp("neovim")
    before = "vim.o.statusline = \"%{%v:lua.require'codestral_ls'.status({'highlight':v:true})%}\""
    with desk_in(
        folder, plugin(SERVER, "icons = { ready = 'fine' }, nonsense = 1", before)
    ) as desk:
        yield desk


def wait_for_state(desk: Desk, state: str) -> None:
    """Waits until the server has told how it stands."""
    desk.neovim.wait_for("require('codestral_ls.status').get().state == ...", state)


def status_line(desk: Desk) -> str:
    """What Neovim shows in the status line."""
    return str(desk.neovim.lua("return vim.api.nvim_eval_statusline(vim.o.statusline, {}).str"))


def test_explain_tells_of_the_last_requests(desk: Desk) -> None:
    """In a window that `q` closes."""
    neovim = desk.edit(ADD, "return a + b")
    neovim.press("jA")
    neovim.wait_for_ghost("return a + b")
    neovim.press("<Esc>")
    neovim.run("Codestral explain 1")
    neovim.wait_for(SHOWN, "explain")
    assert "codestral-2508" in neovim.text()
    windows = neovim.lua("return #vim.api.nvim_list_wins()")
    neovim.press("q")
    assert neovim.lua("return #vim.api.nvim_list_wins()") == windows - 1


def test_statistics_are_shown(desk: Desk) -> None:
    """As `codestral-ls stats` has them, from the running server or from the program."""
    neovim = desk.edit(ADD, "return a + b")
    neovim.run("Codestral stats 7")
    neovim.wait_for(SHOWN, "stats")
    assert "request" in neovim.text().lower()
    neovim.press("q")
    neovim.run(
        "lua require('codestral_ls.window').show_output('program',"
        " require('codestral_ls.server').program({ 'stats', '--days', '7' }))"
    )
    neovim.wait_for(SHOWN, "program")
    assert "request" in neovim.text().lower()
    neovim.press("q")


def test_pausing_ends_ghost_text_until_it_is_resumed(desk: Desk) -> None:
    """The status line says so."""
    neovim = desk.edit(ADD, "return a + b")
    neovim.run("Codestral pause 5")
    wait_for_state(desk, "paused")
    assert status_line(desk) == "‖"
    neovim.run("Codestral resume")
    wait_for_state(desk, "ready")
    assert status_line(desk) == "fine"
    neovim.run("Codestral toggle")
    wait_for_state(desk, "paused")
    neovim.run("Codestral toggle")
    wait_for_state(desk, "ready")
    neovim.run("Codestral status")
    assert "ready: codestral-2508" in neovim.run("messages")
    neovim.run("enew")
    assert status_line(desk) == ""


def test_restarting_attaches_a_new_server_to_the_same_buffers(desk: Desk) -> None:
    """Ghost text goes on, and the old process is gone."""
    neovim = desk.edit(ADD, "return a + b")
    before = neovim.lua("return vim.lsp.get_clients({ name = 'codestral_ls' })[1].id")
    neovim.run("Codestral restart")
    neovim.wait_for(
        "(vim.lsp.get_clients({ bufnr = 0, name = 'codestral_ls',"
        " method = 'textDocument/inlineCompletion' })[1] or { id = ... }).id ~= ...",
        before,
    )
    neovim.press("jA")
    neovim.wait_for_ghost("return a + b")
    neovim.press("<Esc>")
    assert neovim.lua("return vim.lsp.get_client_by_id(...) == nil", before)


def test_the_log_is_opened(desk: Desk) -> None:
    """The file that Neovim writes what servers say into."""
    desk.neovim.run("Codestral log")
    assert desk.neovim.run("echo expand('%:t')").strip() == "lsp.log"
    desk.neovim.run("bwipeout!")


def test_the_doctor_is_run_beside(desk: Desk) -> None:
    """Its report comes into a window when it is ready."""
    desk.edit(ADD, "return a + b")
    desk.neovim.run("Codestral doctor")
    desk.neovim.wait_for(SHOWN, "doctor")
    assert "Python" in desk.neovim.text()
    desk.neovim.press("q")


def test_mistakes_in_the_command_are_told(desk: Desk) -> None:
    """With what there is instead."""
    desk.neovim.run("messages clear")
    desk.neovim.press(":Codestral nonsense<CR>:Codestral pause ever<CR>")
    said = desk.neovim.run("messages")
    assert "no `:Codestral nonsense`; there are doctor, explain" in said
    assert "the minutes must be a number, not ever" in said


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("Codestral re", ["restart", "resume", "retry"]),
        ("Codestral pause ", ["15", "60", "240"]),
        ("silent Codestral pa", ["pause"]),
        ("silent Codest pause ", ["15", "60", "240"]),
    ],
)
def test_the_command_is_completed(desk: Desk, line: str, offered: list[str]) -> None:
    """Subcommands, and useful numbers behind them."""
    assert desk.neovim.lua("return vim.fn.getcompletion(..., 'cmdline')", line) == offered


def test_health_says_what_is_there_and_what_is_wrong(desk: Desk) -> None:
    """Versions, mistakes in the options, mappings in the way, and what the server says."""
    neovim = desk.edit(ADD, "return a + b")
    wait_for_state(desk, "ready")
    neovim.run("inoremap <buffer> <Tab> <Space>")
    neovim.run("only | checkhealth codestral_ls")
    said = neovim.lua(HEALTH)
    for expected in (
        "has ghost text",
        "`nonsense` is not an option; there are cmd, delay",
        "inline completion is enabled",
        "ghost text is asked for after 50 ms",
        "is codestral-ls ",
        "it says ready: codestral-2508",
    ):
        assert expected in said
    neovim.run("bwipeout")


def test_health_of_a_buffer_with_a_mapping_in_the_way(desk: Desk) -> None:
    """The key, and what it does instead."""
    desk.edit(ADD, "return a + b")
    desk.neovim.run("inoremap <buffer> <Tab> <Space>")
    conflicts = desk.neovim.lua("return require('codestral_ls.keys').conflicts()")
    assert conflicts == ["<Tab> (accept) is mapped to <Space> in this buffer"]


def test_a_failure_is_said_once(desk: Desk) -> None:
    """Though it is told again whenever its countdown moves; an error anew once all was well."""
    neovim = desk.neovim
    neovim.run("messages clear")

    def tell(state: str, message: str) -> None:
        status = {"state": state, "message": message}
        neovim.lua("require('codestral_ls.status').receive(..., 999)", status)

    for seconds in (50, 40, 30):
        tell("error", f"so it is (again in {seconds}s)")
        tell("rate-limited", f"rate limit, again in {seconds}s")
    assert neovim.run("messages").count("so it is") == 1
    tell("ready", "fine")
    tell("error", "so it is (again in 50s)")
    tell("rate-limited", "rate limit, again in 50s")
    said = neovim.run("messages")
    assert (said.count("so it is"), said.count("rate limit")) == (2, 1)
