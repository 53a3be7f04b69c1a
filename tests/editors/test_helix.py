"""The completion menu in a real Helix, from the real server, with the README's configuration."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.editors.helix import REPOSITORY, Helix
from tests.editors.helix_session import started
from tests.editors.neovim import wait_until
from tests.editors.picture import draw, draws_pictures
from tests.fim_endpoint import Behaviour, Call, Endpoint, Script, serve_in_thread

pytestmark = pytest.mark.helix

PICTURE = REPOSITORY / "editors" / "helix" / "ghost-text.png"
CART = (
    "def total_open(orders: list[Order]) -> float:\n"
    '    """What is still to be paid."""\n'
    "    result = 0.0\n"
    "    for order in orders:\n"
    "        if not order.paid:\n"
    "            \n"
)

Edit = Callable[[str, str | Script], Helix]


@pytest.fixture(scope="module")
def shared_endpoint() -> Iterator[Endpoint]:
    """A model to talk to, for all tests that share a Helix."""
    with serve_in_thread() as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def shared_helix(
    tmp_path_factory: pytest.TempPathFactory, shared_endpoint: Endpoint
) -> Iterator[Helix]:
    """A Helix in which one file after the other is edited."""
    with started(tmp_path_factory.mktemp("helix"), shared_endpoint) as helix:
        yield helix


@pytest.fixture
def edit(shared_helix: Helix, shared_endpoint: Endpoint, tmp_path: Path) -> Iterator[Edit]:
    """Opens a new file with a text, with a model that answers so.

    The server remembers what it was told, so no two tests may have the same text.
    """
    with ExitStack() as stack:

        def open_file(text: str, answer: str | Script) -> Helix:
            shared_endpoint.behaviour = as_script(answer)
            path = shared_helix.home / f"{tmp_path.name}.py"
            path.write_bytes(text.encode())
            shared_helix.open(path)
            stack.callback(shared_helix.leave)
            return shared_helix

        yield open_file


def as_script(answer: str | Script) -> Script:
    """A model that always says the same, unless it is one already."""
    return Behaviour(text=answer) if isinstance(answer, str) else answer


@pytest.mark.parametrize(
    ("name", "answer"), [("one", "return a + b"), ("two", "total = a + b\n    return total")]
)
def test_entry_is_shown_and_accepted(edit: Edit, name: str, answer: str) -> None:
    """Behind a blank the menu opens at once; Tab and Enter make the whole text the user's."""
    helix = edit(f"def {name}(a, b):\n    \n", answer)
    helix.press("jA")
    first, more, _ = answer.partition("\n")
    helix.wait_for_entries(f"{first} …" if more else first)
    helix.accept()
    assert helix.saved() == f"def {name}(a, b):\n    {answer}\n"


def test_opened_line_begins_with_an_entry(edit: Edit) -> None:
    """The cursor stands behind the indentation, or at the line's start, and nothing is typed."""
    helix = edit("total = 1\n", "print(total)")
    helix.press("o")
    helix.wait_for_entries("print(total)")
    helix.accept()
    assert helix.saved() == "total = 1\nprint(total)\n"


def test_whole_text_is_previewed_and_documented_as_it_is(edit: Edit) -> None:
    """In the buffer, and beside the menu, where Helix would take plain text for Markdown."""
    helix = edit("def product(a, b):\n    \n", "total = a * b\n    return total * __len__ * 2")
    helix.press("jA")
    helix.wait_for_entries("total = a * b …")
    helix.press("<Tab>")
    last = "return total * __len__ * 2"
    helix.wait_for_line(3, last)
    wait_until(lambda: helix.screen().count(last) > 1, "the documentation", helix.screen)
    assert "``" not in helix.screen()


def test_typing_on_keeps_what_goes_with_it(edit: Edit) -> None:
    """Whoever types the entry's text still has it before them, and it is inserted once."""
    answer = "return a - b"
    helix = edit(
        "def minus(a, b):\n    \n",
        lambda body: Behaviour(text=rest_of(answer, body["prompt"])),
    )
    helix.press("jA")
    helix.wait_for_entries(answer)
    helix.press("re")
    helix.wait_for_line(2, "re")
    helix.press("turn")
    helix.wait_for_line(2, "return")
    helix.wait_for_entries(answer)
    helix.accept()
    assert helix.saved() == f"def minus(a, b):\n    {answer}\n"


def test_typing_something_else_ends_the_entry(edit: Edit) -> None:
    """Nothing is left in the menu that does not go with the text."""
    answer = "return a / b"
    helix = edit(
        "def share(a, b):\n    \n",
        lambda body: Behaviour(text=rest_of(answer, body["prompt"])),
    )
    helix.press("jA")
    helix.wait_for_entries(answer)
    helix.press("x")
    helix.wait_for_entries()
    assert helix.saved() == "def share(a, b):\n    x\n"


def test_slow_answer_is_still_right_after_more_keys(edit: Edit, shared_endpoint: Endpoint) -> None:
    """Helix matches it with what was typed meanwhile, and replaces that."""
    helix = edit("def slow(a, b):\n    \n", Behaviour(text="turn a + b", head_after=0.5))
    helix.press("jA<BS>re")
    shared_endpoint.wait_until(lambda: asked_with(shared_endpoint, "slow(a, b):\nre"), timeout=15)
    helix.press("tu")
    helix.wait_for_entries("return a + b")
    helix.accept()
    assert helix.saved() == "def slow(a, b):\nreturn a + b\n"


def test_slow_answer_to_another_text_is_not_shown(edit: Edit, shared_endpoint: Endpoint) -> None:
    """What is shown is the answer to the text as it is now, and only that."""

    def answer(body: dict[str, object]) -> Behaviour:
        slow = str(body["prompt"]).endswith("re")
        return Behaviour(text="turn a + b", head_after=1) if slow else Behaviour(text="print(a)")

    helix = edit("def late(a, b):\n    \n", answer)
    helix.press("jA<BS>re")
    shared_endpoint.wait_until(lambda: asked_with(shared_endpoint, "late(a, b):\nre"), timeout=15)
    helix.press("<BS><BS>if a: ")
    helix.wait_for_entries("print(a)")
    wait_until(lambda: all(map(is_over, shared_endpoint.completions)), "the slow answer")
    assert helix.entries() == ["print(a)"]
    helix.accept()
    assert helix.saved() == "def late(a, b):\nif a: print(a)\n"


@pytest.mark.parametrize(("number", "answer"), [(1, "a, b"), (2, "a, b)")])
def test_closer_of_a_pair_is_not_doubled(edit: Edit, number: int, answer: str) -> None:
    """Helix has closed the bracket that was typed, whether the text brings its own or not."""
    helix = edit(f"\n# {number} closer\n", answer)
    helix.press("iprint(")
    helix.wait_for_entries("a, b")
    helix.accept()
    assert helix.saved() == f"print(a, b)\n# {number} closer\n"


def test_file_with_crlf_stays_one(edit: Edit) -> None:
    """Several lines are accepted into a DOS file; no CR is missing or doubled."""
    helix = edit("def dos(a, b):\r\n    \r\n", "total = a + b\n    return total")
    helix.press("jA")
    helix.wait_for_entries("total = a + b …")
    helix.accept()
    assert helix.saved() == "def dos(a, b):\r\n    total = a + b\r\n    return total\r\n"


def test_characters_of_several_bytes(edit: Edit) -> None:
    """Helix counts bytes, and the text lands where it belongs."""
    helix = edit('greet("zoë 😀", )  # 🎉\n', '"ünï 😀"')
    helix.press("f);i")
    helix.wait_for_entries('"ünï 😀"')
    helix.accept()
    assert helix.saved() == 'greet("zoë 😀", "ünï 😀")  # 🎉\n'


def test_several_entries_by_hand(edit: Edit) -> None:
    """The completion key where nothing is typed yet brings a choice; the second is the second."""
    helix = edit(
        "several = 1\n", lambda body: Behaviour(text=f"value_{body.get('random_seed', 0)}")
    )
    helix.press("A<Enter><C-x>")
    helix.wait_for_entries("value_0", "value_1", "value_2")
    helix.press("<Tab><Tab><Enter>")
    assert helix.saved() == "several = 1\nvalue_1\n"


def test_text_of_the_file_is_no_entry(edit: Edit) -> None:
    """Whatever words it has: the menu is known by its colour, with its documentation beside it."""
    file = "# some text here\ndef words(a):\n    \n# a text text b\n"
    helix = edit(file, "text = 1  # a text here\n    # another text here")
    helix.press("jjA")
    helix.wait_for_entries("text = 1  # a text here …")
    helix.press("<Tab>")
    wait_until(lambda: helix.screen().count("# another text") > 1, "both", helix.screen)
    helix.wait_for_entries("text = 1  # a text here …")


def test_picture_for_the_readme(edit: Edit) -> None:
    """The menu with its preview, drawn if pictures are wanted."""
    helix = edit(
        CART,
        "result += order.price * order.count\n            order.reminded = True",
    )
    helix.press("5jA")
    helix.wait_for_entries("result += order.price * order.count …")
    helix.press("<Tab>")
    helix.wait_for_line(7, "order.reminded = True")
    if draws_pictures():
        draw(helix.as_svg("Helix"), PICTURE)


def rest_of(text: str, prompt: str) -> str:
    """What a text goes on with behind the line that was typed; nothing if that is another one."""
    typed = prompt.rpartition("\n")[2].strip()
    return text.removeprefix(typed) if text.startswith(typed) else ""


def asked_with(endpoint: Endpoint, end: str) -> bool:
    """Whether somebody has asked behind this text."""
    return any(str(call.body["prompt"]).endswith(end) for call in endpoint.completions)


def is_over(call: Call) -> bool:
    """Whether a call was answered or given up."""
    return call.ended or call.hung_up_at is not None
