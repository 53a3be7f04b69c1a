"""What the engine sees of the world beside a document: what may leave, and what goes with it."""

from typing import Protocol

from codestral_ls.context.prompt import Sources
from codestral_ls.model import Request, Snapshot


class View(Protocol):
    """The workspace around the documents."""

    async def denial(self, uri: str) -> str:
        """The name of the rule by which a document may not be sent; "" if it may."""

    def known_denial(self, uri: str) -> str:
        """The same without waiting: what is not known yet may not be sent."""

    def look(self, snapshot: Snapshot) -> None:
        """Begins to look for what a prompt at this place draws upon."""

    async def ready(self, request: Request) -> None:
        """Waits for that, but no longer than anybody would notice."""

    def sources(self, snapshot: Snapshot) -> Sources:
        """What a prompt draws upon beside the document, as far as it is known by now."""


class NoView:
    """A document by itself: everything may leave, and nothing goes with it."""

    async def denial(self, _uri: str) -> str:
        """Nothing is denied."""
        return ""

    def known_denial(self, _uri: str) -> str:
        """Nothing is denied."""
        return ""

    def look(self, _snapshot: Snapshot) -> None:
        """There is nothing to look at."""

    async def ready(self, _request: Request) -> None:
        """There is nothing to wait for."""

    def sources(self, _snapshot: Snapshot) -> Sources:
        """There are none."""
        return Sources()
