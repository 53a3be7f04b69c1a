"""What the endpoint remembers of a request."""

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True, kw_only=True)
class Call:
    """A request and what became of it. Times are of `loop.time()`, which is `time.monotonic()`.

    `body` is {} unless a JSON object came; `status` is 0 until the reply's head is out; `ended`
    says that the reply was sent to its end. `tokens` counts what was generated, which is what is
    billed, and `tokens_after_hang_up` those of them that nobody could read any more.
    """

    connection: int
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    raw_body: bytes
    body: dict[str, Any]
    arrived_at: float
    status: int = 0
    tokens: int = 0
    tokens_after_hang_up: int = 0
    hung_up_at: float | None = None
    ended: bool = False

    def header(self, name: str) -> str:
        """The first value of a header, "" if it did not come."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")
