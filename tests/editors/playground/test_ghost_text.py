"""Ghost text on the page: shown, accepted, dismissed, typed through, and never in the way."""

from collections.abc import Callable
from dataclasses import replace

from tests.editors.neovim import wait_until
from tests.editors.playground.desk import Playground
from tests.fim_endpoint import DEFAULT, Endpoint

Wants = Callable[..., None]
HEAD = "def add(a, b):\n    "


def test_typing_brings_ghost_text_that_tab_accepts_and_undo_takes_back(
    page: Playground, wants: Wants
) -> None:
    """It is no part of the document before, and a step of its own after."""
    wants("return a + b")
    page.write(HEAD + "|")
    page.insert("re")
    page.wait_for_ghost("turn a + b")
    assert page.text == HEAD + "re"
    page.press("Tab")
    page.wait_for_text(HEAD + "return a + b")
    page.enter(" ")
    page.press("Control+z")
    page.wait_for_text(HEAD + "return a + b")
    page.press("Control+z")
    page.wait_for_text(HEAD + "re")


def test_esc_dismisses(page: Playground, wants: Wants) -> None:
    """Nothing is left of it, and Tab then indents."""
    wants("return a + b")
    page.write(HEAD + "|")
    page.insert("re")
    page.wait_for_ghost("turn a + b")
    page.press("Escape")
    page.wait_for_ghost("")
    assert page.look()["facts"]["On the page"] == "dismissed"
    page.press("Tab")
    page.wait_for_text("def add(a, b):\n        re")


def test_words_are_accepted_one_by_one_without_asking_again(page: Playground, wants: Wants) -> None:
    """Each is a step of its own; with the last one all is accepted."""
    wants("return a + b")
    page.write(HEAD + "|")
    page.insert("re")
    page.wait_for_ghost("turn a + b")
    page.press("Control+ArrowRight", "Control+ArrowRight")
    page.wait_for_ghost(" + b")
    assert page.text == HEAD + "return a"
    page.press("Control+z")
    page.wait_for_text(HEAD + "return")
    page.wait_for_ghost(" a + b")
    page.press(*["Control+ArrowRight"] * 3)
    page.wait_for_text(HEAD + "return a + b")
    # The one that follows is for what comes after it.
    assert all(each["prefix"].endswith("return a + b") for each in page.asked[1:])


def test_typing_through_asks_nothing_and_never_flickers(page: Playground, wants: Wants) -> None:
    """Each key takes a character off, also when some are taken back."""
    wants("return a + b")
    page.write(HEAD + "|")
    page.insert("re")
    page.wait_for_ghost("turn a + b")
    page.watch()
    page.enter("turn")
    page.press("Backspace")
    page.enter("n ")
    page.wait_for_ghost("a + b")
    ghosts = page.evaluate("window.ghosts")
    assert "" not in ghosts
    assert all("turn a + b".endswith(each) for each in ghosts)
    page.enter("x")  # something else
    page.wait_for_ghost("return a + b")
    assert [each["prefix"][-3:] for each in page.asked] == [" re", "n x"]


def test_a_text_is_shown_as_it_grows_and_may_be_typed_through(
    page: Playground, wants: Wants, endpoint: Endpoint
) -> None:
    """Typing ahead of what has come breaks nothing off."""
    wants("return first + second + third", per_token=0.1)
    page.write(HEAD + "|")
    page.insert("re")
    page.watch()
    page.enter("turn ")
    page.wait_for_ghost("first + second + third")
    ghosts = page.evaluate("window.ghosts")
    assert len(ghosts) > 3
    shown = [each for each in ghosts if each]
    assert shown == sorted(shown, key=len)
    assert len(page.asked) == 1
    endpoint.wait_until(lambda: [each.ended for each in endpoint.completions] == [True])


def test_tab_takes_what_has_come_and_the_rest_follows(
    page: Playground, wants: Wants, endpoint: Endpoint
) -> None:
    """Who accepts early loses nothing."""
    wants("return first + second + third", per_token=0.1)
    page.write(HEAD + "|")
    page.insert("re")
    wait_until(lambda: page.ghost, "a first piece")
    page.press("Tab")
    wait_until(lambda: page.ghost.endswith("third"), "the rest")
    page.press("Tab")
    page.wait_for_text(HEAD + "return first + second + third")
    assert endpoint.completions[0].ended


def test_what_is_typed_otherwise_breaks_the_call_off(
    page: Playground, wants: Wants, endpoint: Endpoint
) -> None:
    """The model stops writing at once, and is asked anew."""
    wants("return first + second + third", per_token=3.0)
    page.write(HEAD + "|")
    page.insert("re")
    wait_until(lambda: page.ghost, "a first piece")
    wants("rest()")
    page.enter("s")
    page.wait_for_ghost("t()")
    endpoint.wait_until(lambda: endpoint.completions[0].hung_up_at is not None)
    assert [each["prefix"][-3:] for each in page.asked] == [" re", "res"]


def test_esc_breaks_a_call_off_of_which_nothing_is_seen_yet(
    page: Playground, wants: Wants, endpoint: Endpoint
) -> None:
    """Who does not want to wait does not pay."""
    wants("return a + b", head_after=30.0)
    page.write(HEAD + "|")
    page.insert("re")
    wait_until(lambda: endpoint.completions, "the call")
    page.press("Escape")
    endpoint.wait_until(lambda: endpoint.completions[0].hung_up_at is not None)


def test_moving_away_takes_the_ghost_text_and_its_call_along(
    page: Playground, wants: Wants, endpoint: Endpoint
) -> None:
    """Neither a caret elsewhere nor a selection has any."""
    wants("return a + b")
    page.write(HEAD + "|")
    page.insert("re")
    page.wait_for_ghost("turn a + b")
    page.press("Shift+ArrowLeft")
    page.wait_for_ghost("")
    wants("return a + b", head_after=30.0)
    page.press("ArrowRight")
    page.enter("x")
    wait_until(lambda: len(endpoint.completions) > 1, "the second call")
    page.press("ArrowLeft")
    endpoint.wait_until(lambda: endpoint.completions[-1].hung_up_at is not None)
    assert page.ghost == ""


def test_asking_by_hand_brings_several_texts_to_go_through(
    page: Playground, endpoint: Endpoint
) -> None:
    """Alt+] and Alt+[ turn; what is typed chooses among them."""
    texts = iter(["alpha", "beta", "gamma"] * 3)
    endpoint.behaviour = lambda _: replace(DEFAULT, text=next(texts))
    page.write("first = |")
    page.press("Control+Space")
    wait_until(lambda: page.ghost, "ghost text")
    assert page.asked[0]["candidates"] == 3
    seen = [page.ghost]
    for _ in range(2):
        page.press("Alt+]")
        wait_until(lambda: page.ghost != seen[-1], "another text", lambda: page.ghost)
        seen.append(page.ghost)
    assert sorted(seen) == ["alpha", "beta", "gamma"]
    page.press("Alt+[")
    page.wait_for_ghost(seen[1])
    page.wait_for_status(f"Ghost text: {seen[1]}")
    page.enter("g")
    page.wait_for_ghost("amma")


def test_closers_that_the_text_brings_itself_are_replaced(page: Playground, wants: Wants) -> None:
    """The bracket that the editor has put is not there twice."""
    wants("print(a, b)")
    page.write("a, b = 1, 2\n|")
    page.enter("print")
    page.wait_for_ghost("(a, b)")
    page.enter("(")
    page.wait_for_ghost("a, b)")
    page.press("Tab")
    page.wait_for_text("a, b = 1, 2\nprint(a, b)")
    assert len([each for each in page.asked if each["prefix"].endswith("(")]) == 0


def test_several_lines_stand_below_and_keep_what_follows(page: Playground, wants: Wants) -> None:
    """They are drawn between the lines, and are in the document only when they are accepted."""
    wants("total = 0\n    for each in numbers:\n        total += each\n    return total\n")
    page.write("def add(numbers):\n    |\n\n\nprint(add([1]))\n")
    page.press("Control+Space")
    page.wait_for_ghost(
        "total = 0\n    for each in numbers:\n        total += each\n    return total"
    )
    page.press("Tab")
    wait_until(lambda: "return total\n" in page.text, "the text", lambda: page.text)
    assert page.text.endswith("\n\n\nprint(add([1]))\n")


def test_any_character_and_any_line_end_is_no_trouble(page: Playground, wants: Wants) -> None:
    """Emoji count once and CRLF is one line end: the model sees the text as it is."""
    wants("print('😀 done')")
    page.write("#\n|")
    page.insert("names = ['😀', '🇨🇭']\r\n")
    page.insert("pr")
    page.wait_for_ghost("int('😀 done')")
    assert page.asked[-1]["prefix"] == "#\nnames = ['😀', '🇨🇭']\npr"
    page.press("Tab")
    page.wait_for_text("#\nnames = ['😀', '🇨🇭']\nprint('😀 done')")


def test_an_input_method_is_left_alone(page: Playground, wants: Wants) -> None:
    """Nothing is asked before what it composes is there."""
    wants("名前 = 1")
    page.write("#\n|")
    page.compose("なま")
    page.compose("なまえ")
    page.insert("名")
    page.wait_for_ghost("前 = 1")
    assert [each["prefix"] for each in page.asked] == ["#\n名"]
