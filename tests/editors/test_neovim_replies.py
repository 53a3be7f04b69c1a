"""Replies that come late, in disorder or for a text that is gone; candidates; parts of a text."""

from collections.abc import Iterator

import pytest

from tests.editors.neovim_scripted import BROKEN, CANCELLED, Scripted, scripted

pytestmark = pytest.mark.neovim


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scripted]:
    """One Neovim for all tests here."""
    with scripted(tmp_path_factory.mktemp("neovim")) as desk:
        yield desk


def test_a_late_reply_never_takes_the_place_of_a_newer_one(desk: Scripted) -> None:
    """Neither before nor after the newer one has come."""
    first = desk.edit("x = \n", "A")
    second = desk.press("1")
    desk.answer(first, "old")
    assert desk.ghost() == ""
    desk.answer(second, "234")
    assert desk.ghost() == "234"
    desk.answer(first, "1 + old")
    assert desk.ghost() == "234"


@pytest.mark.parametrize("end", ["empty", "null", "broken"])
def test_no_text_takes_the_ghost_text_away(desk: Scripted, end: str) -> None:
    """Whether the server says so by an empty list, by null or by an error."""
    number = desk.edit("x = \n", "A")
    desk.answer(number, "1234")
    assert desk.ghost() == "1234"
    number = desk.press("1")
    assert desk.ghost() == "234"
    if end == "empty":
        desk.answer(number)
    elif end == "null":
        desk.answer_null(number)
    else:
        desk.fail(number, BROKEN)
    assert desk.ghost() == ""
    desk.neovim.press("<Tab>")
    assert desk.neovim.text().startswith("x = 1 ")


def test_a_cancelled_request_leaves_what_still_fits(desk: Scripted) -> None:
    """The server cancels what a newer request has made needless."""
    number = desk.edit("x = \n", "A")
    desk.answer(number, "1234")
    number = desk.press("1")
    desk.fail(number, CANCELLED)
    assert desk.ghost() == "234"


def test_a_late_reply_fits_what_was_typed_meanwhile(desk: Scripted) -> None:
    """Typing on through the text that comes is no reason to lose it."""
    number = desk.edit("x = \n", "A")
    desk.neovim.press("12")
    desk.answer(number, "1234")
    desk.neovim.press("")
    # A newer request may have gone out by now; then the reply to that one counts.
    if desk.count() > number:
        desk.answer(desk.count(), "34")
    assert desk.ghost() == "34"
    desk.neovim.press("<Tab>")
    assert desk.neovim.text() == "x = 1234"


def test_a_late_reply_for_a_text_that_is_gone_is_not_shown(desk: Scripted) -> None:
    """Though the cursor is back in its column, and the text would fit as it came."""
    number = desk.edit("\n", "Are")
    desk.neovim.press("<BS><BS>xy")
    desk.answer(number, "turn")
    assert desk.ghost() == ""
    assert desk.neovim.text() == "xy"


def test_a_reply_after_insert_mode_is_not_shown(desk: Scripted) -> None:
    """Nor does it come up when insert mode begins again elsewhere."""
    number = desk.edit("x = \ny = \n", "A")
    desk.neovim.press("<Esc>")
    desk.answer(number, "1234")
    assert desk.ghost() == ""
    desk.press("jA")
    assert desk.ghost() == ""


def test_deleting_behind_the_cursor_hides_what_counted_on_it(desk: Scripted) -> None:
    """The cursor does not move then, which is all that Neovim itself looks at."""
    number = desk.edit("f()\n", "$i")
    desk.answer(number, "a)", replaced=1)
    assert desk.ghost() == "a"
    desk.neovim.press("<Del>")
    desk.neovim.press("<Tab>")
    assert desk.neovim.text() == "f(a)"
    number = desk.edit("f(); g()\n", "2|a")
    desk.answer(number, "a)", replaced=1)
    desk.neovim.press("<Del><Del>")
    assert desk.ghost() == ""
    number = desk.edit("x = yy\n", "4|i")
    desk.answer(number, "one ")
    assert desk.ghost() == "one "
    desk.neovim.press("<Del><Del>")
    assert desk.ghost() == ""


def test_words_are_accepted_one_after_the_other(desk: Scripted) -> None:
    """The rest stays shown, and the server is told how much it is by now, in UTF-16."""
    number = desk.edit("x = \n", "A")
    desk.answer(number, "ünï(😀, b)\nend")
    seen = []
    while desk.ghost():
        desk.neovim.press("<M-Right>")
        seen.append((desk.neovim.text(), desk.ghost()))
    assert seen == [
        ("x = ünï", "(😀, b)\nend"),
        ("x = ünï(", "😀, b)\nend"),
        ("x = ünï(😀", ", b)\nend"),
        ("x = ünï(😀,", " b)\nend"),
        ("x = ünï(😀, b", ")\nend"),
        ("x = ünï(😀, b)", "\nend"),
        ("x = ünï(😀, b)\nend", ""),
    ]
    answer = number * 10 + 1
    assert desk.accepted() == [
        *([answer, units] for units in (3, 4, 6, 7, 9, 10)),
        [answer],
    ]


def test_lines_are_accepted_one_after_the_other(desk: Scripted) -> None:
    """What was typed of the text counts as well; closers are taken along with their line."""
    number = desk.edit("f()\n", "$i")
    desk.answer(number, "\n  a,\n)", replaced=1)
    assert desk.ghost() == "\n  a,\n)"
    desk.neovim.press("<M-C-Right>")
    assert desk.neovim.text() == "f(\n  a,)"
    assert desk.ghost() == "\n)"
    desk.neovim.press("<M-C-Right>")
    assert desk.neovim.text() == "f(\n  a,\n)"
    assert desk.accepted() == [[number * 10 + 1, 5], [number * 10 + 1]]


def test_tabs_are_drawn_as_wide_as_they_will_be(desk: Scripted) -> None:
    """Neovim draws them itself only in lines of their own."""
    number = desk.edit("abc\n", "A")
    desk.neovim.run("setlocal tabstop=8 noexpandtab")
    desk.answer(number, "\tx\ty\n\tz")
    assert desk.ghost() == "     x       y\n\tz"
    desk.neovim.press("<Tab>")
    assert desk.neovim.text() == "abc\tx\ty\n\tz"


def test_a_word_brings_the_closer_that_it_replaces(desk: Scripted) -> None:
    """It is not doubled, and the rest stands behind it."""
    number = desk.edit("f()\n", "$i")
    desk.answer(number, "a).b()", replaced=1)
    desk.neovim.press("<M-Right><M-Right>")
    assert desk.neovim.text() == "f(a)."
    assert desk.ghost() == "b()"


def test_candidates_are_shown_in_turn(desk: Scripted) -> None:
    """Forwards, backwards and around; the one that is shown is the one that is accepted."""
    number = desk.edit("x = \n", "A")
    desk.answer(number, "one", "two", "three")
    shown = [desk.ghost()]
    for key in ("<M-]>", "<M-]>", "<M-]>", "<M-[>"):
        desk.neovim.press(key)
        shown.append(desk.ghost())
    assert shown == ["one", "two (2/3)", "three (3/3)", "one (1/3)", "three (3/3)"]
    desk.neovim.press("<Tab>")
    assert desk.neovim.text() == "x = three"
    assert desk.accepted() == [[number * 10 + 3]]


def test_a_candidate_that_the_user_went_to_stays(desk: Scripted) -> None:
    """It is typed through like the first one, whatever is answered meanwhile."""
    number = desk.edit("x = \n", "A")
    desk.answer(number, "one", "two")
    desk.neovim.press("<M-]>")
    number = desk.press("t")
    assert desk.ghost() == "wo"
    desk.answer(number, "en")
    assert desk.ghost() == "wo"


def test_typing_goes_to_the_candidate_that_fits(desk: Scripted) -> None:
    """The others are out of the running."""
    number = desk.edit("x = \n", "A")
    desk.answer(number, "one", "two", "three")
    desk.neovim.press("th")
    assert desk.ghost() == "ree"
    assert desk.neovim.lua("return require('codestral_ls.ghost').count(0)") in (0, 1)


def test_the_key_for_the_next_candidate_asks_for_more(desk: Scripted) -> None:
    """Of one candidate there is no next one: several are asked for as by hand."""
    number = desk.edit("x = \n", "A")
    desk.answer(number, "one")
    number = desk.press("<M-]>")
    assert desk.kind(number) == 1
    desk.answer(number, "one", "two")
    assert desk.ghost() == "two (2/2)"


def test_asking_by_hand(desk: Scripted) -> None:
    """The key asks at once, also where there is nothing yet; the first candidate is shown."""
    number = desk.edit("x = \n", "A")
    desk.answer(number)
    number = desk.press("<M-Bslash>")
    assert desk.kind(number) == 1
    desk.answer(number, "one", "two")
    assert desk.ghost() == "one (1/2)"


def test_ghost_text_is_dismissed_until_something_is_typed(desk: Scripted) -> None:
    """What is under way is not shown either; without ghost text the key is what it was."""
    number = desk.edit("x = \n", "A")
    desk.answer(number, "one")
    desk.neovim.press("<C-]>")
    assert desk.ghost() == ""
    desk.answer(number, "late")
    assert desk.ghost() == ""
    desk.neovim.run("inoremap <buffer> <C-]> <C-]>")
    number = desk.press("o")
    desk.answer(number, "ne")
    assert desk.ghost() == "ne"


def test_the_server_is_told_what_was_shown_once(desk: Scripted) -> None:
    """As Copilot's clients do; the same text at the next key is not another one."""
    number = desk.edit("x = \n", "A")
    desk.answer(number, "one")
    desk.neovim.press("o")
    shown = desk.neovim.lua(
        "return vim.iter(_G.told):filter(function(it)"
        " return it.method == 'textDocument/didShowCompletion' end)"
        ":map(function(it) return it.params.item.insertText end):totable()"
    )
    assert shown == ["one"]


def test_the_users_own_mapping_is_right_as_well(desk: Scripted) -> None:
    """Plain `vim.lsp.inline_completion.get()` inserts what is shown, where it is shown."""
    number = desk.edit("f()\n", "$i")
    desk.answer(number, "one)", replaced=1)
    desk.neovim.press("on")
    assert desk.neovim.lua("return vim.lsp.inline_completion.get()") is True
    desk.neovim.press("")
    assert desk.neovim.text() == "f(one)"


def test_what_the_server_is_told_of_this_client(desk: Scripted) -> None:
    """It shows the status itself, and asks sooner than Neovim would."""
    own = desk.neovim.lua("return _G.capabilities.experimental.codestral")
    assert own == {"status": True, "delay": 50}
