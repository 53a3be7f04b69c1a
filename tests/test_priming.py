"""A local server reads ahead what it will be told, once there is something new to tell."""

from dataclasses import replace
from typing import Any

from codestral_ls.context.index.client import Workspace
from codestral_ls.context.index.question import Question
from codestral_ls.model import Budget, Position, Prompt, Snippet
from codestral_ls.provider import Propose, Provider
from codestral_ls.settings import Settings
from tests.lsp_client import URI, session, turns, within
from tests.lsp_model import Model

BUDGET = Budget(prefix_chars=6000, suffix_chars=2000, snippet_chars=4000)


class Ranking(Workspace):
    """An index without a worker, in which a test says what is found."""

    found: tuple[Snippet, ...] = ()

    def configure(self, *_folders: Any, **_wanted: Any) -> None:
        self._indexed.set()

    async def rank(self, question: Question, *, seconds: float) -> tuple[Snippet, ...] | None:
        assert question.budget
        assert seconds
        return self.found

    @property
    def status(self) -> dict[str, object]:
        return {"done": True, "running": True}


class Primed(Model):
    """A model of which a server can be told ahead."""

    def __init__(self) -> None:
        super().__init__()
        self.primed: list[Prompt] = []

    def connect(self, settings: Settings, propose: Propose) -> Provider:
        provider = super().connect(settings, propose)
        return replace(provider, budget=BUDGET, local=True, prime=self._prime)

    async def _prime(self, prompt: Prompt) -> None:
        self.primed.append(prompt)


def shown(prompt: Prompt) -> list[str]:
    """From which files the prompt holds lines."""
    return [each.path for each in prompt.snippets]


async def test_a_new_block_is_read_ahead() -> None:
    """After an edit, before anything is asked; not where the block has stayed the same."""
    model = Primed()
    async with session(model) as client:
        index = client.server.view.index = Ranking()
        index.found = (Snippet(path="other.py", text="def other(): ..."),)
        await client.initialize()
        client.open("\n" * 50)
        await client.server.view.denial(URI)
        client.type("a = ", 0, 0)
        while not model.primed:
            await turns()
        (prompt,) = model.primed
        assert shown(prompt) == ["other.py"]
        assert prompt.prefix == "a = "
        assert model.prompts == []
        client.type("b = ", 20, 0)
        assert await within(client.ghost(20, 4))
        await turns()
        assert len(model.primed) == 1
        index.found = (Snippet(path="third.py", text="def third(): ..."),)
        client.type("c = ", 40, 0)
        while len(model.primed) < 2:
            await turns()
        assert shown(model.primed[1]) == ["third.py"]


async def test_what_may_not_be_sent_is_not_read_ahead() -> None:
    """The same rules as for a request."""
    model = Primed()
    async with session(model, None, disabled_paths=["*.py"]) as client:
        await client.initialize()
        client.open("a = \n")
        await client.server.view.denial(URI)
        document = client.server.documents[URI]
        place = Position(line=0, character=4)
        client.server.completion.prime(document.snapshot(place, BUDGET))
        await turns()
        assert model.primed == []
