"""Whose the file of tokens is, when root writes it for a gateway of another user."""

import os
from pathlib import Path

import pytest

from codestral_ls.gateway.tokens import Tokens
from codestral_ls.gateway.users import Bounds

IDS = (1234, 5678)
"""Of a user and a group that need not exist."""


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """To whom files were given, by somebody who takes himself for root."""
    found: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda _, user, group: found.append((user, group)))
    return found


def test_a_new_file_is_for_the_owner_of_its_folder(
    given: list[tuple[int, int]], tmp_path: Path
) -> None:
    """The service's own folder, in which root makes the first token."""
    Tokens(tmp_path / "tokens.json").create("ada", Bounds(), 0)
    assert given == [(tmp_path.stat().st_uid, tmp_path.stat().st_gid)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_that_is_written_anew_stays_whose_it_was(tmp_path: Path) -> None:
    """Else the gateway could not read it any more, and nobody might ask."""
    path = tmp_path / "tokens.json"
    tokens = Tokens(path)
    tokens.create("ada", Bounds(), 0)
    os.chown(path, *IDS)
    tokens.create("bob", Bounds(), 0)
    assert (path.stat().st_uid, path.stat().st_gid) == IDS
    assert tokens.revoke("ada")
    assert (path.stat().st_uid, path.stat().st_gid) == IDS


def test_who_is_not_root_gives_nothing_away(
    given: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The system would not let him, and the file is his own."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    Tokens(tmp_path / "tokens.json").create("ada", Bounds(), 0)
    assert given == []
