"""Ghost text in a real Neovim, from the real server, with the README's configuration."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.editors.neovim import Neovim, NoNeovimError, find_neovim, wait_until
from tests.fim_endpoint import Behaviour, Endpoint, serve_in_thread

pytestmark = pytest.mark.neovim

SERVER = (sys.executable, "-m", "codestral_ls", "serve")
FILE = "example.py"
ADD = "def add(a, b):\n    \n"

# Less than the 200 ms after which Neovim asks again: no reply comes between two of these keys.
AT_ONCE = 0.01

Edit = Callable[..., Neovim]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A model to talk to."""
    with serve_in_thread() as endpoint:
        yield endpoint


@pytest.fixture
def edit(tmp_path: Path, endpoint: Endpoint) -> Iterator[Edit]:
    """Opens a file with a text in Neovim; without an answer of the model there is no key either."""
    try:
        binary = find_neovim()
    except NoNeovimError as error:
        if os.environ.get("CODESTRAL_LS_REQUIRE_EDITORS") == "1":
            raise
        pytest.skip(str(error))
    with ExitStack() as stack:

        def open_file(text: str, answer: str | None = None, name: str = FILE) -> Neovim:
            environment = {"CODESTRAL_LS_DEBOUNCE_MS": "0"}
            if answer is not None:
                endpoint.behaviour = Behaviour(text=answer)
                environment["CODESTRAL_LS_ENDPOINT"] = endpoint.url
                environment["MISTRAL_API_KEY"] = "test-key-0000"
            (tmp_path / name).write_bytes(text.encode())
            neovim = stack.enter_context(Neovim(binary, tmp_path, SERVER, environment))
            neovim.open(tmp_path / name)
            return neovim

        yield open_file


def test_ghost_text_is_shown_and_accepted(edit: Edit, endpoint: Endpoint) -> None:
    """The model's text appears behind what was typed, and Tab makes it the user's."""
    neovim = edit(ADD, "turn a + b")
    neovim.press("jA")
    neovim.enter("re")
    neovim.wait_for_ghost("turn a + b")
    assert endpoint.completions[-1].body["prompt"].endswith("    re")
    neovim.accept()
    assert neovim.text() == "def add(a, b):\n    return a + b"


def test_without_a_key_ghost_text_comes_from_the_file(edit: Edit, endpoint: Endpoint) -> None:
    """The offline provider continues what the file says elsewhere, and nobody is asked."""
    test = "def test_{}():\n    client = connect(host, port)\n    check(client)\n\n\n"
    tests = "".join(test.format(number) for number in range(3))
    neovim = edit(f"{tests}def test_3():\n    \n    check(client)\n")
    neovim.press("GkA")
    neovim.enter("client = conn")
    neovim.wait_for_ghost("ect(host, port)")
    neovim.accept()
    assert neovim.text() == (tests + test.format(3)).rstrip()
    assert endpoint.calls == []


@pytest.mark.parametrize("typed", ["r", "ret", "return a + ", "return a + b"])
def test_accepting_right_after_typing_through(edit: Edit, typed: str) -> None:
    """What was typed of the ghost text before Neovim asks again is not inserted once more."""
    neovim = edit(ADD, "return a + b")
    neovim.press("jA")
    neovim.wait_for_ghost("return a + b")
    neovim.enter(typed, pause=AT_ONCE)
    neovim.accept()
    assert neovim.text() == "def add(a, b):\n    return a + b"


def test_accepting_right_after_typing_through_a_line_end(edit: Edit) -> None:
    """The same where Neovim itself has indented the new line."""
    neovim = edit(ADD, "if a:\n        return b")
    neovim.press("jA")
    neovim.wait_for_ghost("if a:\n        return b")
    neovim.enter("if a:\n", pause=AT_ONCE)
    neovim.accept()
    assert neovim.text() == "def add(a, b):\n    if a:\n        return b"


@pytest.mark.parametrize(
    ("keys", "left"), [("raise", "add(raise)"), ("<BS>", "add)"), ("<Left><Left>", "add()")]
)
def test_ghost_text_that_lost_its_place_is_not_inserted(edit: Edit, keys: str, left: str) -> None:
    """Accepting right after other text was typed, or the cursor went back, leaves it at that."""
    neovim = edit("add()\n", "left, right")
    neovim.press("$i")
    neovim.wait_for_ghost("left, right")
    neovim.press(keys)
    neovim.accept()
    assert neovim.text() == left


def test_tab_without_ghost_text_is_a_tab(edit: Edit) -> None:
    """The mapping gets in nobody's way."""
    neovim = edit("text\n", "")
    neovim.press("A")
    neovim.press("<Tab>")
    assert neovim.text() == "text    "


def test_characters_of_several_bytes_before_the_cursor(edit: Edit) -> None:
    """Neovim counts bytes, and the text lands where it was shown."""
    neovim = edit('greet("zoë 😀", )  # 🎉\n', '"ünï 😀"')
    neovim.press("f)i")
    neovim.wait_for_ghost('"ünï 😀"')
    neovim.enter('"ün', pause=AT_ONCE)
    neovim.accept()
    assert neovim.text() == 'greet("zoë 😀", "ünï 😀")  # 🎉'


def test_a_file_with_crlf_stays_one(edit: Edit, tmp_path: Path) -> None:
    """Several lines are accepted into a DOS file; no CR is shown, none is missing or doubled."""
    neovim = edit("def add(a, b):\r\n    \r\n", "total = a + b\n    return total")
    neovim.press("jA")
    neovim.wait_for_ghost("total = a + b\n    return total")
    neovim.accept()
    neovim.save()
    expected = b"def add(a, b):\r\n    total = a + b\r\n    return total\r\n"
    assert (tmp_path / FILE).read_bytes() == expected


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
    edit: Edit, marked: str, answer: str, accepted: str, typed: int
) -> None:
    """Whether the text brings its own closers or not, also right after some of it was typed."""
    head, tail = marked.split("‸")
    neovim = edit(f"{head}{tail}\n", answer, "example.jsx")
    neovim.press(f"<Cmd>call cursor(1, {len(head.encode()) + 1})<CR>i")
    wait_until(neovim.ghost, "ghost text")
    neovim.enter(answer[:typed], pause=AT_ONCE)
    neovim.accept()
    assert neovim.text() == accepted


def test_a_closer_that_was_typed_over_is_not_replaced_any_more(edit: Edit) -> None:
    """As plugins for pairs have it: nothing is left of what was to be replaced."""
    neovim = edit("foo()\n", "a).bar()")
    neovim.press("<Cmd>inoremap ) <lt>Right><CR>4|a")
    neovim.wait_for_ghost("a).bar()")
    neovim.enter("a)", pause=AT_ONCE)
    neovim.accept()
    assert neovim.text() == "foo(a).bar()"


def test_several_lines_in_front_of_others(edit: Edit) -> None:
    """All lines are shown before they are accepted, and what follows stays."""
    neovim = edit(ADD + "\n\nprint(add(1, 2))\n", "total = a + b\n    return total")
    neovim.press("jA")
    neovim.wait_for_ghost("total = a + b\n    return total")
    neovim.accept()
    expected = "def add(a, b):\n    total = a + b\n    return total\n\n\nprint(add(1, 2))"
    assert neovim.text() == expected


def test_quitting_during_a_call_leaves_no_process(edit: Edit, endpoint: Endpoint) -> None:
    """The server and what it has started end with the editor, though the model is still busy."""
    neovim = edit(ADD, "")
    endpoint.behaviour = Behaviour(text="return a + b", head_after=60)
    neovim.press("jA")
    neovim.enter("r")
    endpoint.wait_until(lambda: endpoint.completions != [], timeout=15)
    processes = neovim.descendants()
    assert processes
    neovim.close()
    wait_until(lambda: not any(map(_is_running, processes)), "the server to end", timeout=5)


def _is_running(pid: int) -> bool:
    # A dead process may stay listed until somebody collects it, in a container for ever.
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text("utf-8")
    except FileNotFoundError:
        return False
