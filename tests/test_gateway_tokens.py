"""The file of tokens: who has one, what is kept of it, and what becomes of a broken file."""

import json
import logging
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest

from codestral_ls.gateway import tokens as module
from codestral_ls.gateway.token_file import BrokenFile, read_records
from codestral_ls.gateway.tokens import LOOK_SECONDS, Taken, Tokens
from codestral_ls.gateway.users import Bounds, User
from codestral_ls.reuse.pace import Clock

DAY = 86_400
BOUNDS = Bounds(requests_per_minute=5, daily_budget=0.25)


@dataclass
class Hands:
    """A clock that a test moves."""

    now: float = 0.0
    epoch: float = 1_800_000_000.0

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.now, sleep=anyio.sleep, epoch=lambda: self.epoch)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the tokens of a test are, in a folder that is not there yet."""
    return tmp_path / "state" / "gateway-tokens.json"


def test_whoever_has_a_token_is_known_by_it(path: Path) -> None:
    """With the bounds that were given to it; nobody else is."""
    token = Tokens(path).create("ada.l@example-1", BOUNDS)
    tokens = Tokens(path)
    assert tokens.find(token) == User(name="ada.l@example-1", bounds=BOUNDS)
    for wrong in ("", "x", token[:-1], token + "x", token.upper(), token.replace("cls_", "cls-")):
        assert tokens.find(wrong) is None


def test_what_can_be_no_token_is_nobody_s(path: Path) -> None:
    """However strange or long it is."""
    tokens = Tokens(path)
    tokens.create("ada", Bounds())
    for wrong in ("\ud800", "\0" * 10, "é", "cls_" + "9" * 10_000_000):
        assert tokens.find(wrong) is None


def test_the_file_keeps_no_token_and_is_its_user_s_alone(path: Path) -> None:
    """Whoever reads it cannot ask with it."""
    token = Tokens(path).create("ada", BOUNDS)
    text = path.read_text()
    assert token not in text
    assert token.split("_", 2)[2] not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert sorted(each.name for each in path.parent.iterdir()) == [path.name, path.name + ".lock"]


def test_two_tokens_have_nothing_in_common(path: Path) -> None:
    """Beyond the way they begin; each has 256 random bits."""
    first, second = (Tokens(path).create(name, Bounds()) for name in ("ada", "bob"))
    assert first[:4] == second[:4] == "cls_"
    assert len(first) == len(second) == 4 + 8 + 1 + 43
    assert first[4:12] != second[4:12]
    assert first[13:] != second[13:]


def test_no_file_means_that_no_token_is_needed(path: Path) -> None:
    """Not before the first one is made."""
    tokens = Tokens(path)
    assert not tokens
    assert not path.parent.exists()
    assert tokens.list() == ()
    assert tokens.find("cls_") is None


def test_a_running_gateway_sees_new_and_revoked_tokens_within_a_second(path: Path) -> None:
    """Other processes change the file."""
    hands, others = Hands(), Tokens(path)
    tokens = Tokens(path, hands.clock)
    token = others.create("ada", Bounds())
    assert not tokens
    hands.now += LOOK_SECONDS
    assert tokens
    assert tokens.find(token) == User(name="ada")
    assert others.revoke("ada")
    hands.now += LOOK_SECONDS
    assert tokens.find(token) is None
    assert LOOK_SECONDS < 1


def test_the_last_token_that_is_revoked_opens_nothing(path: Path) -> None:
    """Neither for who serves already nor for who starts then."""
    hands, others = Hands(), Tokens(path)
    others.create("ada", Bounds())
    tokens = Tokens(path, hands.clock)
    assert others.revoke("ada")
    assert not others.revoke("ada")
    hands.now += LOOK_SECONDS
    assert tokens
    assert Tokens(path)


def test_a_file_that_is_removed_lets_nobody_in_who_is_served_already(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A gateway that was started with tokens needs them until it ends, and says so once."""
    hands = Hands()
    tokens = Tokens(path, hands.clock)
    token = tokens.create("ada", Bounds())
    hands.now += LOOK_SECONDS
    assert tokens.find(token)
    path.unlink()
    for _ in range(3):
        hands.now += LOOK_SECONDS
        assert tokens
        assert tokens.find(token) is None
    assert [each.getMessage().partition(" is gone")[1] for each in caplog.records] == [" is gone"]


def test_a_token_expires(path: Path) -> None:
    """At the moment that was said when it was made, and then its name is free again."""
    hands = Hands()
    tokens = Tokens(path, hands.clock)
    token = tokens.create("ada", Bounds(), days=2)
    hands.now += LOOK_SECONDS
    hands.epoch += 2 * DAY - 1
    assert tokens.find(token)
    with pytest.raises(Taken, match="ada has a token already"):
        tokens.create("ada", Bounds())
    hands.epoch += 1
    assert tokens.find(token) is None
    newer = tokens.create("ada", Bounds())
    hands.now += LOOK_SECONDS
    assert (tokens.find(token), tokens.find(newer)) == (None, User(name="ada"))
    assert len(tokens.list()) == 1


WRONG = [
    "",
    "null",
    "[]",
    "{",
    "[" * 100_000,
    '{"version": 2, "tokens": []}',
    '{"version": 1}',
    '{"version": 1, "tokens": [1]}',
    '{"version": 1, "tokens": 1}',
]


@pytest.mark.parametrize("text", WRONG)
def test_a_broken_file_lets_nobody_in_and_is_told_once(
    text: str, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Until it is mended; nobody replaces it meanwhile."""
    hands, others = Hands(), Tokens(path)
    token = others.create("ada", Bounds())
    sound = path.read_bytes()
    tokens = Tokens(path, hands.clock)
    path.write_text(text)
    for _ in range(3):
        hands.now += LOOK_SECONDS
        assert tokens
        assert tokens.find(token) is None
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert f"{path} is no file of tokens" in record.getMessage()
    assert Tokens(path)
    for change in (lambda: others.create("bob", Bounds()), lambda: others.revoke("ada")):
        with pytest.raises(BrokenFile):
            change()
    path.write_bytes(sound)
    hands.now += LOOK_SECONDS
    assert tokens.find(token)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "x"),
        ("id", 1),
        ("name", "a b"),
        ("sha256", "0" * 63),
        ("created", -1),
        ("expires", "soon"),
        ("expires", True),
        ("daily_budget", -1),
        ("requests_per_minute", "many"),
    ],
)
def test_a_record_with_a_wrong_value_breaks_the_file(name: str, value: object, path: Path) -> None:
    """Half of a file is not read: it could be the half without a bound."""
    Tokens(path).create("ada", Bounds())
    content = json.loads(path.read_text())
    content["tokens"][0][name] = value
    path.write_text(json.dumps(content))
    with pytest.raises(BrokenFile, match="is no file of tokens"):
        read_records(path)


def test_a_file_that_cannot_be_read_lets_nobody_in(path: Path) -> None:
    """A folder in its place is as good an example as missing rights, which root does not miss."""
    path.mkdir(parents=True)
    tokens = Tokens(path)
    assert tokens
    assert tokens.find("cls_") is None
    with pytest.raises(BrokenFile, match="cannot be read: Is a directory"):
        tokens.list()


def test_a_file_that_everybody_may_write_to_lets_nobody_in(path: Path) -> None:
    """Anybody could have put a token of his own into it."""
    hands = Hands()
    tokens = Tokens(path, hands.clock)
    token = tokens.create("ada", Bounds())
    hands.now += LOOK_SECONDS
    assert tokens.find(token) is not None
    path.chmod(0o666)
    assert Tokens(path).find(token) is None
    hands.now += LOOK_SECONDS
    assert tokens.find(token) is None
    with pytest.raises(BrokenFile, match="chmod 600"):
        read_records(path)


def test_tokens_that_are_made_at_the_same_time_are_all_kept(path: Path) -> None:
    """Each waits for the other."""
    names = [f"user-{number}" for number in range(24)]
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda name: Tokens(path).create(name, Bounds()), names))
    tokens = Tokens(path)
    assert sorted(each.name for each in tokens.list()) == sorted(names)
    assert [user.name for token in made if (user := tokens.find(token))] == names


def test_a_link_to_the_file_stays_a_link(path: Path, tmp_path: Path) -> None:
    """The file that it leads to is the one that is changed."""
    path.parent.mkdir()
    target = tmp_path / "elsewhere.json"
    path.symlink_to(target)
    Tokens(path).create("ada", Bounds())
    assert path.is_symlink()
    assert len(read_records(target)) == 1


def test_every_look_compares_once_whoever_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In constant time, and the same for a name that nobody has: time tells nothing."""
    compared = []

    def compare(first: str, second: str) -> bool:
        compared.append((len(first), len(second)))
        return first == second

    token = Tokens(path).create("ada", Bounds())
    tokens = Tokens(path)
    monkeypatch.setattr(f"{module.__name__}.hmac.compare_digest", compare)
    for each in (token, token[:-1] + "?", "cls_00000000_" + token[13:], "", "?" * 500):
        tokens.find(each)
    assert compared == [(64, 64)] * 5


def test_a_file_that_has_not_changed_is_not_read_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked at each half second, however many ask."""
    hands = Hands()
    tokens = Tokens(path, hands.clock)
    token = tokens.create("ada", Bounds())
    hands.now += LOOK_SECONDS
    assert tokens.find(token)
    monkeypatch.delattr(module, "read_records")
    for _ in range(5):
        hands.now += LOOK_SECONDS
        assert tokens.find(token)
