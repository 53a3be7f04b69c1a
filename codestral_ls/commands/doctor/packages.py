"""Python, what this program is built on, and the command that installs it as it was installed."""

import importlib.metadata
import importlib.util
import json
import platform
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from codestral_ls import __version__
from codestral_ls.commands.doctor.findings import Finding, failed, fine, warned
from codestral_ls.grammars import GRAMMARS, load_grammar
from codestral_ls.kinds import without_credentials

NAME = "codestral-ls"
PACKAGES = ("pygls", "lsprotocol", "httpx", "anyio")
OLDEST = (3, 11)
SYNTAX, KEYRING = "syntax", "keyring"


def look_at_packages() -> Finding:
    """Python and what we are built on, each with its version."""
    here = f"Python {platform.python_version()}, {NAME} {__version__}"
    if sys.version_info < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        return failed(here, f"Install {NAME} with Python {wanted} or newer.")
    versions = {each: _version(each) for each in PACKAGES}
    missing = [name for name, version in versions.items() if not version]
    if missing:
        return failed(f"{here}; without {', '.join(missing)}", f"Install anew: {to_install()}.")
    return fine(", ".join([here, *(f"{name} {version}" for name, version in versions.items())]))


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def look_at_grammars() -> Finding:
    """The grammars of the extra: each is loaded, because one of another version may not."""
    modules = {each.module: each for each in GRAMMARS.values()}
    there = [name for name in modules if importlib.util.find_spec(name)]
    broken = [name for name in there if load_grammar(modules[name]) is None]
    if broken:
        words = f"not usable: {', '.join(broken)}"
        return warned(words, f"Install the extra anew: {to_install(SYNTAX, anew=True)}.")
    if not there:
        return warned(
            "none; ghost text ends by indentation and brackets alone",
            "For code that does not show its ends, install the extra: " + to_install(SYNTAX) + ".",
        )
    return fine(f"{len(there)} of {len(modules)} are installed")


def to_install(extra: str = "", *, anew: bool = False) -> str:
    """The command that installs this program with an extra, from where it came."""
    words = (*_installer(anew=anew), *source(_origin(), extra))
    return f"`{shlex.join(words)}`"


def source(origin: Mapping[str, Any], extra: str) -> tuple[str, ...]:
    """What an installer is told to install; `origin` is that of PEP 610, {} for an index."""
    extras = f"[{extra}]" if extra else ""
    url = without_credentials(str(origin.get("url", "")))
    if not url:
        return (NAME + extras,)
    if isinstance(folder := origin.get("dir_info"), dict):
        path = url2pathname(urlsplit(url).path) + extras
        return ("--editable", path) if folder.get("editable") else (path,)
    if isinstance(vcs := origin.get("vcs_info"), dict):
        at = f"@{vcs['requested_revision']}" if vcs.get("requested_revision") else ""
        return (f"{NAME}{extras} @ {vcs.get('vcs', 'git')}+{url}{at}",)
    return (f"{NAME}{extras} @ {url}",)


def _origin() -> Mapping[str, Any]:
    """Where it was installed from, or the sources that it runs from without being installed."""
    try:
        written = importlib.metadata.distribution(NAME).read_text("direct_url.json")
        found = json.loads(written or "{}")
    except importlib.metadata.PackageNotFoundError:
        return {"url": Path(__file__).parents[3].as_uri(), "dir_info": {}}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _installer(*, anew: bool) -> tuple[str, ...]:
    """By what the environment says of itself, since each has a place of its own."""
    here = Path(sys.prefix)
    if (here / "pipx_metadata.json").exists():
        return ("pipx", "install", "--force")
    if (here / "uv-receipt.toml").exists():
        return ("uv", "tool", "install", "--force")
    if importlib.util.find_spec("pip") is None:
        again = ("--reinstall",) if anew else ()
        return ("uv", "pip", "install", "--python", sys.executable, *again)
    again = ("--force-reinstall",) if anew else ()
    return (sys.executable, "-m", "pip", "install", *again)
