"""What is hidden in a text before it leaves, and that nothing else changes."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codestral_ls.context.secrets import PLACEHOLDER, Redacted, holds_placeholder, redact
from tests.planted import PLANTED, Planted
from tests.secrets.assigned import TYPED
from tests.secrets.drawing import BASE64, LETTERS, UPPER, URLSAFE, block, draw

BY_LENGTH = {
    "Discord token", "SendGrid key", "Twilio key", "Mailgun key", "Databricks token",
    "SonarQube token", "Airtable token", "Mailchimp key", "Azure client secret",
}  # fmt: skip
"""Kinds that are known when they are whole: their marks alone are too common."""
UNFINISHED = [each for each in PLANTED if len(each.secrets[0]) >= 32 and each.kind not in BY_LENGTH]
LINE_ENDS = re.compile(r"[\r\n]")
each_planted = pytest.mark.parametrize(
    "planted", PLANTED, ids=lambda each: f"{each.kind} in {each.name}"
)


def check_shape(text: str, redacted: Redacted) -> None:
    """Assert that only what was found has changed, and nothing has moved."""
    at = 0
    for _, start, end in redacted.found:
        assert at <= start < end <= len(text)
        assert redacted.text[at:start] == text[at:start]
        assert not LINE_ENDS.search(text[start:end])
        at = end
    assert redacted.text[at:] == text[at:]
    assert len(redacted.text) == len(text)


def left(text: str, secret: str) -> str:
    """Return the longest piece of a secret that is still in a text, if it tells anything."""
    pieces = (secret[n : n + 12] for n in range(max(1, len(secret) - 11)))
    return next((piece for piece in pieces if piece in text), "")


def test_many_kinds_are_planted() -> None:
    """The set below stands for what people have in their files."""
    assert len({planted.kind for planted in PLANTED}) >= 60


@each_planted
def test_a_secret_is_hidden(planted: Planted) -> None:
    """Nothing of it is left, it is called by its kind, and everything else stays in place."""
    redacted = redact(planted.text)
    assert not [secret for secret in planted.secrets if left(redacted.text, secret)]
    assert planted.kind in {found.kind for found in redacted.found}
    check_shape(planted.text, redacted)


@each_planted
def test_only_the_secret_is_hidden(planted: Planted) -> None:
    """The code around it, on which a completion depends, can still be read."""
    hidden = sum(found.end - found.start for found in redact(planted.text).found)
    assert hidden <= sum(map(len, planted.secrets)) + 40


@each_planted
def test_hiding_twice_is_hiding_once(planted: Planted) -> None:
    """A text that was redacted may come by again."""
    once = redact(planted.text).text
    assert redact(once) == Redacted(once, ())


@each_planted
def test_a_secret_in_the_midst_of_a_long_file_is_hidden(planted: Planted) -> None:
    """What stands before and behind makes no difference."""
    around = "def total(items):\n    return sum(item.price for item in items)\n\n\n"
    text = around * 20 + planted.text + around * 20
    assert not [secret for secret in planted.secrets if left(redact(text).text, secret)]


@pytest.mark.parametrize("planted", [each for each in PLANTED if each.kind == "private key"])
def test_a_key_is_hidden_wherever_a_window_begins_or_ends(planted: Planted) -> None:
    """Also without its first or last line: a prompt shows an excerpt."""
    starts = [0, *(end.end() for end in re.finditer("\n", planted.text))]
    for start in starts:
        for text in (planted.text[start:], planted.text[:start]):
            assert not [secret for secret in planted.secrets if left(redact(text).text, secret)]


def test_a_key_is_hidden_in_a_window_that_holds_neither_end_of_it() -> None:
    """Full lines of base64 at the edge of a text are part of something longer."""
    lines = block("window", 9)
    for ending in ("\n", "\r\n"):
        redacted = redact(ending.join(lines[2:6]))
        assert not [line for line in lines if left(redacted.text, line)]
        redacted = redact(
            ending.join((*lines[4:6], "-----END CERTIFICATE-----", "x = 1", lines[0]))
        )
        assert not [line for line in lines if left(redacted.text, line)]


def test_a_secret_is_hidden_to_its_end_however_long_it_is() -> None:
    """Session tokens and licences have thousands of characters."""
    secret = draw(LETTERS, 9_000, "long")
    for text in (f'token = "{secret}"\n', f"token: {secret}\n"):
        assert not left(redact(text).text, secret)


def test_what_comes_to_light_when_something_is_hidden_is_hidden_too() -> None:
    """Two secrets that run into each other are looked at again."""
    one, two = draw(UPPER, 16, "one") + "=", draw(BASE64, 64, "two")
    text = f"Private-Lines: 3\n{one}{two}\\n{TYPED}"
    redacted = redact(text)
    assert not left(redacted.text, two)
    assert redact(redacted.text) == Redacted(redacted.text, ())


@pytest.mark.parametrize("planted", UNFINISHED, ids=lambda each: f"{each.kind} in {each.name}")
def test_a_secret_that_is_not_finished_is_hidden(planted: Planted) -> None:
    """The user may be typing it; so far three quarters are there."""
    secret = planted.secrets[0]
    text = planted.text[: planted.text.index(secret) + len(secret) * 3 // 4]
    assert not left(redact(text).text, secret)


@pytest.mark.parametrize("quote", ['"', "'", "`"])
def test_a_password_without_its_closing_quote_is_hidden(quote: str) -> None:
    """At the end of the text, and at the end of a line."""
    text = f"x = 1\npassword = {quote}{TYPED}"
    assert TYPED not in redact(text).text
    assert TYPED not in redact(f"{text}\ny = 2\n").text


def test_a_secret_across_the_cursor_is_found_in_the_joined_text() -> None:
    """The same index splits what was joined."""
    prefix, suffix = f'token = "{draw(LETTERS, 20, "a")}', f'{draw(LETTERS, 20, "b")}"\n'
    redacted = redact(prefix + suffix)
    assert redacted.text[: len(prefix)] == 'token = "' + (PLACEHOLDER * 3)[:20]
    assert redacted.text[len(prefix) :].endswith('"\n')
    assert left(redacted.text, suffix[:20]) == ""


@pytest.mark.parametrize(
    "before",
    [
        'password = "',
        "connect(user='app', password='",
        '{"api_key": "',
        "const token = `",
        'if password == "',
        'password: str = "',
        'password := "',
        "export DB_PASSWORD=",
        'x = "ghp_',
        "curl -H x-api-key:sk-ant-",
    ],
)
def test_what_is_typed_into_a_secret_is_hidden_key_by_key(before: str) -> None:
    """Half a password does not look like one, and each key may be sent."""
    for end in range(2, len(TYPED)):
        for after in ("", "\n", '"\nx = 1\n'):
            text, cursor = before + TYPED[:end] + after, len(before) + end
            assert TYPED[:end] not in redact(text, cursor=cursor).text


@pytest.mark.parametrize(
    "before",
    ["password = get_pass", 'token_type = "Bear', 'password = f"{us', 'name = "pass',
     "password: get", 'print("the password is', "password = ", 'next_token = "ab',
     "ghp_count", "sk-learn"],
)  # fmt: skip
def test_what_is_typed_elsewhere_is_left_alone(before: str) -> None:
    """Names, and texts that only speak of secrets."""
    assert redact(before, cursor=len(before)).text == before


def test_a_value_that_is_cut_off_where_a_text_begins_is_hidden() -> None:
    """What it belongs to stood further left in a very long line."""
    secret = draw(LETTERS, 40, "cut")
    for rest in (secret[10:], secret[24:]):
        assert not left(redact(f'{rest}","port":1}}\n').text, rest[:12])
    assert redact("configuration_of_all_servers = 1\n").found == ()


def test_a_capital_that_grows_in_lower_case_moves_nothing() -> None:
    """Names are looked up in lower case, where one letter becomes two."""
    text = "\u0130" * 50 + f' = 1\npassword = "{TYPED}"\n'
    assert redact(text).text == text.replace(TYPED, (PLACEHOLDER * 2)[: len(TYPED)])


WORDS = st.sampled_from(
    ["password", "token", " = ", ": ", '"', "'", "\n", "\r\n", "\\n", "-----BEGIN PRIVATE KEY-----",
     "-----END PRIVATE KEY-----", "ghp_", "eyJ", ".", "://", "a:", "@b", "=", " ", PLACEHOLDER,
     "\u0130", draw(LETTERS, 40, "words"), draw(URLSAFE, 64, "words"), TYPED, "Bearer ", "x"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS | st.text(max_size=4), max_size=24).map("".join))
def test_any_text_keeps_its_length_and_lines(text: str) -> None:
    """Everything outside of findings is unchanged, and doing it again changes nothing."""
    redacted = redact(text)
    check_shape(text, redacted)
    assert redact(redacted.text) == Redacted(redacted.text, ())


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, max_size=12).map("".join), st.floats(0, 1))
def test_any_text_keeps_its_length_and_lines_around_a_cursor(text: str, share: float) -> None:
    """Wherever in it the cursor stands."""
    check_shape(text, redact(text, cursor=int(share * len(text))))


@pytest.mark.parametrize(
    "unit",
    ["a", "=", '"', "-", "\\n", "A1b2C3d4", "key=", "password='", "token: ", "://a:", "eyJ",
     "-----BEGIN PRIVATE KEY-----\n", "-----END PRIVATE KEY-----", "ghp_", "sk-", "a\\n", "login ",
     "A1b2C3d4" * 8 + "\n", "curl ", "1.", "_1", "secret\n", "--key ", "Basic AAAA", "pass" * 20,
     "key=a1b2c3d4", 'key="a1'],
)  # fmt: skip
def test_hostile_text_takes_no_more_than_its_length(unit: str) -> None:
    """Where each place were compared with all others, the time limit would end this test."""
    text = unit * (200_000 // len(unit))
    assert len(redact(text).text) == len(text)


@pytest.mark.parametrize("unit", ["xoxb-7-", "fm1_", "eyJ-7-", "hooks.slack.com/"])
def test_marks_without_a_secret_behind_them_take_no_longer(unit: str) -> None:
    """What follows such a mark is read once, and not again for each mark within it."""
    text = unit * (1_000_000 // len(unit))
    assert len(redact(text).text) == len(text)


@pytest.mark.parametrize("text", [PLACEHOLDER, f'x = "{PLACEHOLDER * 4}"', "ACTEDREDA", "DREDACTE"])
def test_a_placeholder_in_an_answer_is_seen(text: str) -> None:
    """Wherever it begins: the model goes on with what it was shown."""
    assert holds_placeholder(text)


def test_a_placeholder_that_goes_on_in_an_answer_is_seen() -> None:
    """The cursor stood in the midst of a secret."""
    assert holds_placeholder('TED"', before='key = "REDAC')
    assert not holds_placeholder("ted()", before="red")


@pytest.mark.parametrize("text", ["", "redacted", "REDACT", "x = REDACTION", "ACTED"])
def test_other_words_are_no_placeholder(text: str) -> None:
    """Code that has to do with redaction may be completed."""
    assert not holds_placeholder(text)
