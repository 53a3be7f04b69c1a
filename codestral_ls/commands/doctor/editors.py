"""Editors: how each is found, what it makes of ghost text, and how it is set up.

The configurations in `snippets/` are those of the README, word for word; a test compares them.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import NamedTuple

from codestral_ls.commands.doctor.programs import Programs
from codestral_ls.fim.threads import in_thread

VERSION_SECONDS = 3.0
"""For one editor: those that run in a browser take half a second."""
GHOST = "draws ghost text"
MENU = "has no ghost text; the texts come in its completion menu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What an editor offers from a version on; `snippet` is a file of `snippets/`."""

    version: tuple[int, ...] = ()
    offers: str
    advice: str = ""
    snippet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """An editor: the commands that start it, how it tells its version, and what it offers.

    `offers` begins with the newest version.
    """

    name: str
    commands: tuple[str, ...]
    offers: tuple[Since, ...]
    arguments: tuple[str, ...] = ("--version",)


class Found(NamedTuple):
    """An editor on this machine; `version` is "" if it does not tell it."""

    name: str
    command: str
    version: str
    offers: str
    advice: str
    configuration: str

    @property
    def lines(self) -> list[str]:
        """The configuration line by line."""
        return self.configuration.splitlines()


_START = "Start `codestral-ls` without arguments for all kinds of files"
_VS_CODE = Since(
    offers=GHOST,
    advice="With the extension in `editors/vscode`, which the README builds and installs in two "
    "commands. The line below keeps VS Code's own popup from taking over after 750 ms.",
    snippet="vscode.json",
)
_PLUGIN = "in its menu, through a plug-in for language servers"

EDITORS: tuple[Editor, ...] = (
    Editor(
        name="Neovim",
        commands=("nvim",),
        offers=(
            Since(
                version=(0, 12),
                offers=GHOST,
                advice="The plug-in in `editors/neovim` accepts by words and lines, and more.",
                snippet="neovim.lua",
            ),
            Since(
                version=(0, 10),
                offers=MENU,
                advice="Neovim 0.12 draws ghost text by itself.",
            ),
            Since(offers="is too old for this server", advice="Take Neovim 0.12 or newer."),
        ),
    ),
    Editor(
        name="VS Code",
        commands=("code", "code-insiders", "codium", "code-server"),
        offers=(_VS_CODE,),
    ),
    Editor(
        name="Helix",
        commands=("hx", "helix"),
        offers=(Since(offers=MENU, snippet="helix.toml"),),
    ),
    Editor(
        name="Emacs",
        commands=("emacs",),
        offers=(
            Since(
                version=(29, 1),
                offers=GHOST,
                advice="With the package in `editors/emacs`, beside eglot or any other client.",
                snippet="emacs.el",
            ),
            Since(
                offers="is too old for the package that draws ghost text",
                advice="Take Emacs 29.1 or newer, or lsp-mode, which draws ghost text with "
                "`lsp-inline-completion-enable`.",
            ),
        ),
    ),
    Editor(
        name="Zed",
        commands=("zed", "zeditor"),
        offers=(
            Since(
                offers="takes ghost text from its own providers and not from language servers",
                advice="One of them is Codestral's; `editors/others.md` has its configuration.",
            ),
        ),
    ),
    Editor(
        name="Kate",
        commands=("kate",),
        offers=(Since(offers=MENU, advice=f"{_START} in the settings of its LSP client."),),
    ),
    Editor(
        name="Kakoune",
        commands=("kak",),
        arguments=("-version",),
        offers=(Since(offers=_PLUGIN, advice=f"{_START} in the settings of kakoune-lsp."),),
    ),
    Editor(
        name="Sublime Text",
        commands=("subl",),
        offers=(Since(offers=_PLUGIN, advice=f"{_START} in the settings of the package LSP."),),
    ),
    Editor(
        name="Vim",
        commands=("vim",),
        offers=(Since(offers=_PLUGIN, advice=f"{_START} in the settings of the plug-in."),),
    ),
)


def version_in(output: str) -> str:
    """The first version number in what `--version` prints; "" if there is none."""
    found = re.search(r"(?<![\w.])v?(\d{1,6}(?:\.\d{1,6}){0,3})", output)
    return found[1] if found else ""


def offered(editor: Editor, version: str) -> Since:
    """What an editor of a version offers; of an unknown one, what the newest does."""
    numbers = tuple(int(part) for part in version.split(".")) if version else ()
    newest = editor.offers[0]
    if not numbers:
        return newest
    return next((each for each in editor.offers if numbers >= each.version), newest)


def describe(editor: Editor, command: str, output: str, snippets: Mapping[str, str]) -> Found:
    """What to say of an editor that was found, and that printed so much of itself."""
    version = version_in(output)
    offers = offered(editor, version)
    return Found(
        name=editor.name,
        command=command,
        version=version,
        offers=offers.offers,
        advice=offers.advice,
        configuration=snippets.get(offers.snippet, ""),
    )


async def find_editors(programs: Programs, *, seconds: float) -> tuple[Found, ...]:
    """The editors on the PATH in the order of the table, also those that do not answer."""
    snippets = read_snippets()
    commands = [(editor, each) for editor in EDITORS for each in editor.commands]
    looking = [
        asyncio.ensure_future(
            in_thread(partial(_look_for, editor, each, programs, seconds, snippets))
        )
        for editor, each in commands
    ]
    # A folder of the PATH may hang as well; the rest is shown without it.
    done, hanging = await asyncio.wait(looking, timeout=2 * seconds)
    for each in hanging:
        each.cancel()
    answered = (each for each in looking if each in done and not each.exception())
    return tuple(found for each in answered if (found := each.result()))


def read_snippets() -> Mapping[str, str]:
    """The configurations of the README by the names of their files."""
    folder = files("codestral_ls.commands.doctor").joinpath("snippets")
    return {each.name: each.read_text("utf-8") for each in folder.iterdir()}


def _look_for(
    editor: Editor, command: str, programs: Programs, seconds: float, snippets: Mapping[str, str]
) -> Found | None:
    whole = programs.find(command)
    if not whole:
        return None
    output = programs.output((whole, *editor.arguments), seconds)
    return describe(editor, whole, output, snippets)
