"""Ghost text in a real Emacs: shown, typed through, accepted, replaced and dropped."""

import pytest

from tests.editors import emacs_session
from tests.editors.emacs_session import ADD, LINES, Edit, body, sent
from tests.editors.neovim import wait_until
from tests.fim_endpoint import Behaviour, Endpoint

pytestmark = pytest.mark.emacs

endpoint, emacs, edit = emacs_session.endpoint, emacs_session.emacs, emacs_session.edit


def test_ghost_text_is_shown_and_accepted(edit: Edit, endpoint: Endpoint) -> None:
    """The model's text appears behind what was typed, and TAB makes it the user's."""
    emacs = edit(ADD, "turn a + b")
    emacs.enter("re")
    emacs.wait_for_ghost("turn a + b")
    assert endpoint.completions[-1].body["prompt"].endswith("    re")
    emacs.wait_for_screen("    return a + b")
    expected = "    return a + b", len("    re")
    # The screen is drawn bit by bit, and its cursor is put in place last.
    wait_until(lambda: emacs.cursor_on_screen() == expected, "the cursor", emacs.story)
    emacs.press("<Tab>")
    assert body(emacs) == "def add(a, b):\n    return a + b\n"


def test_tab_without_ghost_text_indents(edit: Edit) -> None:
    """The key is the mode's own again once there is nothing to accept."""
    emacs = edit("def add(a, b):\n‸return a\n", "")
    emacs.press("<Tab>")
    assert body(emacs) == "def add(a, b):\n    return a\n"


def test_typing_through_never_takes_the_text_away(edit: Edit) -> None:
    """It is shorter with the very key, and stays while the server is asked again."""
    emacs = edit(ADD, "return a + b")
    emacs.enter(" ")
    emacs.wait_for_ghost("return a + b")
    for number, key in enumerate("return a ", 1):
        emacs.enter(key)
        assert emacs.ghost() == "return a + b"[number:]
    emacs.press("<BS><BS>")
    assert emacs.ghost() == "a + b", emacs.story()
    assert emacs.ask("test-hidden") == 0
    emacs.press("<Tab>")
    assert body(emacs) == "def add(a, b):\n     return a + b\n"


def test_typing_through_a_line_end_that_indents(edit: Edit) -> None:
    """The indentation that Emacs inserts is part of what was shown."""
    emacs = edit(ADD, "if a:\n        return b", typed=1)
    emacs.wait_for_ghost("if a:\n        return b")
    emacs.enter("if a:\nre")
    assert emacs.ghost() == "turn b"
    assert emacs.ask("test-hidden") == 0


@pytest.mark.parametrize("keys", ["x", "<BS><BS>", "<Left>", "<C-k>a", "<C-g>"])
def test_what_does_not_fit_is_gone_with_the_key(edit: Edit, endpoint: Endpoint, keys: str) -> None:
    """Other text, a moved cursor and C-g leave nothing to accept."""
    emacs = edit("value = r‸  # end\n", "ange(10)")
    emacs.enter("r")
    emacs.wait_for_ghost("ange(10)")
    endpoint.behaviour = Behaviour(text="", head_after=60)
    emacs.press(keys)
    assert emacs.ghost() == ""
    assert "ange" not in "".join(emacs.terminal.lines())


def test_a_word_and_a_line_at_a_time(edit: Edit) -> None:
    """M-f inserts a word, M-e what is left of the line; the server hears of each piece."""
    emacs = edit(ADD, LINES, typed=1)
    emacs.wait_for_ghost(LINES)
    emacs.run("(setq codestral-ls-automatic nil)")  # no other text takes its place
    emacs.press("<M-f>")
    assert body(emacs) == "def add(a, b):\n    total\n"
    assert emacs.ghost() == LINES.removeprefix("total")
    emacs.press("<M-f>")
    assert body(emacs) == "def add(a, b):\n    total =\n"
    emacs.press("<M-e>")
    assert body(emacs) == "def add(a, b):\n    total = a + b\n"
    emacs.press("<M-e>")
    emacs.run("(setq codestral-ls-automatic t)")
    assert body(emacs) == f"def add(a, b):\n    {LINES}\n"
    told = [each["arguments"][2:] for each in sent(emacs, "workspace/executeCommand")]
    assert told == [[5], [7], [13], []]


def test_accepting_is_one_step_to_undo(edit: Edit) -> None:
    """What was typed before is another one."""
    emacs = edit(ADD, "total = a + b")
    emacs.enter("x")
    emacs.wait_for_ghost("total = a + b")
    emacs.press("<Tab>")
    emacs.press("<C-_>")
    assert body(emacs) == "def add(a, b):\n    x\n"


def test_several_texts_to_choose_from(edit: Edit, endpoint: Endpoint) -> None:
    """M-n asks for more than the one there is, then goes round; M-p goes back."""
    emacs = edit(ADD, "return a + b")
    emacs.enter("\n")
    emacs.wait_for_ghost("return a + b")
    texts = iter(["return a * b", "return a / b", "return a % b"])
    endpoint.behaviour = lambda _body: Behaviour(text=next(texts, ""))
    emacs.press("<M-n>")
    wait_until(lambda: emacs.ghost() != "return a + b", "another text", emacs.story)
    count = emacs.ask("(codestral-ls-ghost-count)")
    second = emacs.ghost()
    assert count > 1
    seen = [second]
    for _ in range(count - 1):
        emacs.press("<M-n>")
        seen.append(emacs.ghost())
    assert len(set(seen)) == count
    assert seen[-1] == "return a + b"
    emacs.terminal.press("<M-n>")
    emacs.wait_for_screen(f"Ghost text 2/{count}")
    emacs.press("<M-p>")
    assert emacs.ghost() == seen[-1]
    assert 1 in [
        each["context"]["triggerKind"] for each in sent(emacs, "textDocument/inlineCompletion")
    ]
    emacs.press("<Tab>")
    assert body(emacs).endswith(f"    {seen[-1]}\n")


def test_what_was_overtaken_is_cancelled_and_never_shown(edit: Edit, endpoint: Endpoint) -> None:
    """The next key cancels the request; an answer that is late is not drawn."""
    emacs = edit(ADD, "")
    endpoint.behaviour = Behaviour(text="late", head_after=0.3)
    calls = len(endpoint.completions)
    emacs.enter("a")
    endpoint.wait_until(lambda: len(endpoint.completions) > calls)
    endpoint.behaviour = Behaviour(text="soon")
    emacs.enter("(")
    emacs.wait_for_ghost("soon")
    assert len(sent(emacs, "$/cancelRequest")) == 1
    asked = sent(emacs, "textDocument/inlineCompletion")
    assert len(asked) == 2


ANSWERED = "(zerop (length (jsonrpc--continuations codestral-ls-client-current)))"


@pytest.mark.parametrize(
    "happens",
    [
        pytest.param("(goto-char (point-max)) (insert ?x)", id="text behind the cursor"),
        pytest.param('(goto-char 1) (delete-char 1) (insert "%")', id="as long as before"),
        pytest.param("(codestral-ls-dismiss)", id="dismissed"),
        pytest.param(
            "(cl-letf (((symbol-function 'codestral-ls-client-notify) #'ignore))"
            " (codestral-ls-dismiss))",
            id="sent before it was cancelled",
        ),
    ],
)
def test_an_answer_for_another_text_is_dropped(edit: Edit, happens: str) -> None:
    """Also where no command but a process or a timer has changed the text meanwhile."""
    emacs = edit(ADD, "late")
    emacs.run(f"(codestral-ls--ask t #'codestral-ls-ghost-show) (save-excursion {happens})")
    wait_until(lambda: emacs.holds(ANSWERED), "the answer", emacs.story)
    assert emacs.ghost() == ""
