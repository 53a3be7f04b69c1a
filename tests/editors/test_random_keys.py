"""500 random keys in each real editor: ghost text is never stale and never doubled.

Plain runs have the editor type just what is typed, so that its text can be compared with what was
typed and accepted, key for key. The others leave indentation, pairs and popups as users have them:
there, each ghost text and each acceptance is judged by the text as it stands.

When one fails, its message says how to see it again with `python -m tests.random_keys`.
"""

from pathlib import Path

import pytest

from tests.editors import typist, typist_emacs, typist_helix, typist_neovim, typist_vscode
from tests.random_keys_play import Tally

KEYS, FEWER_KEYS = 500, 200

neovim = pytest.param(typist_neovim.typing, marks=pytest.mark.neovim, id="neovim")
vscode = pytest.param(typist_vscode.typing, marks=pytest.mark.vscode, id="vscode")
emacs = pytest.param(typist_emacs.typing, marks=pytest.mark.emacs, id="emacs")
helix = pytest.param(typist_helix.typing, marks=pytest.mark.helix, id="helix")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("typing", [neovim, vscode, emacs])
def test_text_is_what_was_typed_and_accepted(typing: typist.Typing, tmp_path: Path) -> None:
    """Under 500 random keys, with slow, fast and failing answers."""
    tally = typist.play(typing, tmp_path, 1, KEYS, plain=True)
    assert_not_idle(tally, shown=30, accepted=4)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("typing", [neovim, vscode, emacs, helix])
def test_conveniences_of_the_editor_do_no_harm(typing: typist.Typing, tmp_path: Path) -> None:
    """Brackets that close themselves, indented lines, menus: what is accepted comes in once."""
    keys = KEYS if typing is typist_helix.typing else FEWER_KEYS
    tally = typist.play(typing, tmp_path, 2, keys, plain=False)
    assert_not_idle(tally, shown=20, accepted=2)


def assert_not_idle(tally: Tally, *, shown: int, accepted: int) -> None:
    """A run in which nothing was shown or accepted says nothing.

    On a busy machine half as much is shown as on a quiet one. A key for accepting may come just as
    ghost text goes, but not often.
    """
    assert tally.shown >= shown, tally
    assert tally.accepted >= accepted, tally
    assert tally.typed_through >= 1, tally
    assert tally.vanished <= 1 + tally.accepted // 4, tally
