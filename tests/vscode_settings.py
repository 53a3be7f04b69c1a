"""What the VS Code extension knows of the server, made from the server's own tables.

`python -m tests.vscode_settings` writes it anew: the settings into `package.json`, languages and
hosts into `src/generated.json`. A test compares.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import Field
from pathlib import Path
from typing import Any

from codestral_ls.addresses import host_of
from codestral_ls.kinds import BOOL, DEBOUNCE, PROXY, SECRET, TEXTS, URL, Kind
from codestral_ls.languages import NOT_CODE
from codestral_ls.settings import ANYWHERE, FIELDS, NOT_IN_FILE
from codestral_ls.vendors import AUTOMATIC, VENDORS

FOLDER = Path(__file__).parent.parent / "editors" / "vscode"
MANIFEST = FOLDER / "package.json"
FACTS = FOLDER / "src" / "generated.json"
SECTION_ID = "codestral.server"

USERS = {
    *("providers", "endpoint", "api_key", "proxy", "trust_env"),  # where code and key go
    *("daily_requests", "daily_budget", "price_prompt", "price_completion"),  # what it may cost
    *("requests_per_minute", "tokens_per_minute"),  # of the key, which is the user's
    "stats",
}
"""What no folder may set, trusted or not.

Not of the scope `machine`: VS Code leaves out the user's own values of those in a remote window,
and code would go elsewhere than he has said.
"""
RESTRICTED = {
    *("provider", "model", "fim_template", "model_tokens", "prompt_cache_key"),
    *("enabled", "trigger", "languages", "context", "context_chars", "disabled_paths"),
    *("prefix_chars", "suffix_chars", "candidates", "log_level"),
}
"""What a folder may set once it is trusted: which code is sent, and to whom."""

KEY_COMMAND = (
    "Use the command **Codestral: Set API Key**: VS Code then keeps the key in the system's secret "
    "storage, and not in a file that can be read, synchronised or committed."
)


def server_section(fields: Mapping[str, Field[Any]] = FIELDS) -> dict[str, Any]:
    """The settings as `package.json` declares them: those that an editor may hand over."""
    shown = (name for name, row in fields.items() if row.metadata["where"] in _WHERES)
    return {
        f"codestral.{name}": property_of(name, fields[name], at)
        for at, name in enumerate(shown, start=1)
    }


_WHERES = {ANYWHERE, NOT_IN_FILE}


def property_of(name: str, row: Field[Any], order: int) -> dict[str, Any]:
    """One setting: what it takes, what it is without, and where it may be set."""
    kind: Kind = row.metadata["kind"]
    declared = {
        **schema_of(kind, row.default),
        "scope": scope_of(name),
        "order": order,
        "markdownDescription": row.metadata["about"],
    }
    if kind is SECRET:
        declared["markdownDeprecationMessage"] = KEY_COMMAND
        declared["ignoreSync"] = True
    return declared


def scope_of(name: str) -> str:
    """Who may set it. The server has one set of settings, so none is for a folder of several."""
    return "application" if name in USERS else "window"


def schema_of(kind: Kind, default: object) -> dict[str, Any]:
    """What a kind of settings takes, as JSON schema."""
    plain = list(default) if isinstance(default, tuple) else default
    if kind is DEBOUNCE:
        bounds = {"type": "integer", "minimum": 0, "maximum": 5000}
        words = {"type": "string", "enum": ["auto", "frugal"]}
        return {"anyOf": [words, bounds], "default": plain}
    if kind is BOOL:
        return {"type": "boolean", "default": plain}
    if kind is SECRET:
        return {"type": "string", "default": ""}
    if isinstance(plain, list):
        items: dict[str, Any] = {"type": "string"}
        unique = {"uniqueItems": True} if kind is TEXTS else {}
        return {"type": "array", "items": items, **unique, "default": plain}
    if found := re.fullmatch(r"a (whole )?number from (\S+) to (\S+)", kind.allowed):
        least, most = (_number(each) for each in found.groups()[1:])
        numeric = "integer" if found[1] else "number"
        return {"type": numeric, "minimum": least, "maximum": most, "default": plain}
    text: dict[str, Any] = {"type": "string"}
    if names := re.findall(r'"([^"]*)"', kind.allowed):
        text["enum"] = names
    elif kind in {URL, PROXY}:
        text["pattern"] = "^\\s*($|https?://.)" if kind is URL else "^\\s*($|(https?|socks5h?)://.)"
        text["patternErrorMessage"] = f"It takes {kind.allowed}."
    return {**text, "default": plain}


def _number(text: str) -> float:
    value = float(text)
    return int(value) if value.is_integer() else value


def facts() -> dict[str, Any]:
    """What the extension must know of languages and providers."""
    hosts = {name: host_of(row.base) for name, row in VENDORS.items() if row.base}
    # `auto` with a key from the editor: see `fim/providers.py`
    return {"notCode": sorted(NOT_CODE), "hosts": {**hosts, "auto": hosts[AUTOMATIC[-1]]}}


def updated(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest with the settings as they are now."""
    properties = server_section()
    restricted = ["codestral.command", *(f"codestral.{name}" for name in FIELDS if _restrict(name))]
    contributes = manifest["contributes"]
    capabilities = manifest["capabilities"]
    sections = [
        {**each, "properties": properties} if each["id"] == SECTION_ID else each
        for each in contributes["configuration"]
    ]
    trust = {**capabilities["untrustedWorkspaces"], "restrictedConfigurations": restricted}
    return {
        **manifest,
        "capabilities": {**capabilities, "untrustedWorkspaces": trust},
        "contributes": {**contributes, "configuration": sections},
    }


def _restrict(name: str) -> bool:
    return FIELDS[name].metadata["where"] in _WHERES and name in USERS | RESTRICTED


def spelled(value: object) -> str:
    """JSON as npm writes it."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Writes both files."""
    manifest = json.loads(MANIFEST.read_text("utf-8"))
    MANIFEST.write_text(spelled(updated(manifest)), "utf-8")
    FACTS.write_text(spelled(facts()), "utf-8")


if __name__ == "__main__":
    main()
