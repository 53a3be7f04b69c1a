"""One Neovim with a real server for many tests: each of them edits a file of its own."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.editors.neovim import Neovim, find_neovim, plugin
from tests.fim_endpoint import Behaviour, Endpoint, serve_in_thread
from tests.parts import require

SERVER = (sys.executable, "-m", "codestral_ls", "serve")
KEY = "test-key-0000"
COMMENTS = {".py": "#", ".jsx": "//"}


class Desk:
    """A Neovim, the model that its server asks, and the folder of the files."""

    def __init__(self, neovim: Neovim, endpoint: Endpoint, folder: Path) -> None:
        self.neovim = neovim
        self.endpoint = endpoint
        self.folder = folder
        self._count = 0

    def edit(
        self,
        text: str,
        answer: str | Callable[[str, str], str],
        name: str = "example.py",
        end: str = "\n",
    ) -> Neovim:
        """Opens a new file; a comment above the text keeps the server's memory of others out."""
        self._count += 1
        path = self.folder / f"{self._count}{name}"
        self.endpoint.behaviour = Behaviour(text=answer)
        comment = f"{COMMENTS[path.suffix]} {'abcdefghij'[self._count % 10] * self._count}"
        path.write_bytes(f"{comment}{end}{text}".encode())
        self.neovim.open(path)
        self.neovim.run("2")
        return self.neovim

    def text(self) -> str:
        """What stands below the comment."""
        return self.neovim.text(1)

    def saved(self) -> bytes:
        """The file as it was written, without the comment."""
        self.neovim.save()
        path = self.folder / Path(self.neovim.run("echo expand('%:p')").strip()).name
        return path.read_bytes().partition(b"\n")[2]


@contextmanager
def desk_in(
    folder: Path, configuration: str = "", environment: dict[str, str] | None = None
) -> Iterator[Desk]:
    """A desk; the runtime directory is set up unless there is another configuration."""
    binary = require(find_neovim)
    with serve_in_thread() as endpoint:
        wanted = {
            "CODESTRAL_LS_DEBOUNCE_MS": "0",
            "CODESTRAL_LS_ENDPOINT": endpoint.url,
            "CODESTRAL_LS_STATE": str(folder / "counted"),
            "MISTRAL_API_KEY": KEY,
            **(environment or {}),
        }
        configuration = configuration or plugin(SERVER)
        with Neovim(binary, folder, SERVER, wanted, configuration) as neovim:
            yield Desk(neovim, endpoint, folder)
