"""A straightforward server: whole text, fixed debounce, no cache, a new HTTP client per call.

usage: python -m tests.bench.typist.naive_server FIM_URL [DEBOUNCE_SECONDS]

With no debounce it keeps its client: then it stands for what could be reached at best.
"""

import asyncio
import sys

import httpx
from lsprotocol import types
from pygls.lsp.server import LanguageServer

URL = sys.argv[1]
DEBOUNCE = float(sys.argv[2]) if len(sys.argv) > 2 else 0.25
HEADERS = {"Authorization": "Bearer test-key-0000"}

server = LanguageServer("naive", "1")
kept: list[httpx.AsyncClient] = []


@server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
async def complete(params: types.InlineCompletionParams) -> list[types.InlineCompletionItem]:
    """Asks the endpoint with all of the document and shows all of the answer."""
    await asyncio.sleep(DEBOUNCE)
    document = server.workspace.get_text_document(params.text_document.uri)
    offset = document.offset_at_position(params.position)
    body = {
        "model": "codestral-2508",
        "prompt": document.source[:offset],
        "suffix": document.source[offset:],
        "max_tokens": 128,
        "temperature": 0.2,
    }
    try:
        text = await ask(body)
    except httpx.HTTPError:
        return []
    place = types.Range(params.position, params.position)
    return [types.InlineCompletionItem(insert_text=text, range=place)] if text else []


async def ask(body: dict[str, object]) -> str:
    """One call."""
    if DEBOUNCE:
        async with httpx.AsyncClient(trust_env=False) as client:
            return await post(client, body)
    if not kept:
        kept.append(httpx.AsyncClient(trust_env=False))
    return await post(kept[0], body)


async def post(client: httpx.AsyncClient, body: dict[str, object]) -> str:
    """Sends and reads."""
    reply = await client.post(URL, json=body, headers=HEADERS)
    reply.raise_for_status()
    return str(reply.json()["choices"][0]["message"]["content"] or "")


if __name__ == "__main__":
    server.start_io()
