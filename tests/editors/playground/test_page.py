"""The page around the editor: what it tells, how it looks, and who can use it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.editors.neovim import wait_until
from tests.editors.picture import draws_pictures
from tests.editors.playground.conftest import Open
from tests.editors.playground.desk import NARROW, WIDE, Playground
from tests.fim_endpoint import Endpoint

Wants = Callable[..., None]
PICTURE = Path(__file__).parents[3] / "editors" / "playground" / "playground.png"
CONTRASTS = """() => {
  const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const swatch = document.body.appendChild(document.createElement('div'));
  const lightOf = (variable) => {
    swatch.style.color = `var(--${variable})`;
    probe.fillStyle = getComputedStyle(swatch).color;
    probe.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...probe.getImageData(0, 0, 1, 1).data].map((each) => each / 255)
      .map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const [paper, desk, match] = ['paper', 'desk', 'match'].map(lightOf);
  const found = {};
  for (const each of ['text', 'faint', 'ghost', 'bad', 'keyword', 'string', 'comment', 'number',
    'name', 'type', 'property']) found[each] = contrast(lightOf(each), paper);
  for (const each of ['text', 'faint', 'bad']) {
    found[`${each} on desk`] = contrast(lightOf(each), desk);
  }
  found['text on match'] = contrast(lightOf('text'), match);
  found['text on mark'] = contrast(lightOf('text'), lightOf('mark'));
  for (const each of ['edge', 'focus']) {
    found[`1.5 ${each} on desk`] = 1.5 * contrast(lightOf(each), desk);
  }
  swatch.remove();
  return found;
}"""
"""Of each text on what it stands; edges and the focus need 3 to 1, which counts as 4.5 here."""


def test_it_tells_where_a_text_came_from_and_what_it_took(page: Playground, wants: Wants) -> None:
    """Source, times, tokens, cost, the prompt as it was sent, and what shaping did."""
    wants("return a + b\n\nprint(1)\n")
    page.write("def add(a, b):\n    |\n# end")
    page.insert("re")
    page.wait_for_ghost("turn a + b")
    wait_until(lambda: page.look()["facts"], "the facts")
    view = page.look()
    facts = view["facts"]
    assert facts["Source"] == "model (generated for this request)"
    assert facts["Model"] == "codestral-2508 at mistral"
    assert " ms" in facts["In the gateway"]
    assert " ms" in facts["In the browser"]
    assert facts["Tokens"].endswith(" out")
    assert float(facts["Cost"]) > 0
    assert view["prompt"] == "def add(a, b):\n    re‸\n# end"
    assert view["steps"]
    page.press("Escape", "Backspace")
    page.enter("e")  # the same place again
    page.wait_for_ghost("turn a + b")
    wait_until(lambda: page.look()["facts"]["Source"] != facts["Source"], "another source")
    assert page.look()["facts"]["Source"].split(" (")[0] in {"cache", "typed through"}


def test_where_nothing_came_nothing_is_said_of_its_shape(page: Playground, wants: Wants) -> None:
    """It was not shown as it was written, as there is nothing that was."""
    wants("")
    page.write("first = |")
    page.press("Control+Space")
    page.wait_for_status("Nothing here")
    assert page.is_visible("#facts")
    assert not page.is_visible("#shaping")


def test_the_last_answers_can_be_looked_at_again_with_keys(page: Playground, wants: Wants) -> None:
    """The list is one stop of Tab; its arrows choose."""
    wants("alpha")
    page.write("first = |")
    page.press("Control+Space")
    page.wait_for_ghost("alpha")
    page.press("Tab")
    page.wait_for_text("first = alpha")
    wants("beta")
    page.enter("\nsecond = ")
    wait_until(lambda: "beta" in page.ghost, "the second one", lambda: page.ghost)
    page.evaluate("document.querySelector('#answers').focus()")
    assert page.look()["answers"][0].startswith("beta")
    page.press("End")
    wait_until(lambda: page.look()["facts"].get("On the page") == "accepted", "the first one")
    assert page.look()["prompt"] == "first = ‸"
    page.press("Home")
    wait_until(lambda: page.look()["prompt"].endswith("second = ‸"), "the newest one")


def test_all_of_it_is_within_reach_of_the_keyboard(page: Playground, wants: Wants) -> None:
    """Tab goes through the page in the order in which it reads, and Esc leads out of the editor."""
    wants("alpha")
    assert not page.is_visible("#fingers")
    order = []
    page.evaluate("document.activeElement.blur()")
    for _ in range(4):
        page.press("Tab")
        order.append(page.look()["focus"])
    assert order == ["language", "model", "scheme", "editor"]
    page.write("first = |")
    page.press("Control+Space")
    page.wait_for_ghost("alpha")
    page.press("Tab")
    page.wait_for_text("first = alpha")
    page.press("Escape", "Escape", "Tab")
    assert page.look()["focus"] == "answers"
    page.press("Tab")
    assert page.look()["focus"] == "prompt"
    page.press("Shift+Tab", "Shift+Tab")
    assert page.look()["focus"] == "editor"
    assert page.text == "first = alpha"


def test_a_language_brings_its_sample_unless_something_was_written(
    page: Playground, wants: Wants
) -> None:
    """What somebody has written stays, and is asked about in the new language."""
    wants("alpha")
    page.choose("language", "rust")
    wait_until(lambda: "pub fn" in page.text, "the sample")
    page.write("let first = |")
    page.choose("language", "go")
    assert page.text == "let first = "
    page.focus()
    page.press("Control+Space")
    page.wait_for_ghost("alpha")
    assert page.asked[-1]["language"] == "go"
    assert page.asked[-1]["model"] == "codestral-2508"


def test_every_language_is_coloured(page: Playground) -> None:
    """All samples are read by a parser of theirs."""
    names = page.evaluate("[...document.querySelector('#language').options].map((o) => o.value)")
    assert len(names) > 10
    for name in names:
        page.choose("language", name)
        count = "document.querySelector('#editor').shadowRoot.querySelectorAll('.cm-line span')"
        wait_until(lambda: page.evaluate(f"{count}.length") > 1, f"colours of {name}")  # noqa: B023 - waited for here


def test_light_and_dark_follow_the_system_until_one_is_chosen(page: Playground) -> None:
    """A choice lasts until the next visit."""
    paper = "getComputedStyle(document.querySelector('#editor')).backgroundColor"
    white = page.evaluate(paper)
    page.prefer("dark")
    dark = page.evaluate(paper)
    assert dark != white
    page.choose("scheme", "light")
    assert page.evaluate(paper) == white
    page.reload()
    assert page.evaluate(paper) == white
    page.choose("scheme", "auto")
    assert page.evaluate(paper) == dark


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read(page: Playground, scheme: str) -> None:
    """Contrast is what WCAG asks for at level AA."""
    page.choose("scheme", scheme)
    poor = {name: each for name, each in page.evaluate(CONTRASTS).items() if each < 4.5}
    assert poor == {}


def test_a_small_window_shows_all_of_it(page: Playground, wants: Wants) -> None:
    """Nothing has to be scrolled sideways at 360 pixels."""
    wants("return max(numbers) - min(numbers) if numbers and all(numbers) else 0")
    page.resize(NARROW)
    page.focus()
    page.press("Control+End", "ArrowUp", "End")
    page.insert("re")
    wait_until(lambda: page.ghost.endswith("else 0"), "ghost text")
    wait_until(lambda: page.look()["facts"], "the facts")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 360
    scroller = "document.querySelector('#editor').shadowRoot.querySelector('.cm-scroller')"
    assert page.evaluate(f"{scroller}.scrollWidth <= {scroller}.clientWidth")


def test_buttons_serve_a_screen_without_keys(open_desk: Open, wants: Wants) -> None:
    """They do what keys do, and leave the caret where it is."""
    wants("alpha beta")
    page = open_desk(has_keys=False).page
    page.resize(NARROW)
    page.write("first = |")
    page.tap("ask")
    page.wait_for_ghost("alpha beta")
    page.tap("word")
    page.wait_for_ghost(" beta")
    page.tap("accept")
    page.wait_for_text("first = alpha beta")
    assert page.look()["focus"] == "editor"
    page.enter("\nsecond = ")
    wait_until(lambda: page.ghost, "another one")
    page.tap("dismiss")
    page.wait_for_ghost("")


def test_nothing_moves_on_the_page(page: Playground) -> None:
    """There is nothing to spare those who asked for less motion."""
    assert page.evaluate("document.getAnimations().length") == 0


def test_a_script_in_the_page_would_not_run(open_desk: Open) -> None:
    """The policy holds: what gets into the page by a mistake does nothing."""
    page = open_desk(is_checked=False).page
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'),"
        "{ textContent: 'window.ran = true' }))"
    )
    wait_until(page.violations, "the policy to object")
    assert page.evaluate("window.ran") is None


def test_screen_readers_hear_of_ghost_text_and_see_none(page: Playground, wants: Wants) -> None:
    """The line below the editor tells it; what is drawn into the editor is hidden from them."""
    wants("alpha")
    page.write("first = |")
    page.press("Control+Space")
    page.wait_for_ghost("alpha")
    page.wait_for_status("Ghost text: alpha")
    hidden = "document.querySelector('#editor').shadowRoot.querySelector('.ghost').ariaHidden"
    assert page.evaluate(hidden) == "true"


def test_the_picture_is_of_the_page_as_it_is(
    page: Playground, endpoint: Endpoint, wants: Wants, tmp_path: Path
) -> None:
    """It is small enough for a README."""
    wants("return max(numbers) - min(numbers) if numbers else 0\n", per_token=0.005)
    page.resize(WIDE)
    page.focus()
    page.press("Control+End", "ArrowUp", "End")
    page.insert("re")
    page.wait_for_ghost("turn max(numbers) - min(numbers) if numbers else 0")
    page.wait_for_status("Tab accepts")
    assert len(endpoint.completions) == 1
    path = PICTURE if draws_pictures() else tmp_path / "playground.png"
    page.photograph(path)
    assert path.stat().st_size < 80_000
