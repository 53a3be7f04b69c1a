"""The configurations for Helix that users copy: Helix itself reads them, and finds the server."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.editors.helix import REPOSITORY, SNIPPET, SYSTEM_PATH, find_helix, put_command
from tests.parts import require

pytestmark = pytest.mark.helix

EXAMPLE = REPOSITORY / "editors" / "helix" / "languages.toml"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def health(home: Path, language: str) -> str:
    """What Helix says about a language."""
    report = subprocess.run(
        [require(find_helix), "--health", language],
        env={"HOME": str(home), "PATH": f"{home / 'bin'}:{SYSTEM_PATH}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert report.stderr == ""
    return COLOUR.sub("", report.stdout)


def servers(home: Path, language: str) -> list[str]:
    """The language servers that Helix would start for a language, ours if it is there."""
    return re.findall(r"^  [✓✘] ([\w-]+):", health(home, language), re.MULTILINE)


@pytest.mark.parametrize("file", [SNIPPET, EXAMPLE], ids=["snippet", "example"])
def test_helix_takes_the_configuration(file: Path, tmp_path: Path) -> None:
    """For each of its languages the servers are those that it names, in that order."""
    settings = tmp_path / ".config" / "helix"
    settings.mkdir(parents=True)
    (settings / "languages.toml").write_bytes(file.read_bytes())
    put_command(tmp_path / "bin" / "codestral-ls", ["true"])
    languages = tomllib.loads(file.read_text("utf-8"))["language"]
    assert languages
    for language in languages:
        named = language["language-servers"]
        assert servers(tmp_path, language["name"])[: len(named)] == named
        assert "✓ codestral-ls" in health(tmp_path, language["name"])


def test_other_servers_of_the_example_are_those_of_helix(tmp_path: Path) -> None:
    """A name that Helix does not know would start nothing, and say so nowhere."""
    for language in tomllib.loads(EXAMPLE.read_text("utf-8"))["language"]:
        others = set(language["language-servers"]) - {"codestral-ls"}
        assert others <= set(servers(tmp_path, language["name"])), language["name"]
