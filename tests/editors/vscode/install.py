"""The programs that make a VS Code: found, or the test says what to install."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.editors.picture import find_chromium
from tests.parts import MissingPartError, find_program

REPOSITORY = Path(__file__).parents[3]
EXTENSION = REPOSITORY / "editors" / "vscode"


@dataclass(frozen=True, slots=True)
class Install:
    """Where the parts are: the server of the page, the browser and our packaged extension."""

    code_server: str
    chromium: str
    extension: Path


def find_code_server() -> str:
    """The path of code-server: CODE_SERVER, or code-server on PATH."""
    remedy = "set CODE_SERVER to a code-server 4.139 or newer; `.ci/fetch-vscode DEST` gets one"
    return find_program("CODE_SERVER", "code-server", remedy)


def find_chromium_and_code_server() -> str:
    """The path of code-server, if there is a browser for its page, too."""
    find_chromium()
    return find_code_server()


def find_extension() -> str:
    """The path of our packaged extension: CODESTRAL_LS_VSIX, or the newest beside its sources."""
    if wanted := os.environ.get("CODESTRAL_LS_VSIX"):
        if not Path(wanted).is_file():
            raise MissingPartError(f"no {wanted} here: CODESTRAL_LS_VSIX names the .vsix to test")
        return wanted
    packages = sorted(EXTENSION.glob("codestral-ls-*.vsix"), key=lambda path: path.stat().st_mtime)
    if not packages:
        raise MissingPartError(
            f"no codestral-ls-*.vsix in {EXTENSION}: run `npm ci && npm run package` there"
        )
    return str(packages[-1])


def install_extension(code_server: str, package: Path, folders: list[str], home: Path) -> None:
    """Installs a .vsix as a user does."""
    command = [code_server, *folders, "--install-extension", str(package)]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "CODE_SERVER_CONFIG": os.devnull,
    }
    done = subprocess.run(
        command, env=environment, check=False, capture_output=True, text=True, timeout=60
    )
    if done.returncode or "successfully installed" not in done.stdout:
        raise AssertionError(f"{package} was not installed: {done.stdout}{done.stderr}")


def install_probe(extensions: Path) -> None:
    """Puts the tests' own extension where VS Code looks for unpacked ones."""
    folder = extensions / "tests.probe-1.0.0"
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(
        '{"name": "probe", "publisher": "tests", "version": "1.0.0", "main": "./probe.js",'
        ' "engines": {"vscode": "^1.91.0"}, "activationEvents": ["onStartupFinished"],'
        ' "capabilities": {"untrustedWorkspaces": {"supported": true}}}'
    )
    shutil.copy(Path(__file__).with_name("probe.js"), folder)
