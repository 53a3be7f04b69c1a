"""What the README says is what there is."""

import re
import subprocess
import sys
from pathlib import Path

from codestral_ls.kinds import Secret
from codestral_ls.settings import FIELDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_the_neovim_lines_are_those_that_the_tests_drive() -> None:
    """The file in `editors/` is the one that a real Neovim is started with."""
    snippet = (ROOT / "editors" / "neovim.lua").read_text("utf-8")
    assert f"```lua\n{snippet}```" in README


def test_every_command_that_is_named_exists() -> None:
    """`codestral-ls COMMAND` in the text is a command of the parser."""
    shown = subprocess.run(
        [sys.executable, "-m", "codestral_ls", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for command in set(re.findall(r"codestral-ls (demo|complete|serve|doctor|stats)\b", README)):
        assert re.search(rf"^    {command} ", shown, re.MULTILINE), command


def test_the_readme_lists_every_setting_with_its_default_and_what_it_takes() -> None:
    """One table, and nothing in it that the code does not know."""
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", README, re.MULTILINE)
    assert [row[0] for row in rows] == list(FIELDS)
    for name, default, allowed, about in rows:
        metadata = FIELDS[name].metadata
        assert default == shown_default(FIELDS[name].default), name
        assert allowed == metadata["kind"].allowed, name
        assert about == metadata["about"], name


def shown_default(value: object) -> str:
    """A default as the README writes it: as in TOML."""
    if isinstance(value, Secret):
        return "—"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return "`[" + ", ".join(f'"{each}"' for each in value) + "]`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value:g}`"
