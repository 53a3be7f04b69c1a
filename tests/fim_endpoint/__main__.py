"""Runs the endpoint for trying things by hand, until interrupted."""

import argparse
import asyncio
import sys

from .behaviour import Behaviour
from .endpoint import serve


async def _run(behaviour: Behaviour, port: int) -> None:
    async with serve(behaviour, port=port) as endpoint:
        sys.stdout.write(f"{endpoint.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fim_endpoint", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds to the first token")
    parser.add_argument("--per-token", type=float, default=0.0, help="seconds between tokens")
    parser.add_argument("--text", help="what every completion says")
    options = parser.parse_args()
    behaviour = Behaviour(
        text=options.text, first_token=options.latency, per_token=options.per_token
    )
    try:
        asyncio.run(_run(behaviour, options.port))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
