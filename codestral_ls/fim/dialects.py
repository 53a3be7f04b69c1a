"""Wire formats: per dialect one function that writes a request and one that reads an event.

A dialect is a row of `DIALECTS` and a module in `formats`; adding one touches nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from codestral_ls.fim.events import Framing, JsonLines, ServerSentEvents
from codestral_ls.fim.fences import Unfencing
from codestral_ls.fim.formats import chat, gateway, llama_cpp, mistral, ollama, openai, template
from codestral_ls.fim.formats.replies import read_message, read_models
from codestral_ls.fim.formats.terms import Catalog, Hint, ListedModel, Target
from codestral_ls.fim.layouts import LAYOUTS, with_snippets
from codestral_ls.fim.templates import lacks, laid_out
from codestral_ls.model import Chunk, Prompt, Usage

__all__ = ("DIALECTS", "Catalog", "Dialect", "Hint", "ListedModel", "Target")

MANY = 64
"""Stop sequences, where no server is known to count them."""


def _as_it_is(prompt: Prompt, _: Target) -> Prompt:
    return prompt


def _headed(prompt: Prompt, _: Target) -> Prompt:
    return with_snippets(prompt, LAYOUTS["headers"])


def _commented(prompt: Prompt, _: Target) -> Prompt:
    return with_snippets(prompt, LAYOUTS["comments"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one kind of endpoint is spoken to.

    `path` follows the base URL and may hold `{model}`. `layout(prompt, target)` puts the snippets
    where the models read them, `body(prompt, target)` is the JSON object to send; ask `payload` for
    both at once. `most_stops` is how many stop sequences the endpoint takes.

    `read(event)` takes the text of one event, as a `framing()` cuts them out of a reply of one of
    the `content_types`, or the whole body of a reply that was not streamed (`application/json`).
    `clean()` makes what takes out of the text that has come what does not belong to it.

    `hints` say what this server's errors mean, `catalog` how it lists its models, `prime` writes a
    request that only makes it read a prompt (see `primer`), and `load` one that makes it load the
    model, which may take a minute and is given up when the connection closes: a question that is
    broken off by its deadline or by the next one would never see it loaded. `lacks` says what a
    target must have to be asked at all, and `cut_short` whether the server has silently left out a
    part of a prompt.
    """

    path: str
    body: Callable[[Prompt, Target], dict[str, Any]]
    read: Callable[[str], Chunk]
    layout: Callable[[Prompt, Target], Prompt] = _as_it_is
    most_stops: int = MANY
    framing: Callable[[], Framing] = ServerSentEvents
    content_types: frozenset[str] = frozenset({"text/event-stream"})
    clean: Callable[[], Unfencing] | None = None
    hints: tuple[Hint, ...] = ()
    catalog: Catalog | None = None
    prime: Callable[[Prompt, Target], dict[str, Any]] | None = None
    load: Callable[[Target], dict[str, Any]] | None = None
    lacks: Callable[[Target], str] = lambda _: ""
    cut_short: Callable[[Prompt, Usage], str] | None = None

    def payload(self, prompt: Prompt, target: Target) -> dict[str, Any]:
        """The body for a prompt, with as many of its stop sequences as the endpoint takes.

        Raises:
            Refused: the target cannot be asked like this.
        """
        return self.body(self._laid_out(prompt, target), target)

    def primer(self, prompt: Prompt, target: Target) -> dict[str, Any] | None:
        """The body that makes the server read a prompt and write nothing; None if there is none."""
        return self.prime and self.prime(self._laid_out(prompt, target), target)

    def _laid_out(self, prompt: Prompt, target: Target) -> Prompt:
        laid = self.layout(prompt, target)
        most = target.quirks.most_stops or self.most_stops
        stops = tuple(filter(None, dict.fromkeys(laid.parameters.stop)))[:most]
        return replace(laid, parameters=replace(laid.parameters, stop=stops))


_MODELS = Catalog(path="/v1/models", read=read_models)

DIALECTS: Mapping[str, Dialect] = {
    "mistral": Dialect(
        path="/v1/fim/completions",
        body=mistral.body,
        read=read_message,
        layout=_headed,
        # The schema knows no limit; LangChain's reference for Mistral and OpenAI's API name this.
        most_stops=4,
        catalog=_MODELS,
    ),
    "gateway": Dialect(
        path="/raw/v1/fim/completions",
        body=mistral.body,
        read=read_message,
        layout=_headed,  # and so many stops as there are: it looks for them itself
        hints=gateway.HINTS,
        catalog=_MODELS,
    ),
    "llama.cpp": Dialect(
        path="/infill",
        body=llama_cpp.body,
        read=llama_cpp.read,
        hints=llama_cpp.HINTS,
        catalog=_MODELS,
        prime=llama_cpp.prime,
        cut_short=llama_cpp.cut_short,
    ),
    "ollama": Dialect(
        path="/api/generate",
        body=ollama.body,
        read=ollama.read,
        layout=ollama.layout,
        framing=JsonLines,
        content_types=frozenset({"application/x-ndjson"}),
        hints=ollama.HINTS,
        catalog=Catalog(
            path="/api/show",
            method="POST",
            body=lambda model: {"model": model},
            read=ollama.read_model,
        ),
        load=ollama.load,
        lacks=lambda target: lacks(target) if target.template else "",
    ),
    "openai": Dialect(
        path="/v1/completions",
        body=openai.body,
        read=openai.read,
        layout=_commented,
        most_stops=4,  # OpenAI's; DeepSeek takes 16
        hints=openai.HINTS,
        catalog=_MODELS,
    ),
    "template": Dialect(
        path="/v1/completions",
        body=openai.plain_body,
        read=openai.read,
        layout=laid_out,
        hints=template.HINTS,
        catalog=_MODELS,
        lacks=lacks,
    ),
    "chat": Dialect(
        path="/v1/chat/completions",
        body=chat.body,
        read=read_message,
        most_stops=4,
        clean=Unfencing,
        hints=chat.HINTS,
        catalog=_MODELS,
    ),
}
