"""A real Helix with the real server, and a model that it asks."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.editors.helix import Helix, find_helix
from tests.fim_endpoint import Endpoint
from tests.parts import require

SERVER = (sys.executable, "-m", "codestral_ls", "serve")


@contextmanager
def started(
    home: Path, endpoint: Endpoint, text: str = "\n", **environment: str
) -> Iterator[Helix]:
    """A Helix of its own with a file, whose server has begun."""
    path = home / "example.py"
    path.write_bytes(text.encode())
    everything = {
        "CODESTRAL_LS_ENDPOINT": endpoint.url,
        "CODESTRAL_LS_STATE": str(home / "state"),
        "CODESTRAL_LS_DEBOUNCE_MS": "0",
        "MISTRAL_API_KEY": "test-key-0000",
        **environment,
    }
    with Helix(require(find_helix), home, SERVER, everything, path) as helix:
        # It warms the connection up once Helix has told it that it listens.
        endpoint.wait_until(lambda: endpoint.calls != [], timeout=30)
        yield helix
