"""What the README says is what there is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from codestral_ls.engine.presenting import INVOKED_LINES
from codestral_ls.gateway.settings import OPTIONS
from codestral_ls.kinds import Keys, Secret, spelled
from codestral_ls.settings import FIELDS
from codestral_ls.shaping.extent import LOOK_AHEAD
from codestral_ls.vendors import VENDORS
from tests.fim_endpoint.behaviour import Behaviour

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_every_command_that_is_named_exists() -> None:
    """`codestral-ls COMMAND` in the text is a command of the parser."""
    shown = subprocess.run(
        [sys.executable, "-m", "codestral_ls", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for command in set(
        re.findall(r"codestral-ls (demo|complete|serve|doctor|explain|stats|gateway)\b", README)
    ):
        assert re.search(rf"^    {command} ", shown, re.MULTILINE), command


def test_the_readme_lists_every_setting_with_its_default_and_what_it_takes() -> None:
    """One table, and nothing in it that the code does not know."""
    section = README[README.index("\n## Settings\n") : README.index("\n## Without an editor\n")]
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", section, re.MULTILINE)
    assert [row[0] for row in rows] == list(FIELDS)
    for name, default, allowed, about in rows:
        metadata = FIELDS[name].metadata
        assert default == shown_default(FIELDS[name].default), name
        assert allowed == metadata["kind"].allowed, name
        assert about == metadata["about"], name


def test_the_readme_lists_every_setting_of_a_gateway() -> None:
    """As the code declares it, and in its order."""
    section = README[README.index("\n## Gateway\n") :]
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", section, re.MULTILINE)
    assert rows == [
        (each.name, shown_default(each.default), each.kind.allowed, each.about)
        for each in OPTIONS.values()
    ]


def test_the_readme_lists_every_provider_as_the_code_knows_it() -> None:
    """Address, key, model and dialect of each row are those that are used."""
    section = README[README.index("\n## Providers\n") : README.index("\n## What is shown\n")]
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", section, re.MULTILINE)
    assert [row[0] for row in rows] == list(VENDORS)
    for name, address, key, model, dialect in rows:
        vendor = VENDORS[name]
        assert address == (vendor.base or "yours"), name
        assert dialect == vendor.dialect, name
        assert bool(vendor.key) == (key == f"`{vendor.key}`"), name
        assert bool(vendor.model) == (model == f"`{vendor.model}`"), name


def test_the_numbers_of_lines_are_those_of_the_code() -> None:
    """How many more complete a block, and how many come by hand."""
    assert LOOK_AHEAD == 7
    assert "within seven lines more than `max_lines`" in README
    assert f"(up to {INVOKED_LINES} lines instead of `max_lines`)" in README


def test_the_key_of_the_endpoint_to_try_things_with_is_told() -> None:
    """Whoever starts it by hand needs one."""
    (key,) = Behaviour().keys
    assert f"takes the key `{key}`" in README


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md"])
def test_lines_are_as_long_as_the_others(name: str) -> None:
    """Rows of tables cannot be broken."""
    lines = (ROOT / name).read_text("utf-8").splitlines()
    assert [each for each in lines if len(each) > 120 and not each.startswith("|")] == []


def shown_default(value: object) -> str:
    """A default as the README writes it: as in TOML."""
    return "—" if isinstance(value, Secret | Keys) else f"`{spelled(value)}`"
