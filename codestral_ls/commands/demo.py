"""`codestral-ls demo`: the real server, typed at as by an editor, and what the user would see."""

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from typing import Any

import anyio

from codestral_ls import __version__
from codestral_ls.commands import sample
from codestral_ls.commands.session import ServerGone, Session, start_server

URI = f"file:///demo/{sample.NAME}"
KEY_SECONDS = 0.06
"""Between two keys: a quick typist."""
DEADLINE_SECONDS = 60.0
"""For the whole of it, also on a slow machine with a slow model."""
BRACKETS = "⟦⟧"
MORE = "`codestral-ls doctor` says more."


def run_demo(*, environ: Mapping[str, str]) -> int:
    """Shows ghost text in the terminal; status 0 if there was some, 1 if not."""
    return anyio.run(_demo, environ)


async def _demo(environ: Mapping[str, str]) -> int:
    # The demo says itself why there is nothing; the log is of use where the server has not come up.
    with tempfile.TemporaryFile() as log:
        async with await start_server(environ, log) as process:
            try:
                with anyio.fail_after(DEADLINE_SECONDS):
                    return await _Demo(Session(process)).run()
            except (ServerGone, TimeoutError) as error:
                with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
                    process.kill()
                failure = type(error).__name__
        log.seek(0)
        sys.stderr.write(log.read().decode(errors="replace"))
    sys.stderr.write(f"The server did not answer ({failure}). {MORE}\n")
    return 1


class _Demo:
    """One run: the text before and after the cursor, and the ghost text between them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._head, self._tail = sample.TEXT.split("‸")
        self._version = 0

    async def run(self) -> int:
        await self._open()
        print(f"codestral-ls {__version__}, typing into {sample.NAME}\n")
        for key in sample.TYPED:
            await self._type(key)
            await anyio.sleep(KEY_SECONDS)
        ghost = await self._ask(f"typed {sample.TYPED!r}")
        if not ghost:
            await self._explain_nothing()
            return 1
        again = await self._ask("asked again at the same place")
        half = max(1, len(ghost) // 2)
        for key in ghost[:half]:
            await self._type(key)
        rest = await self._ask(f"typed on {ghost[:half]!r}")
        await self._type(rest)
        print("  accepted:\n")
        self._show("")
        status = await self._session.leave()
        typed_through = rest == ghost[half:] or len(ghost) == half
        return 0 if again == ghost and typed_through and status == 0 else 1

    async def _open(self) -> None:
        params = {"processId": os.getpid(), "rootUri": None, "capabilities": CAPABILITIES}
        await self._session.request("initialize", params)
        await self._session.notify("initialized", {})
        text = self._head + self._tail
        document = {"uri": URI, "languageId": sample.LANGUAGE, "version": 0, "text": text}
        await self._session.notify("textDocument/didOpen", {"textDocument": document})

    async def _type(self, text: str) -> None:
        place = self._cursor()
        self._head += text
        self._version += 1
        change = {"range": {"start": place, "end": place}, "text": text}
        document = {"uri": URI, "version": self._version}
        params = {"textDocument": document, "contentChanges": [change]}
        await self._session.notify("textDocument/didChange", params)

    async def _ask(self, doing: str) -> str:
        """Asks for ghost text, shows it, and says where it came from."""
        started = time.perf_counter()
        params = {
            "textDocument": {"uri": URI},
            "position": self._cursor(),
            "context": {"triggerKind": 2},
        }
        items = await self._session.request("textDocument/inlineCompletion", params)
        took = (time.perf_counter() - started) * 1000
        ghost = str(items[0]["insertText"]) if items else ""
        told = await self._latest()
        where = told.get("source", told.get("outcome", "?"))
        who = told.get("model") or told.get("provider")
        model = f" ({who})" if where == "model" and who else ""
        print(f"  {doing}: {where}{model}, {took:.1f} ms\n")
        self._show(ghost)
        return ghost

    async def _latest(self) -> dict[str, Any]:
        told = await self._session.request("codestral/explain", None)
        return dict(told[-1]) if told else {}

    async def _explain_nothing(self) -> None:
        told = await self._latest()
        why = str(told.get("detail") or told.get("outcome", "?"))
        print(f"No ghost text: {why}")
        for message in self._session.messages:
            if why not in message:
                print(message)
        print(MORE)
        await self._session.leave()

    def _show(self, ghost: str) -> None:
        """Prints the lines around the cursor with the ghost text dimmed."""
        lines = (self._head + _dimmed(ghost) + self._tail).rstrip("\n").split("\n")
        print("\n".join(f"    {line}" for line in lines[-6 - ghost.count("\n") :]) + "\n")

    def _cursor(self) -> dict[str, int]:
        line = self._head[self._head.rfind("\n") + 1 :]
        return {"line": self._head.count("\n"), "character": len(line)}


CAPABILITIES = {
    "general": {"positionEncodings": ["utf-32"]},
    "textDocument": {"inlineCompletion": {"dynamicRegistration": False}},
}


def _dimmed(ghost: str) -> str:
    """Ghost text as the output can show it: dimmed, or in brackets where there is no colour."""
    if not ghost:
        return ""
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        return "\n".join(f"\x1b[2;3m{line}\x1b[0m" for line in ghost.split("\n"))
    try:
        BRACKETS.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return f"[{ghost}]"
    return ghost.join(BRACKETS)
