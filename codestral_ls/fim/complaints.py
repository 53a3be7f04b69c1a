"""What an endpoint says of a failure, and how much of it may be shown."""

import re
import unicodedata
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from codestral_ls.errors import FimError, RateLimited
from codestral_ls.kinds import Secret
from codestral_ls.model import Prompt

MOST_SHOWN = 200
"""Characters; what a host says cannot fill the screen."""
QUOTED_LINE = 8
"""Characters: a shorter line that also stands in the code is a coincidence."""
QUOTED_RUN = 16
"""The same for a run of characters inside of a line."""
SHORT_KEY = 8
"""Local servers take keys like "x", which are replaced as whole words, or no word would be left."""
DEEPEST = 5
"""How deep error bodies are looked into; Mistral's go down to the third level."""


class Complaint(Exception):
    """A failure that the endpoint reports, before it is fit to be shown.

    `words` hold `{said}` where the endpoint's own words go, in parentheses if there are any.
    """

    def __init__(
        self, kind: type[FimError], words: str, said: str = "", *, retry_after: float = 0.0
    ) -> None:
        super().__init__(kind.__name__)
        self.kind = kind
        self.words = words
        self.said = said
        self.retry_after = retry_after

    def error(self, present: Callable[[str], str]) -> FimError:
        """The error to raise; `present` makes of the endpoint's words what may be shown."""
        said = present(self.said)
        text = self.words.replace("{said}", f" ({said})" if said else "")
        if issubclass(self.kind, RateLimited):
            return self.kind(text, retry_after=self.retry_after)
        return self.kind(text)


def presentable(said: str, prompt: Prompt | None) -> str:
    """The part of an endpoint's words, without keys, that may be shown: nothing that quotes code.

    Without a prompt there was no code to quote.
    """
    shown = said[:MOST_SHOWN]
    if prompt and _quotes(shown, prompt):
        return ""
    # No terminal may take a part of it for a command.
    return " ".join("".join(it if it.isprintable() else " " for it in shown).split())


def without_key(text: str, key: Secret) -> str:
    """The text without the key, which some gateways quote: as it is, encoded, or broken."""
    secret = key.reveal()
    if not secret:
        return text
    if len(secret) < SHORT_KEY:
        return re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "[key]", text)
    visible = "".join(each for each in text if unicodedata.category(each) != "Cf")
    spellings = sorted(_spellings(secret), key=len, reverse=True)
    return re.sub("|".join(map(_loosely, spellings)), "[key]", visible, flags=re.IGNORECASE)


def _spellings(secret: str) -> set[str]:
    coded = {b64encode(secret.encode()), urlsafe_b64encode(secret.encode())}
    in_base64 = {each.decode().rstrip("=") for each in coded}
    return {secret, quote(secret), quote(secret, safe=""), *in_base64}


def _loosely(spelling: str) -> str:
    """The pattern of a text with blanks, line ends and backslashes anywhere in it."""
    return r"[\s\\]*".join(re.escape(each) for each in "".join(spelling.split()))


def _quotes(said: str, prompt: Prompt) -> bool:
    texts = (prompt.prefix, prompt.suffix, *(each.text for each in prompt.snippets))
    code = "\n".join(texts)
    lines = _long_lines(said)
    return (
        any(line in code for line in lines)
        or any(run in code for line in lines for run in _runs(line))
        or any(line in said for line in _long_lines(code))
    )


def _long_lines(text: str) -> list[str]:
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if len(line) >= QUOTED_LINE]


def _runs(line: str) -> Iterator[str]:
    runs = (line[at : at + QUOTED_RUN] for at in range(len(line) - QUOTED_RUN + 1))
    return (run for run in runs if run.strip())


def message_of(error: Mapping[str, Any], depth: int = DEEPEST) -> str:
    """The human part of an error body; Mistral nests it in five different ways."""
    for key in ("message", "detail", "error", "msg"):
        inner = error.get(key)
        where = ""
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            inner = inner[0]
            where = _place(inner.get("loc"))
        if isinstance(inner, dict):
            said = message_of(inner, depth - 1) if depth else ""
            return f"{where}: {said}" if where else said
        if isinstance(inner, str) and inner:
            return inner
    return ""


def _place(loc: object) -> str:
    """Which parameter is meant; the first part says only that it came in the body."""
    parts = loc[1:] if isinstance(loc, list) else []
    return ".".join(str(part) for part in parts if isinstance(part, str | int))
