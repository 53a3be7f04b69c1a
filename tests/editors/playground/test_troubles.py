"""What the page says and does when there is no ghost text to show."""

from dataclasses import replace
from pathlib import Path

from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.tokens import Tokens
from codestral_ls.gateway.users import Bounds
from tests.editors.neovim import wait_until
from tests.editors.playground.conftest import Open
from tests.editors.playground.desk import Playground
from tests.fim_endpoint import DEFAULT, Endpoint, sample

INVALID = "document.querySelector('#token').ariaInvalid"


def test_a_gateway_with_tokens_asks_for_one_and_keeps_it_in_the_tab(
    open_desk: Open, endpoint: Endpoint, tmp_path: Path
) -> None:
    """It stands in no address; a wrong one is refused, and typing asks nobody meanwhile."""
    token = Tokens(tmp_path / "tokens.json").create("somebody", Bounds(), 0)
    endpoint.behaviour = replace(DEFAULT, text="ready")
    desk = open_desk()
    page = desk.page
    page.wait_for_status("wants a token")
    assert page.is_visible("#token")
    assert page.evaluate(INVALID) == "false"
    page.fill("token", "cls_wrong")
    page.press("Enter")
    page.wait_for_status("does not know this token")
    assert page.evaluate(INVALID) == "true"
    page.fill("token", token)
    page.press("Enter")
    page.wait_for_status("Type in the editor")
    assert not page.is_visible("#token")
    page.write("state = |")
    page.enter('"')
    page.wait_for_ghost("ready")
    assert token not in page.evaluate("location.href + document.documentElement.outerHTML")
    assert page.evaluate("localStorage.length") == 0
    page.go(desk.url)  # the tab remembers
    page.wait_for_status("Type in the editor")


def test_a_token_that_is_revoked_is_asked_for_again(open_desk: Open, tmp_path: Path) -> None:
    """The next request says so; those that follow are not even made."""
    tokens = Tokens(tmp_path / "tokens.json")
    token = tokens.create("somebody", Bounds(), 0)
    page = open_desk().page
    page.fill("token", token)
    page.press("Enter")
    page.wait_for_status("Type in the editor")
    tokens.revoke("somebody")
    page.write("state = |")
    wait_until(lambda: _asks_again(page), "the gateway to notice")
    page.wait_for_status("does not know this token, or no longer")
    asked = len(page.asked)
    page.enter("a")
    page.press("Control+Space")  # by hand it is tried
    wait_until(lambda: len(page.asked) == asked + 1, "the one by hand")
    assert page.asked[-1]["trigger"] == "invoked"
    page.wait_for_status("does not know this token")


def _asks_again(page: Playground) -> bool:
    page.press("Control+Space")
    return page.is_visible("#token")


def test_a_bound_of_the_gateway_is_told_with_the_time_to_wait(
    open_desk: Open, endpoint: Endpoint
) -> None:
    """Until then the page does not ask by itself."""
    endpoint.behaviour = replace(DEFAULT, text="one")
    page = open_desk(GatewaySettings(user=Bounds(requests_per_minute=1))).page
    page.write("first = |")
    page.enter("o")
    wait_until(lambda: page.ghost, "the first one")
    page.enter("x")
    page.wait_for_status("The page asks again in")
    assert page.look()["facts"]["Status"].startswith("429 ")
    asked = len(page.asked)
    page.enter("y")
    page.press("Control+Space")  # by hand it is tried
    wait_until(lambda: len(page.asked) == asked + 1, "the one by hand")
    assert page.asked[-1]["trigger"] == "invoked"


def test_a_model_that_fails_is_told_with_the_status(open_desk: Open, endpoint: Endpoint) -> None:
    """With words of the gateway's; the editor goes on as if nothing was."""
    endpoint.behaviour = replace(DEFAULT, reply=sample("errors/500.json"))
    page = open_desk().page
    page.write("first = |")
    page.enter("o")
    wait_until(lambda: "Status" in page.look()["facts"], "a failure", lambda: str(page.look()))
    facts = page.look()["facts"]
    assert facts["Status"].split()[0] in {"502", "503"}
    assert facts["Failed"] in page.status
    assert page.text == "first = o"


def test_a_gateway_that_is_gone_is_told(open_desk: Open) -> None:
    """And what to do about it."""
    desk = open_desk()
    desk.leave()
    desk.page.write("first = |")
    desk.page.enter("o")
    desk.page.wait_for_status("The gateway does not answer. Is it still running?")


def test_a_reply_that_breaks_off_takes_its_text_along(open_desk: Open, endpoint: Endpoint) -> None:
    """What was shown of it is no longer offered."""
    endpoint.behaviour = replace(DEFAULT, text="alpha beta gamma", trouble="cut", trouble_after=2)
    page = open_desk().page
    page.write("first = |")
    page.press("Control+Space")
    wait_until(lambda: page.look()["answers"], "an end", lambda: str(page.look()))
    facts = page.look()["facts"]
    assert facts["Status"] == "200 upstream_unavailable"
    assert facts["Failed"] in page.status
    assert page.ghost == ""


def test_without_a_key_the_offline_provider_answers_and_says_so(open_desk: Open) -> None:
    """Ghost text comes from the text in the editor."""
    page = open_desk(has_key=False).page
    assert page.is_visible("#offline")
    assert page.is_visible("#no-key")
    page.write(
        "def first(numbers):\n    total = sum(numbers)\n    return total / len(numbers)\n\n\n"
        "def second(numbers):\n    total = sum(numbers)\n    |"
    )
    page.enter("ret")
    page.wait_for_ghost("urn total / len(numbers)")
    assert page.look()["facts"]["Source"].startswith("offline")


def test_where_nothing_is_likely_the_reason_is_told(open_desk: Open, endpoint: Endpoint) -> None:
    """So that nobody wonders whether it works."""
    endpoint.behaviour = replace(DEFAULT, text="")
    page = open_desk().page
    page.write("first = |")
    page.enter("o")
    page.wait_for_status("Nothing here: ")
    assert page.look()["facts"]["Nothing, because"]
    assert page.ghost == ""
