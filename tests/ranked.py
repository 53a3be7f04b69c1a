"""Small workspaces, and what the index shows of them."""

from collections.abc import Mapping, Sequence

from codestral_ls.context.index.index import Index
from codestral_ls.context.index.question import Question, Scope
from codestral_ls.languages import language_of
from codestral_ls.model import Snippet

ROOT = "/home/me/project"


class Disk:
    """Files that an index reads, and that somebody may change behind its back."""

    def __init__(self, files: Mapping[str, str], *, folders: Sequence[str] = (ROOT,)) -> None:
        self.texts = {f"{ROOT}/{name}": text for name, text in files.items()}
        self.index = Index(folders=folders, read=self.read, exists=self.texts.__contains__)
        for path in self.texts:
            self.put(path)

    def read(self, path: str) -> str:
        return self.texts.get(path, "")

    def put(self, path: str) -> None:
        self.index.put(path, language_of(path), self.texts[path])

    def save(self, name: str, text: str) -> None:
        self.texts[f"{ROOT}/{name}"] = text
        self.put(f"{ROOT}/{name}")

    def open(self, name: str, text: str) -> None:
        self.index.put(f"{ROOT}/{name}", language_of(name), text, open=True)

    def ask(  # noqa: PLR0913 - each is one thing that a question may say
        self,
        marked: str,
        *,
        name: str = "main.py",
        opened: Sequence[str] = (),
        budget: int = 4_000,
        scope: Scope = "workspace",
        window: str | None = None,
    ) -> tuple[Snippet, ...]:
        """Asks at the cursor of a document that is open in the editor."""
        before, _, after = marked.partition("‸")
        self.open(name, before + after)
        return self.index.rank(
            Question(
                path=f"{ROOT}/{name}",
                language=language_of(name),
                before=before,
                after=after,
                window=before + after if window is None else window,
                open=tuple(f"{ROOT}/{each}" for each in (name, *opened)),
                budget=budget,
                scope=scope,
            )
        )


def lines_of(snippets: Sequence[Snippet]) -> list[str]:
    """All lines that are shown, stripped."""
    return [line.strip() for each in snippets for line in each.text.split("\n")]


def text_of(snippets: Sequence[Snippet]) -> str:
    return "\n".join(each.text for each in snippets)
