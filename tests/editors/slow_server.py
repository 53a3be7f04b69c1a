"""A language server that offers one completion item, later than Helix waits for it.

Helix shows what the first server says, and takes up for 100 ms more what others do; what comes
after that only joins a menu that is open.
"""

import json
import sys
import time

LATER = 0.4
CAPABILITIES = {"completionProvider": {"triggerCharacters": ["("]}, "textDocumentSync": 1}
ITEM = {"label": "from_another_server", "kind": 3}


def read() -> dict[str, object] | None:
    """The next message; None at the end."""
    length = 0
    while line := sys.stdin.buffer.readline().strip():
        length = int(line.rpartition(b" ")[2]) if line.lower().startswith(b"content-le") else length
    body: dict[str, object] | None = json.loads(sys.stdin.buffer.read(length) or b"null")
    return body


def reply(request: object, result: object) -> None:
    """Sends a result."""
    body = json.dumps({"jsonrpc": "2.0", "id": request, "result": result}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    sys.stdout.buffer.flush()


def main() -> None:
    """Serves until it is told to go."""
    while (message := read()) and message["method"] != "exit":
        if message["method"] == "initialize":
            reply(message["id"], {"capabilities": CAPABILITIES})
        elif message["method"] == "textDocument/completion":
            time.sleep(LATER)
            reply(message["id"], [ITEM])
        elif "id" in message:
            reply(message["id"], None)


if __name__ == "__main__":
    main()
