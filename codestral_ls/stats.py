"""What happened, counted and kept for a while; never code text, never paths."""

from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

from codestral_ls.model import Answer, Outcome

KEPT = 200
"""Outcomes that can be looked back at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One finished request."""

    language: str
    outcome: Outcome


class Journal:
    """Counts every outcome by its name and keeps the latest ones."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._latest: deque[Record] = deque(maxlen=KEPT)

    def write(self, record: Record) -> None:
        """Takes down a finished request."""
        outcome = record.outcome
        name = outcome.source if isinstance(outcome, Answer) else outcome.reason
        self.counts[name.value] += 1
        self._latest.append(record)

    def latest(self, count: int) -> list[Record]:
        """The latest records, oldest first."""
        return list(self._latest)[-count:] if count > 0 else []


def describe(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON, without its text: what happened, how long it took, what it cost."""
    timings = outcome.timings
    times = {
        "waited_ms": round(timings.waited * 1000, 1),
        "first_token_ms": round(timings.first_token * 1000, 1),
        "total_ms": round(timings.total * 1000, 1),
    }
    if not isinstance(outcome, Answer):
        return {"outcome": outcome.reason.value, "detail": outcome.detail, "timings": times}
    usage = outcome.usage
    tokens = usage and {
        "prompt": usage.prompt_tokens,
        "completion": usage.completion_tokens,
        "cached": usage.cached_tokens,
    }
    return {
        "outcome": "answer",
        "source": outcome.source.value,
        "provider": outcome.provider,
        "model": outcome.model,
        "finish_reason": outcome.finish_reason,
        "tokens": tokens,
        "shaped": list(outcome.shaped),
        "characters": len(outcome.text),
        "timings": times,
    }
