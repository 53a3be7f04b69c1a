"""Ghost text in a real Emacs: in documents, places and modes of all kinds."""

from pathlib import Path

import pytest

from codestral_ls.lsp.documents import Document, Point
from tests.editors import emacs_session
from tests.editors.emacs import Emacs, lisp
from tests.editors.emacs_session import ADD, LINES, Edit, body, sent
from tests.editors.neovim import wait_until

pytestmark = pytest.mark.emacs

endpoint, emacs, edit = emacs_session.endpoint, emacs_session.emacs, emacs_session.edit


def test_a_file_with_crlf_stays_one(edit: Edit, tmp_path: Path) -> None:
    """Several lines are accepted into a DOS file; no CR is shown, none is missing or doubled."""
    emacs = edit("def add(a, b):\r\n    ‸\r\n", LINES, typed=1)
    emacs.wait_for_ghost(LINES)
    emacs.press("<Tab>")
    emacs.save()
    expected = f"def add(a, b):\n    {LINES}\n".replace("\n", "\r\n").encode()
    assert (tmp_path / "example.py").read_bytes().partition(b"\r\n")[2] == expected


def test_characters_beyond_the_first_plane(edit: Edit) -> None:
    """The text lands where it was shown."""
    emacs = edit('greet("zoë 😀", ‸)  # 🎉\n', '"ünï 😀"', typed=1)
    emacs.wait_for_ghost('"ünï 😀"')
    emacs.enter('"ü')
    emacs.press("<Tab>")
    assert body(emacs) == 'greet("zoë 😀", "ünï 😀")  # 🎉\n'


def test_places_in_units_that_others_count(edit: Edit) -> None:
    """A server that knows no code points is told of places in UTF-16, and understood."""
    emacs = edit('greet("zoë 😀", ‸)  # 🎉\n', "")
    place = "(codestral-ls-text-place (point) 'utf-16)"
    assert emacs.ask(f"(plist-get {place} :character)") == len('greet("zoë 😀", ') + 1
    assert emacs.holds(f"(= (point) (codestral-ls-text-position {place} 'utf-16))")


def test_a_narrowed_buffer(edit: Edit) -> None:
    """The server knows the whole text, and what is shown lands in the visible part."""
    emacs = edit("import os\n\ndef add(a, b):\n    ‸\n\nprint(add)\n", LINES)
    emacs.run("(narrow-to-region (pos-bol -1) (pos-eol 2))")
    emacs.enter("x = 1\n")
    emacs.wait_for_ghost(LINES)
    emacs.press("<Tab>")
    assert body(emacs).endswith(f"    x = 1\n    {LINES}\n\nprint(add)\n")


def test_a_read_only_buffer_is_left_alone(edit: Edit) -> None:
    """Nothing is asked for where nothing can be inserted."""
    emacs = edit(ADD, LINES)
    emacs.run('(let ((inhibit-read-only t)) (insert " ")) (setq buffer-read-only t)')
    emacs.press("")
    emacs.press("")
    wait_until(lambda: not emacs.holds("codestral-ls--timer"), "the delay to be over")
    assert sent(emacs, "textDocument/inlineCompletion") == []


TAILS = [
    pytest.param("print(‸)", "a)", "print(a)", id="closer"),
    pytest.param("foo(‸)", "a).bar()", "foo(a).bar()", id="goes on behind the closer"),
    pytest.param("x(foo(‸));", "a).bar()", "x(foo(a).bar());", id="several closers"),
    pytest.param('x = "‸"', 'hello"', 'x = "hello"', id="quote"),
    pytest.param("items[‸] = 1", "key", "items[key] = 1", id="words behind"),
    pytest.param("items[‸] = 1", "key] = 1", "items[key] = 1", id="words repeated"),
    pytest.param("é😀(‸) // 😀é", "ü)", "é😀(ü) // 😀é", id="beyond the first plane"),
]


@pytest.mark.parametrize("how", ["whole", "typed", "words"])
@pytest.mark.parametrize(("marked", "answer", "accepted"), TAILS)
def test_what_stands_behind_the_cursor_is_not_doubled(
    edit: Edit, marked: str, answer: str, accepted: str, how: str
) -> None:
    """Whether the text brings its own closers or not, and however it is accepted."""
    emacs = edit(f"{marked}\n", answer, "example.js", typed=1)
    wait_until(emacs.ghost, "ghost text", emacs.story)
    # The model would say the same again behind what is typed or accepted.
    emacs.run("(setq codestral-ls-automatic nil)")
    if how == "typed":
        emacs.enter(answer[0])
    while how == "words" and emacs.ghost():
        emacs.press("<M-f>")
    if how != "words":
        emacs.press("<Tab>")
    emacs.run("(setq codestral-ls-automatic t)")
    assert body(emacs) == f"{accepted}\n"


def test_pairs_that_emacs_closes_are_not_doubled(edit: Edit) -> None:
    """Closers that `electric-pair-mode' adds belong to the ghost text that is typed through."""
    emacs = edit("value = ‸\n", "call(items[0], 'x')", typed=1)
    emacs.run("(electric-pair-local-mode)")
    emacs.wait_for_ghost("call(items[0], 'x')")
    emacs.enter("call(items[")
    assert emacs.text().endswith("call(items[])\n")
    assert emacs.ghost() == "0], 'x')"
    emacs.wait_for_screen("value = call(items[0], 'x')")
    assert emacs.ask("test-hidden") == 0
    emacs.enter("0]")
    emacs.press("<Tab>")
    assert body(emacs) == "value = call(items[0], 'x')\n"


def test_other_popups_have_precedence(edit: Edit) -> None:
    """Ghost text makes room for what completes in the buffer, and none is asked for."""
    emacs = edit("value_one = 1\n‸\n", "value_two = 2", typed=1)
    emacs.wait_for_ghost("value_two = 2")
    emacs.run(
        "(setq-local completion-at-point-functions (list (lambda () (list (pos-bol) (point)"
        ' (list "value_one" "value_two"))))) (completion-at-point)'
    )
    wait_until(lambda: emacs.ghost() == "", "the ghost text to go", emacs.story)
    emacs.run("(completion-in-region-mode -1)")


def test_commands_of_a_modal_editor_get_no_ghost_text(edit: Edit) -> None:
    """What Evil's normal state changes is not typing."""
    emacs = edit(ADD, LINES)
    emacs.run("(setq-local evil-local-mode t evil-state 'normal)")
    emacs.enter("x")
    wait_until(lambda: not emacs.holds("codestral-ls--timer"), "the delay to be over")
    assert sent(emacs, "textDocument/inlineCompletion") == []
    emacs.run("(setq-local evil-state 'insert)")
    emacs.press("<BS>")
    emacs.wait_for_ghost(LINES)


def test_another_window_takes_the_ghost_text_away(edit: Edit) -> None:
    """Nothing is left behind where the user is not."""
    emacs = edit(ADD, LINES, typed=1)
    emacs.wait_for_ghost(LINES)
    emacs.run('(select-window (split-window)) (switch-to-buffer "*scratch*")')
    visible = '(buffer-local-value \'codestral-ls-ghost-visible (get-buffer "example.py"))'
    wait_until(lambda: not emacs.holds(visible), "the ghost text to go", emacs.story)
    emacs.run("(delete-window)")


def test_an_indirect_buffer_is_left_alone(edit: Edit) -> None:
    """Cloned with all variables of the original, it neither asks nor closes the document."""
    emacs = edit(ADD, LINES)
    emacs.run('(switch-to-buffer (make-indirect-buffer (current-buffer) "clone" t))')
    assert not emacs.holds("(or codestral-ls-mode codestral-ls--uri)")
    emacs.run("(kill-buffer)")
    emacs.run('(switch-to-buffer "example.py")')
    assert sent(emacs, "textDocument/didClose") == []
    emacs.enter(" ")
    emacs.wait_for_ghost(LINES)


def test_several_lines_in_front_of_others(edit: Edit) -> None:
    """All lines are on the screen before they are accepted, and what follows stays."""
    emacs = edit(f"{ADD}\n\nprint(add(1, 2))\n", LINES, typed=1)
    emacs.wait_for_ghost(LINES)
    emacs.wait_for_screen("    total = a + b\n    return total\n\n\nprint(add(1, 2))")
    emacs.press("<Tab>")
    assert body(emacs) == f"def add(a, b):\n    {LINES}\n\n\nprint(add(1, 2))\n"


CHANGES = [
    ("", "a"),
    ("a)", "a))"),
    ("foo()", "foo(())"),
    ("ab\ncd\nef", "ab\nxy\nz\nef"),
    ("ab\ncd\nef\n", ""),
    ("aaaa", "aa"),
    ("zoë 😀 x", "zoë 😀😀 y"),
    ("x = 1\n" * 50, "y = 2\n" * 50),
    ("one two one two", "two one two one"),
    ("a" * 500, "ba" * 250),
]


@pytest.mark.parametrize("unit", ["utf-32", "utf-16"])
def test_changes_are_told_as_they_were(emacs: Emacs, unit: str) -> None:
    """Whatever has changed, the server's copy becomes the same."""
    for old, new in [*CHANGES, *((new, old) for old, new in CHANGES)]:
        for caret in {0, len(new) // 2, len(new)}:
            change = emacs.ask(
                f"(with-temp-buffer (insert {lisp(new)}) (goto-char {caret + 1})"
                f" (codestral-ls-text-change {lisp(old)} {lisp(new)} '{unit}))"
            )
            document = Document("file:///x", "python", old)
            ends = (change["range"]["start"], change["range"]["end"])
            start, end = (Point(each["line"], each["character"]) for each in ends)
            document.edit(start, end, change["text"], unit)  # type: ignore[arg-type] # a literal
            assert document.text == new
