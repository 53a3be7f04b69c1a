"""Random keys in real editors: what they all have in common.

Each has an adapter `typist_EDITOR.py` with a function `typing(home, endpoint_url, plain=...)`: it
opens an empty Python file in a new editor and closes it again.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.fim_endpoint import Behaviour, Reply, sample, serve_in_thread
from tests.random_keys_model import Writer
from tests.random_keys_play import Editor, Game, Tally

SERVER = (sys.executable, "-m", "codestral_ls", "serve")
FILE = "typed.py"
NEVER = 600.0
"""Seconds after which a hanging endpoint would answer."""

Typing = Callable[..., AbstractContextManager[Editor]]


def environment(url: str) -> Mapping[str, str]:
    """Settings of a server that asks an endpoint, and nobody else while that fails.

    Ghost text from the file's own lines is no answer that could be compared with what was said.
    """
    return {
        "CODESTRAL_LS_ENDPOINT": url,
        "CODESTRAL_LS_CONFIG": os.devnull,
        "CODESTRAL_LS_STATS": "false",
        "CODESTRAL_LS_CONTEXT": "file",
        "CODESTRAL_LS_OFFLINE_FALLBACK": "false",
        "CODESTRAL_LS_TIMEOUT_MS": "2500",
        "MISTRAL_API_KEY": "test-key-0000",
    }


def moody(writer: Writer) -> Callable[[dict[str, Any]], Behaviour]:
    """The writer as an endpoint with moods."""
    refused = sample("errors/429-rate.json")

    def behave(body: dict[str, Any]) -> Behaviour:
        if "prompt" not in body:
            return Behaviour()
        mood = writer.next_mood()
        answer = Behaviour(text=writer.write, head_after=mood.head_after, per_token=mood.per_token)
        return {
            "answer": answer,
            "cut": replace(answer, trouble="cut", trouble_after=2),
            "hang": replace(answer, head_after=NEVER),
            "500": replace(answer, reply=Reply(status=500, body=b'{"message":"down"}')),
            "429": replace(answer, reply=replace(refused, headers={"retry-after": "1"})),
        }[mood.fate]

    return behave


@contextmanager
def new_file(home: Path, text: str = "") -> Iterator[Path]:
    """A Python file in a folder of its own."""
    folder = home / "project"
    folder.mkdir(exist_ok=True)
    path = folder / FILE
    path.write_text(text, "utf-8")
    yield path


def play(typing: Typing, home: Path, seed: int, keys: int, *, plain: bool) -> Tally:
    """Plays one run in a new editor.

    Raises:
        Wrong: something was not right.
    """
    writer = Writer(seed)
    with serve_in_thread(moody(writer)) as endpoint, typing(home, endpoint.url, plain=plain) as it:
        return Game(it, writer, seed).play(keys)


def until(read: Callable[[], Any], seconds: float = 0.0) -> Any:
    """Asks until there is something, or for so long."""
    end = time.monotonic() + seconds
    while not (found := read()) and time.monotonic() < end:
        time.sleep(0.005)
    return found
