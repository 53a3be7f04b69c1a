"""Ghost text from a real llama.cpp server: the whole way from the editor to the model and back."""

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from codestral_ls.model import Reason
from tests.llama_cpp.asking import (
    COLUMN,
    HEAD,
    LINE,
    last_nothing,
    last_record,
    texts,
    until,
    writing,
)
from tests.llama_cpp.server import SECONDS, Llama, Serve, free_port, url_of
from tests.lsp_client import URI, Session, ghost_params
from tests.lsp_process import ServerProcess, call, note

pytestmark = pytest.mark.llama

GHOST = "return n // 2"
MARKED = "<|fim_prefix|>{prefix}<|fim_suffix|>{suffix}<|fim_middle|>"

LONG = "# forty-two characters, the line end too.\n"


@pytest.fixture
def process(llama: Llama) -> Iterator[ServerProcess]:
    """A language server of its own, as an editor starts it."""
    with ServerProcess(provider="llama.cpp", endpoint=llama.url, trust_env="false") as process:
        process.start()
        yield process


def test_an_editor_is_shown_the_models_very_text(process: ServerProcess) -> None:
    """Through both processes, without a key or any other setting than the address."""
    document = {"uri": URI, "languageId": "python", "version": 1, "text": HEAD}
    process.send(note("textDocument/didOpen", {"textDocument": document}))
    process.send(call(2, "textDocument/inlineCompletion", ghost_params(LINE, COLUMN)))
    (item,) = process.reply(2)["result"]
    assert item["insertText"] == GHOST


async def test_a_template_brings_the_same_text(llama: Llama) -> None:
    """For servers that have the model's marks only in words."""
    async with writing(
        llama.url, provider="template", model="scripted", fim_template=MARKED
    ) as opened:
        assert await texts(opened) == [GHOST]


async def test_other_files_of_the_folder_reach_the_model(serve: Serve, tmp_path: Path) -> None:
    """By name and in full, once they have been read: each character is a token more."""
    (tmp_path / "double.py").write_text(
        "def double_it(n: int) -> int:\n    return n * 2\n", "utf-8"
    )
    uri = (tmp_path / "half.py").as_uri()
    with serve("half, files") as llama:
        async with (
            writing(llama.url, "", folder=tmp_path, uri=uri) as opened,
            asyncio.timeout(SECONDS),
        ):
            first = last = await told(opened, uri, 0)
            for number in itertools.count(1):
                if last.snippets:
                    break
                last = await told(opened, uri, number)
    ((path, chars),) = last.snippets
    assert path == "double.py"
    assert last.tokens - first.tokens == len("S") + len("double.py\n") + chars + len("\n")


class Told(NamedTuple):
    """What went to the model, and how much it has read."""

    snippets: tuple[tuple[str, int], ...]
    tokens: int


async def told(opened: Session, uri: str, number: int) -> Told:
    """Asks in a text of always the same length."""
    opened.change({"text": f"def half(n):\n    double_it({number:03})\n    "}, uri=uri)
    (item,) = await opened.ghost(LINE + 1, COLUMN, kind=1, uri=uri)
    assert item["insertText"] == GHOST
    record = last_record(opened)
    sent = record.outcome.sent
    assert sent is not None
    assert record.outcome.usage is not None
    return Told(sent.snippets, record.outcome.usage.prompt_tokens)


async def test_half_a_prompt_is_sent_where_a_whole_one_is_too_long(serve: Serve) -> None:
    """Nobody sees the refusal: the same request is answered."""
    with serve("half", context=1024) as llama:
        async with writing(llama.url, LONG * 30 + HEAD, prefix_chars=1400) as opened:
            assert await texts(opened, 30 + LINE) == [GHOST]
            usage = last_record(opened).outcome.usage
        assert "exceeds the available context size" in llama.log
    assert usage is not None
    assert usage.prompt_tokens < 1024


async def test_a_loading_model_is_waited_for(start: Serve) -> None:
    """Until then there is none, and the reason says why; then there is some."""
    port = free_port()
    async with writing(url_of(port)) as opened:
        await opened.server.engine.provider.warm()
        with start("half, slow", port=port) as llama:
            assert await texts(opened) == []
            ended = last_nothing(opened)
            await until(llama, lambda: llama.get("/health").is_success, "the model")
            assert await texts(opened) == [GHOST]
    assert ended.reason is Reason.UNAVAILABLE
    assert "loading" in ended.detail


async def test_ghost_text_is_back_after_the_server_was_killed(start: Serve, serve: Serve) -> None:
    """In the middle of a text that is lost; whoever comes back at that address is asked again."""
    with start("endless", port=free_port()) as llama:
        async with writing(llama.url, max_tokens=4096, timeout_ms=60_000) as opened:
            await until(llama, lambda: llama.get("/health").is_success, "the model")
            reply = opened.ask(LINE, COLUMN)
            await until(llama, lambda: llama.slot()["is_processing"], "a call")
            llama.kill()
            assert (await reply)["result"] == []
            assert last_nothing(opened).reason is Reason.UNAVAILABLE
            with serve("half", port=llama.port):
                assert await texts(opened) == [GHOST]
