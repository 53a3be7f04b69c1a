"""VS Code: its server, its page, and the probe that knows its model."""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self

from tests.editors.neovim import wait_until
from tests.editors.vscode.install import Install, install_extension, install_probe
from tests.editors.vscode.page import Browser, StatusItem, View
from tests.editors.vscode.processes import command_line_of, free_port, group_of, listens

XDG_KINDS = ("config", "data", "state", "cache")
SETTINGS: Mapping[str, object] = {
    "chat.disableAIFeatures": True,
    "editor.fontFamily": "DejaVu Sans Mono",
    "editor.minimap.enabled": False,
    "extensions.ignoreRecommendations": True,
    "files.autoSave": "off",
    "git.openRepositoryInParentFolders": "never",
    "security.workspace.trust.enabled": False,
    "telemetry.telemetryLevel": "off",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
}
"""Of the editor, for less noise; none of the extension's: it is to work without any."""

SHOW = """
const document = await vscode.workspace.openTextDocument(args.path);
const { line, column } = args;
const at = new vscode.Range(line, column, line, column);
await vscode.window.showTextDocument(document, { selection: at, preview: false });
"""
TEXT = "return vscode.window.activeTextEditor?.document.getText();"
CARET = """
const { line, character } = vscode.window.activeTextEditor.selection.active;
return [line, character];
"""
EXECUTE = "return vscode.commands.executeCommand(args.command, ...args.arguments);"
CLOSE_ALL = """
await vscode.commands.executeCommand("notifications.clearAll");
while (vscode.window.tabGroups.all.some((group) => group.tabs.length)) {
  await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
}
"""
CONFIGURE = """
const at = vscode.ConfigurationTarget[args.target];
await vscode.workspace.getConfiguration().update(args.name, args.value ?? undefined, at);
"""


class VSCode:
    """A VS Code with our packaged extension, looking at one folder.

    It sees nothing of the caller's environment but PATH, and keeps its files in `home`.
    `settings` are the user's, besides `SETTINGS`.
    """

    def __init__(
        self,
        install: Install,
        home: Path,
        folder: Path,
        environment: Mapping[str, str],
        settings: Mapping[str, object] = {},
    ) -> None:
        self.folder = folder
        self.home = home
        data, extensions = home / "data", home / "extensions"
        folders = ["--user-data-dir", str(data), "--extensions-dir", str(extensions)]
        install_probe(extensions)
        install_extension(install.code_server, install.extension, folders, home)
        (data / "User").mkdir(parents=True, exist_ok=True)
        (data / "User" / "settings.json").write_text(json.dumps({**SETTINGS, **settings}))
        # VS Code asks a login shell for the environment, and /etc/profile has its own idea of PATH.
        path = environment.get("PATH", os.environ["PATH"])
        (home / ".profile").write_text(f"export PATH='{path}'\n")
        self._log = home / "code-server.log"
        with ExitStack() as stack:
            # A socket's path must be short, which a test's own directory is not.
            run_dir = stack.enter_context(tempfile.TemporaryDirectory(prefix="vscode"))
            self._probe = f"{run_dir}/probe"
            port = free_port()
            self._process = subprocess.Popen(
                [
                    *(install.code_server, *folders, "--auth=none"),
                    *(f"--bind-addr=127.0.0.1:{port}", "--disable-telemetry"),
                    "--disable-update-check",
                ],
                stdin=subprocess.DEVNULL,
                stdout=stack.enter_context(self._log.open("wb")),
                stderr=subprocess.STDOUT,
                cwd=home,
                # Extension hosts live on for hours after their page; the group ends with us.
                start_new_session=True,
                env={
                    "PATH": os.environ["PATH"],
                    "LANG": "C.UTF-8",
                    "SHELL": "/bin/sh",
                    "HOME": str(home),
                    "TMPDIR": run_dir,
                    "CODE_SERVER_CONFIG": os.devnull,
                    "EXTENSIONS_GALLERY": '{"serviceUrl": ""}',
                    "VSCODE_PROBE": self._probe,
                    **{f"XDG_{kind.upper()}_HOME": str(home / f"xdg-{kind}") for kind in XDG_KINDS},
                    **environment,
                },
            )
            stack.callback(self._process.wait)
            stack.callback(self._kill)
            self._browser = Browser(home)
            stack.callback(self._browser.close)
            wait_until(lambda: listens(port), "code-server to listen", self._story)
            self._address = f"http://127.0.0.1:{port}/?folder={folder}"
            self.reload()
            self._exit = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def reload(self) -> None:
        """Loads the page anew: a window as after a start, with the settings as they are now."""
        Path(self._probe).unlink(missing_ok=True)
        self._browser.go(self._address)
        wait_until(lambda: listens(self._probe), "the page", self._story, timeout=40)

    def open(self, path: Path, line: int = 0, column: int = 0) -> None:
        """Shows a file, the caret at this place (counted from 0, columns in UTF-16)."""
        self.run(SHOW, path=str(path), line=line, column=column)
        wait_until(lambda: self.caret() == (line, column), f"{path.name} to be shown")

    def focus(self) -> None:
        """Gives the focus back to the file, as a click into it does."""
        self.execute("workbench.action.focusActiveEditorGroup")

    def press(self, *keys: str) -> None:
        """Presses keys, one after the other, in Playwright's notation: `Control+ArrowRight`."""
        for key in keys:
            self._browser.press(key)

    def enter(self, text: str, *, pause: float = 0.03) -> None:
        """Types text one key after the other."""
        for character in text:
            self._browser.enter(character)
            time.sleep(pause)

    def look(self) -> View:
        """What is to be seen on the page."""
        return self._browser.look()

    def ghost(self) -> str:
        """The ghost text on the screen, "" if there is none."""
        return self.look()["ghost"]

    def wait_for_ghost(self, expected: str) -> None:
        """Waits until this very ghost text is shown."""
        wait_until(
            lambda: self.ghost() == expected,
            f"ghost text {expected!r}",
            lambda: f"there is {self.ghost()!r} in {self.text()!r}\n{self._story()}",
        )

    def accept(self) -> None:
        """Presses Tab."""
        self.press("Tab")

    def text(self) -> str:
        """The true text of the editor that has the focus, with its own line ends."""
        return str(self.run(TEXT))

    def caret(self) -> tuple[int, int]:
        """Line and column of the caret, from 0; columns in UTF-16."""
        line, column = self.run(CARET)
        return line, column

    def status(self) -> StatusItem:
        """Our entry in the status bar, empty if there is none."""
        items = [item for item in self.look()["status"] if "codestral" in item["id"]]
        return items[0] if items else {"id": "", "label": "", "kind": "", "about": ""}

    def choose(self, title: str) -> None:
        """Runs a command of the palette, by its title."""
        self.press("F1")
        wait_until(lambda: self.look()["choices"], "the palette", self._story)
        self.pick(title)

    def pick(self, title: str) -> None:
        """Picks the entry with these words from the list that is open."""

        def is_first() -> bool:
            choices = self.look()["choices"]
            return bool(choices) and title in choices[0]

        self._browser.insert(title)
        wait_until(is_first, f"{title!r} to be first", lambda: str(self.look()["choices"]))
        self.press("Enter")

    def execute(self, command: str, *arguments: object) -> Any:
        """Runs a command of the editor or of an extension, and returns what it gives."""
        return self.run(EXECUTE, command=command, arguments=arguments)

    def configure(self, name: str, value: object, target: str = "Global") -> None:
        """Changes a setting of the user (`Global`) or of the folder (`Workspace`); None unsets."""
        self.run(CONFIGURE, name=name, value=value, target=target)

    def run(self, body: str, **args: object) -> Any:
        """Runs the body of a JavaScript function in the extension host; `vscode` is its API."""
        connection = HTTPConnection("probe", timeout=30)
        connection.sock = socket.socket(socket.AF_UNIX)
        try:
            connection.sock.connect(self._probe)
            connection.request("POST", "/", json.dumps({"body": body, "args": args}))
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if "error" in answer:
            raise AssertionError(f"{answer['error']} in {body}")
        return answer["value"]

    def ghosts_while(self, act: Callable[[], None]) -> list[str]:
        """Each ghost text that was on the screen meanwhile, those before and after included."""
        self._browser.watch()
        act()
        return self._browser.watched()

    def read_frames(self) -> str:
        """The text in all frames of the page, such as a page of an extension."""
        return self._browser.read_frames()

    def servers(self) -> list[int]:
        """The processes of this window that run our server, without its own workers."""
        group = group_of(self._process.pid)
        return [pid for pid in group if "\0-m\0codestral_ls\0" in command_line_of(pid)]

    def click(self, selector: str) -> None:
        """Clicks on what a CSS selector finds first."""
        self._browser.click(selector)

    def photograph(self, path: Path, selector: str = "body", height: int | None = None) -> None:
        """Puts into a PNG file what a CSS selector finds first, or so much of its top."""
        self._browser.photograph(path, selector, height)

    def tidy(self) -> None:
        """Closes all files without saving, and takes all messages away."""
        self.press("Escape")
        self.run(CLOSE_ALL)

    def close(self) -> None:
        """Quits without saving."""
        self._exit.close()

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _story(self) -> str:
        return f"{self._log.read_text('utf-8')[-3000:]}"
