"""What the VS Code extension declares is what the server takes."""

import json
import re
import shutil
import subprocess
from typing import Any

import pytest

from codestral_ls.kinds import Kind
from codestral_ls.languages import is_chosen, with_chosen
from codestral_ls.layers import editor_layer, resolve
from codestral_ls.settings import ANYWHERE, FIELDS, NOT_IN_EDITOR
from tests import vscode_settings
from tests.vscode_settings import FACTS, FOLDER, MANIFEST, RESTRICTED, USERS

PROPERTIES: dict[str, dict[str, Any]] = vscode_settings.server_section()
CASES = FOLDER / "tests" / "languages.json"


def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(MANIFEST.read_text("utf-8"))
    return loaded


def test_the_manifest_is_up_to_date() -> None:
    """If not: `python -m tests.vscode_settings`."""
    assert MANIFEST.read_text("utf-8") == vscode_settings.spelled(
        vscode_settings.updated(manifest())
    )
    assert FACTS.read_text("utf-8") == vscode_settings.spelled(vscode_settings.facts())


def test_what_runs_a_program_or_names_a_file_is_not_offered() -> None:
    """The server would refuse it, and say so at every start."""
    outside = {name for name, row in FIELDS.items() if row.metadata["where"] == NOT_IN_EDITOR}
    assert outside
    assert not {f"codestral.{name}" for name in outside} & set(PROPERTIES)
    everywhere = {name for name, row in FIELDS.items() if row.metadata["where"] == ANYWHERE}
    assert {f"codestral.{name}" for name in everywhere} < set(PROPERTIES)


@pytest.mark.parametrize("name", sorted(PROPERTIES))
def test_what_the_schema_admits_the_server_takes(name: str) -> None:
    """Defaults, bounds and every word of an enumeration."""
    schema = PROPERTIES[name]
    kind: Kind = FIELDS[name.removeprefix("codestral.")].metadata["kind"]
    for value in admitted(schema):
        kind.parse(value)


@pytest.mark.parametrize("name", sorted(PROPERTIES))
def test_what_lies_outside_of_the_bounds_the_server_refuses(name: str) -> None:
    """So the editor does not call wrong what would be right."""
    kind: Kind = FIELDS[name.removeprefix("codestral.")].metadata["kind"]
    for value in refused(PROPERTIES[name]):
        with pytest.raises((ValueError, TypeError)):
            kind.parse(value)


def admitted(schema: dict[str, Any]) -> list[object]:
    values = [schema[each] for each in ("default", "minimum", "maximum") if each in schema]
    inner = (value for one in schema.get("anyOf", ()) for value in admitted(one))
    return [*values, *schema.get("enum", ()), *inner]


def refused(schema: dict[str, Any]) -> list[object]:
    values: list[object] = ["nonsense of which there is none"] if "enum" in schema else []
    if "pattern" in schema:
        values += [
            each for each in ("ftp://x", "nowhere") if not re.search(schema["pattern"], each)
        ]
        assert values
    if "minimum" in schema:
        values += [schema["minimum"] - 1, schema["maximum"] + 1]
    return values


def test_defaults_are_those_of_the_server() -> None:
    """What the settings editor shows as unset is what then holds."""
    shown = {name.removeprefix("codestral."): each["default"] for name, each in PROPERTIES.items()}
    settings, problems = resolve([editor_layer("editor", shown)])
    assert not problems
    assert settings == resolve([])[0]


def test_no_folder_decides_where_code_and_keys_go() -> None:
    """VS Code takes settings of these scopes from the user alone.

    `application` holds in remote windows too, `machine` is set for each machine by itself.
    """
    for name in ("endpoint", "providers", "proxy", "api_key", "trust_env"):
        assert PROPERTIES[f"codestral.{name}"]["scope"] == "application"
    own = manifest()["contributes"]["configuration"][0]["properties"]
    assert own["codestral.command"]["scope"] == "machine"


def test_a_folder_that_is_not_trusted_decides_nothing_that_must_be_right() -> None:
    """Every setting of which the server replaces no wrong value, and whatever names a model."""
    careful = {name for name, row in FIELDS.items() if row.metadata["careful"]}
    trust = manifest()["capabilities"]["untrustedWorkspaces"]
    restricted = {each.removeprefix("codestral.") for each in trust["restrictedConfigurations"]}
    assert trust["supported"] == "limited"
    assert careful <= restricted
    assert restricted == USERS | RESTRICTED | {"command"}


def test_a_key_in_the_settings_is_advised_against() -> None:
    """In favour of the command that keeps it elsewhere."""
    words = PROPERTIES["codestral.api_key"]["markdownDeprecationMessage"]
    titles = {each["title"] for each in manifest()["contributes"]["commands"]}
    assert "Codestral: Set API Key" in words
    assert "Set API Key" in titles


def test_languages_mean_the_same_in_the_extension() -> None:
    """The cases that its own tests run are what the server says of them."""
    cases = json.loads(CASES.read_text("utf-8"))
    assert len(cases) > 20
    for case in cases:
        assert is_chosen(case["language"], case["chosen"]) is case["on"], case
        assert with_chosen(case["language"], case["chosen"]) == case["with"], case


def test_the_extension_carries_its_own_licence() -> None:
    """The one of the project."""
    root = FOLDER.parent.parent
    assert (FOLDER / "LICENSE").read_text("utf-8") == (root / "LICENSE").read_text("utf-8")


def test_the_lock_file_names_no_registry() -> None:
    """It must work with whatever mirror there is."""
    lock = json.loads((FOLDER / "package-lock.json").read_text("utf-8"))
    assert lock["packages"]
    assert not [name for name, row in lock["packages"].items() if "resolved" in row]


def test_the_extension_passes_its_own_tests() -> None:
    """`npm test` in `editors/vscode`, if its packages are installed."""
    npm = shutil.which("npm")
    if npm is None or not (FOLDER / "node_modules").is_dir():
        pytest.skip("needs npm, and `npm ci` in editors/vscode")
    done = subprocess.run(
        [npm, "test", "--silent"], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
