"""The least that Python can do: asyncio, json, one kept-alive socket, no cache, no checks.

usage: python -m tests.bench.bare_server FIM_URL
"""

import asyncio
import json
import sys
from urllib.parse import urlsplit

Json = dict[str, object]


class Bare:
    """A server that answers inline completion and knows nothing else."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._lines: list[str] = []

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=2**26)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        upstream = await asyncio.open_connection(self._host, self._port)
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            message = json.loads(await reader.readexactly(int(head.split(b":")[1].split()[0])))
            method, params = message.get("method"), message.get("params")
            if method == "textDocument/didOpen":
                self._lines = params["textDocument"]["text"].split("\n")
            elif method == "textDocument/didChange":
                self._change(params["contentChanges"][0])
            elif method == "exit":
                return
            elif "id" in message:
                asking = method == "textDocument/inlineCompletion"
                result = await self._complete(params["position"], *upstream) if asking else {}
                self._reply({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def _change(self, change: dict[str, dict[str, dict[str, int]]]) -> None:
        line, character = (change["range"]["start"][key] for key in ("line", "character"))
        old = self._lines[line]
        new = old[:character] + str(change["text"]) + old[character:]
        self._lines[line : line + 1] = new.split("\n")

    async def _complete(
        self, position: dict[str, int], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> list[Json]:
        line, character = position["line"], position["character"]
        before = "\n".join([*self._lines[max(0, line - 150) : line], self._lines[line][:character]])
        after = "\n".join([self._lines[line][character:], *self._lines[line + 1 : line + 50]])
        request = {"model": "codestral-2508", "prompt": before, "suffix": after, "stream": True}
        body = json.dumps({**request, "max_tokens": 96}).encode()
        writer.write(
            b"POST /v1/fim/completions HTTP/1.1\r\nHost: x\r\n"
            b"Authorization: Bearer test-key-0000\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        await reader.readuntil(b"\r\n\r\n")
        text = ""
        while size := int(await reader.readuntil(b"\r\n"), 16):
            chunk = await reader.readexactly(size + 2)
            for each in chunk.split(b"\n"):
                if each.startswith(b"data: {"):
                    delta = json.loads(each[6:])["choices"][0]["delta"]
                    text += delta.get("content") or ""
        await reader.readexactly(2)
        place = {"line": line, "character": character}
        return [{"insertText": text, "range": {"start": place, "end": place}}]

    def _reply(self, message: Json) -> None:
        body = json.dumps(message).encode()
        sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    asyncio.run(Bare(sys.argv[1]).run())
