"""Private keys, as files and as they stand in code."""

import json
from collections.abc import Iterator

from tests.secrets.drawing import HEX, block, border, draw

KINDS = ("RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "PRIVATE KEY",
         "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK")  # fmt: skip


def blocks() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield file name, text, and the lines of the key."""
    for what in KINDS:
        lines = block(what, 8, width=70 if "OPENSSH" in what else 64)
        pem = "\n".join([border("BEGIN", what), *lines, border("END", what)])
        yield "server.txt", f"# the old server\n{pem}\n# end\n", lines
    what = KINDS[0]
    lines = block("code", 6)
    begin, end = border("BEGIN", what), border("END", what)
    inside = "\n".join([begin, *lines, end])
    yield "keys.py", f'KEY = """{inside}\n"""\n\n\ndef use(): ...\n', lines
    yield "account.json", json.dumps({"a": 1, "private_key": inside + "\n", "z": 2}), lines
    escaped = inside.replace("\n", "\\n")
    yield "keys.ts", f"export const KEY = '{escaped}\\n';\nexport const a = 1;\n", lines
    joined = " +\n".join(f'    "{each}\\n"' for each in (begin, *lines, end))
    yield "Keys.java", f"String KEY =\n{joined};\nint other = 1;\n", lines
    indented = "\n".join(f"    {each}" for each in (begin, *lines, end))
    yield "secret.yaml", f"data:\n  key: |\n{indented}\n  other: 1\n", lines
    headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF\n\n"
    yield "enc.txt", "\n".join([begin, headers + lines[0], *lines[1:], end]) + "\n", lines
    crlf = inside.replace("\n", "\r\n")
    yield "crlf.txt", f"a\r\n{crlf}\r\nb\r\n", lines
    putty = "\n".join(["PuTTY-User-Key-File-2: ssh-rsa", "Private-Lines: 7", *lines])
    yield "key.txt", f"{putty}\nPrivate-MAC: {draw(HEX, 40, 'mac')}\n", lines
