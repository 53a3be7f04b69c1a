"""Counters as Prometheus reads them: its text format, or OpenMetrics for whoever asks for that."""

import gzip
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from anyio.to_thread import run_sync
from prometheus_client import CollectorRegistry, Metric, exposition
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector
from starlette.responses import Response

from codestral_ls.gateway.replies import accepts_gzip

OPEN_METRICS = "application/openmetrics-text"
LEAST_TO_PACK = 1000
"""Bytes; less is not worth it."""


async def exposed(
    registry: CollectorRegistry, headers: Mapping[str, str], *, is_shared: bool
) -> Response:
    """All counters, in the form and the encoding that somebody asks for.

    With `is_shared` they are the sums of all workers. In a thread: a thousand users take 0.1 s.
    """
    wants_open = OPEN_METRICS in headers.get("accept", "")
    packs = accepts_gzip(headers.get("accept-encoding", ""))
    write = partial(_written, registry, wants_open=wants_open, packs=packs, is_shared=is_shared)
    body, packed = await run_sync(write)
    media = openmetrics.CONTENT_TYPE_LATEST if wants_open else exposition.CONTENT_TYPE_PLAIN_0_0_4
    more = {"content-encoding": "gzip"} if packed else {}
    # Not as `media_type`: to that a second charset would be added.
    return Response(
        body, headers={"content-type": media, "vary": "accept, accept-encoding", **more}
    )


def _written(
    registry: CollectorRegistry, *, wants_open: bool, packs: bool, is_shared: bool
) -> tuple[bytes, bool]:
    collector = MultiProcessCollector(None) if is_shared else registry  # type: ignore[no-untyped-call] # of the library
    write: Callable[[Collector], bytes] = (
        openmetrics.generate_latest if wants_open else exposition.generate_latest
    )
    body = write(_Shown(collector))
    packs = packs and len(body) >= LEAST_TO_PACK
    return (gzip.compress(body, 1) if packs else body), packs


class _Shown:
    """Without the times at which counters were made: they are a third of all series."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    def collect(self) -> Iterator[Metric]:
        """The metrics of a collector; those of a registry and of files are made anew each time."""
        for metric in self._collector.collect():
            metric.samples = [each for each in metric.samples if not each.name.endswith("_created")]
            yield metric
