"""Ghost text in a real Neovim, from the real server, with the runtime directory set up."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.editors.neovim import Neovim, find_neovim, wait_until
from tests.editors.neovim_desk import KEY, SERVER, Desk, desk_in
from tests.fim_endpoint import Behaviour, serve_in_thread
from tests.parts import require

pytestmark = pytest.mark.neovim

ADD = "def add(a, b):\n    \n"

# Less than the 50 ms after which the server is asked: no reply comes between two of these keys.
AT_ONCE = 0.0


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One Neovim for all tests here that do not end it."""
    with desk_in(tmp_path_factory.mktemp("neovim")) as desk:
        yield desk


def test_ghost_text_is_shown_and_accepted(desk: Desk) -> None:
    """The model's text appears behind what was typed, and Tab makes it the user's."""
    neovim = desk.edit(ADD, "turn a + b")
    neovim.press("jA")
    neovim.enter("re")
    neovim.wait_for_ghost("turn a + b")
    assert desk.endpoint.completions[-1].body["prompt"].endswith("    re")
    neovim.accept()
    assert desk.text() == "def add(a, b):\n    return a + b"


def test_what_was_accepted_is_undone_by_itself(desk: Desk) -> None:
    """It is an undo step of its own: what was typed before it stays."""
    neovim = desk.edit(ADD, "turn a + b")
    neovim.press("jA")
    neovim.enter("re")
    neovim.wait_for_ghost("turn a + b")
    neovim.accept()
    neovim.press("<Esc>u")
    assert desk.text() == "def add(a, b):\n    re"


def test_without_a_key_ghost_text_comes_from_the_file(tmp_path: Path) -> None:
    """The offline provider continues what the file says elsewhere, and nobody is asked."""
    test = "def test_{}():\n    client = connect(host, port)\n    check(client)\n\n\n"
    tests = "".join(test.format(number) for number in range(3))
    environment = {"CODESTRAL_LS_ENDPOINT": "", "MISTRAL_API_KEY": ""}
    with desk_in(tmp_path, environment=environment) as desk:
        neovim = desk.edit(f"{tests}def test_3():\n    \n    check(client)\n", "")
        neovim.press("GkA")
        neovim.enter("client = conn")
        # Never by hand. On a busy machine the index may not answer in time, and Neovim asks again
        # at the next key only.
        for _ in range(3):
            with suppress(AssertionError):
                wait_until(neovim.ghost, "ghost text", timeout=5)
                break
            neovim.press("<Space>")
            neovim.press("<BS>")
        neovim.wait_for_ghost("ect(host, port)")
        neovim.accept()
        assert desk.text() == (tests + test.format(3)).rstrip()
        assert desk.endpoint.calls == []


@pytest.mark.parametrize("typed", ["r", "ret", "return a + ", "return a + b"])
def test_accepting_right_after_typing_through(desk: Desk, typed: str) -> None:
    """What was typed of the ghost text before Neovim asks again is not inserted once more."""
    neovim = desk.edit(ADD, "return a + b")
    neovim.press("jA")
    neovim.wait_for_ghost("return a + b")
    neovim.enter(typed, pause=AT_ONCE)
    neovim.accept()
    assert desk.text() == "def add(a, b):\n    return a + b"


def test_ghost_text_stays_at_every_key_that_is_typed_through(desk: Desk) -> None:
    """It shrinks with the key itself, whether a reply comes in between or not."""
    text = "return total / count if count else 0"
    neovim = desk.edit(ADD, lambda prompt, _suffix: text[len(prompt.rpartition("    ")[2]) :])
    neovim.press("jA")
    neovim.wait_for_ghost(text)
    for number, key in enumerate(text[:-1]):
        neovim.press("<Space>" if key == " " else key)
        assert neovim.ghost() == text[number + 1 :]


def test_accepting_right_after_typing_through_a_line_end(desk: Desk) -> None:
    """The same where Neovim itself has indented the new line."""
    neovim = desk.edit(ADD, "if a:\n        return b")
    neovim.press("jA")
    neovim.wait_for_ghost("if a:\n        return b")
    neovim.enter("if a:\n", pause=AT_ONCE)
    assert neovim.ghost() == "return b"
    neovim.accept()
    assert desk.text() == "def add(a, b):\n    if a:\n        return b"


@pytest.mark.parametrize(
    ("keys", "left"), [("raise", "add(raise)"), ("<BS>", "add)"), ("<Left><Left>", "add()")]
)
def test_ghost_text_that_lost_its_place_is_hidden_at_once(desk: Desk, keys: str, left: str) -> None:
    """And the key to accept does what it does without any."""
    neovim = desk.edit("add()\n", "left, right")
    neovim.press("$i")
    neovim.wait_for_ghost("left, right")
    desk.endpoint.behaviour = Behaviour(text="")
    neovim.press(keys)
    assert neovim.ghost() == ""
    assert neovim.lua("return require('codestral_ls').accept()") is False
    assert desk.text() == left


def test_tab_without_ghost_text_is_a_tab(desk: Desk) -> None:
    """The mapping gets in nobody's way."""
    neovim = desk.edit("text\n", "")
    neovim.press("A")
    neovim.press("<Tab>")
    assert desk.text() == "text    "


def test_characters_of_several_bytes_before_the_cursor(desk: Desk) -> None:
    """Neovim counts bytes, and the text lands where it was shown."""
    neovim = desk.edit('greet("zoë 😀", )  # 🎉\n', '"ünï 😀"')
    neovim.press("f)i")
    neovim.wait_for_ghost('"ünï 😀"')
    neovim.enter('"ün', pause=AT_ONCE)
    neovim.accept()
    assert desk.text() == 'greet("zoë 😀", "ünï 😀")  # 🎉'


def test_a_file_with_crlf_stays_one(desk: Desk) -> None:
    """Several lines are accepted into a DOS file; no CR is shown, none is missing or doubled."""
    neovim = desk.edit("def add(a, b):\r\n    \r\n", "total = a + b\n    return total", end="\r\n")
    neovim.press("jA")
    neovim.wait_for_ghost("total = a + b\n    return total")
    neovim.accept()
    assert desk.saved() == b"def add(a, b):\r\n    total = a + b\r\n    return total\r\n"


TAILS = [
    pytest.param("print(‸)", "a)", "print(a)", id="closer"),
    pytest.param("foo(‸)", "a).bar()", "foo(a).bar()", id="goes on behind the closer"),
    pytest.param("x(foo(‸));", "a).bar()", "x(foo(a).bar());", id="several closers"),
    pytest.param('x = "‸"', 'hello"', 'x = "hello"', id="quote"),
    pytest.param('f("‸");', 'hello", {});', 'f("hello", {});', id="apart"),
    pytest.param("items[‸] = 1", "key", "items[key] = 1", id="words behind"),
    pytest.param("items[‸] = 1", "key] = 1", "items[key] = 1", id="words repeated"),
    pytest.param("é😀(‸) // 😀é", "ü)", "é😀(ü) // 😀é", id="several bytes"),
    pytest.param("x = <b>‸</b>;", "{name}</b>;", "x = <b>{name}</b>;", id="tag"),
]


@pytest.mark.parametrize("typed", [0, 1])
@pytest.mark.parametrize(("marked", "answer", "accepted"), TAILS)
def test_what_stands_behind_the_cursor_is_not_doubled(
    desk: Desk, marked: str, answer: str, accepted: str, typed: int
) -> None:
    """Whether the text brings its own closers or not, also right after some of it was typed."""
    head, tail = marked.split("‸")
    neovim = desk.edit(f"{head}{tail}\n", answer, "example.jsx")
    neovim.press(f"<Cmd>call cursor(2, {len(head.encode()) + 1})<CR>i")
    wait_until(neovim.ghost, "ghost text")
    neovim.enter(answer[:typed], pause=AT_ONCE)
    neovim.accept()
    assert desk.text() == accepted


def test_a_closer_that_was_typed_over_is_not_replaced_any_more(desk: Desk) -> None:
    """As plugins for pairs have it: nothing is left of what was to be replaced."""
    neovim = desk.edit("foo()\n", "a).bar()")
    neovim.press("<Cmd>inoremap <lt>buffer> ) <lt>Right><CR>4|a")
    neovim.wait_for_ghost("a.bar()")
    neovim.enter("a)", pause=AT_ONCE)
    neovim.accept()
    assert desk.text() == "foo(a).bar()"


def test_a_closer_that_was_added_is_replaced_too(desk: Desk) -> None:
    """As plugins for pairs have it: the text brings the same one."""
    neovim = desk.edit("foo\n", "(a).bar()")
    neovim.press("<Cmd>inoremap <lt>buffer> ( ()<lt>Left><CR>A")
    neovim.wait_for_ghost("(a).bar()")
    neovim.enter("(", pause=AT_ONCE)
    assert neovim.ghost() == "a.bar()"
    neovim.accept()
    assert desk.text() == "foo(a).bar()"


def test_several_lines_in_front_of_others(desk: Desk) -> None:
    """All lines are shown before they are accepted, and what follows stays."""
    neovim = desk.edit(ADD + "\n\nprint(add(1, 2))\n", "total = a + b\n    return total")
    neovim.press("jA")
    neovim.wait_for_ghost("total = a + b\n    return total")
    neovim.accept()
    expected = "def add(a, b):\n    total = a + b\n    return total\n\n\nprint(add(1, 2))"
    assert desk.text() == expected


def test_the_end_of_a_long_file(desk: Desk) -> None:
    """With 100 000 lines above it ghost text is shown, typed through and accepted all the same."""
    neovim = desk.edit("x = 1\n" * 100_000 + ADD, "return a + b")
    neovim.press("GA")
    neovim.wait_for_ghost("return a + b")
    neovim.enter("ret", pause=AT_ONCE)
    assert neovim.ghost() == "urn a + b"
    neovim.accept()
    assert neovim.text(100_001) == "def add(a, b):\n    return a + b"


def test_two_buffers_do_not_share_ghost_text(desk: Desk) -> None:
    """What is shown in one is neither shown nor acceptable when the other one comes back."""
    first = desk.edit(ADD, "return 'first'")
    first.press("jA")
    first.wait_for_ghost("return 'first'")
    second = desk.edit(ADD, "return 'second'")
    second.press("jA")
    second.wait_for_ghost("return 'second'")
    assert second.lua("return #vim.lsp.get_clients({ name = 'codestral_ls' })") == 1
    second.press("<Esc>")
    assert second.ghost() == ""
    second.run("write | buffer #")
    assert second.ghost() == ""
    assert second.lua("return require('codestral_ls').accept()") is False


def test_quitting_during_a_call_leaves_no_process(tmp_path: Path) -> None:
    """The server and what it has started end with the editor, though the model is still busy."""
    with serve_in_thread(Behaviour(text="return a + b", head_after=60)) as endpoint:
        (tmp_path / "example.py").write_text(ADD, "utf-8")
        environment = {"CODESTRAL_LS_ENDPOINT": endpoint.url, "MISTRAL_API_KEY": KEY}
        with Neovim(require(find_neovim), tmp_path, SERVER, environment) as neovim:
            neovim.open(tmp_path / "example.py")
            neovim.press("jA")
            neovim.enter("r")
            endpoint.wait_until(lambda: endpoint.completions != [], timeout=15)
            processes = neovim.descendants()
            assert processes
        wait_until(lambda: not any(map(_is_running, processes)), "the server to end", timeout=5)


def _is_running(pid: int) -> bool:
    # A dead process may stay listed until somebody collects it, in a container for ever.
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text("utf-8")
    except FileNotFoundError:
        return False
