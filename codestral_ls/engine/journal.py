"""What happened, counted and kept for a while, in memory alone; never code text."""

from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

from codestral_ls.model import Answer, Outcome, Request, Sent, Trigger

KEPT = 200
"""Outcomes that can be looked back at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One finished request: when (seconds of the epoch) and where it was made, what came of it.

    `line` and `character` count from 0, in code points; `owner` is who asked.
    """

    at: float
    uri: str
    line: int
    character: int
    trigger: Trigger
    language: str
    outcome: Outcome
    owner: str = ""


def record_of(request: Request, outcome: Outcome, at: float) -> Record:
    """The record of a request that ended at some time."""
    snapshot = request.snapshot
    return Record(
        at=at,
        uri=snapshot.uri,
        line=snapshot.lines_above + snapshot.prefix.count("\n") - snapshot.lines_before,
        character=len(snapshot.line_head),
        trigger=request.trigger,
        language=snapshot.language,
        outcome=outcome,
        owner=snapshot.scope.owner,
    )


def name_of(outcome: Outcome) -> str:
    """Where an answer came from, or the reason why there is none."""
    return (outcome.source if isinstance(outcome, Answer) else outcome.reason).value


class Journal:
    """Counts every outcome by its name and keeps the latest ones."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._latest: deque[Record] = deque(maxlen=KEPT)

    def write(self, record: Record) -> None:
        """Takes down a finished request."""
        self.counts[name_of(record.outcome)] += 1
        self._latest.append(record)

    def latest(self, count: int) -> list[Record]:
        """The latest records, oldest first."""
        return list(self._latest)[-count:] if count > 0 else []


def describe(what: Record | Outcome) -> dict[str, Any]:
    """A request or its outcome as JSON, without code: what happened, and what it took and cost.

    Of a record: `time` (seconds of the epoch), `uri`, `line` and `character` (from 0, in code
    points), `trigger`, `language`. Of any outcome:

    - `outcome`: "answer", or the reason for none; then `detail` says what can be done about it.
    - `source`: where an answer came from; `characters`: how long it is.
    - `provider`, `model`: "" where none had a part in it. `finish_reason` of an answer.
    - `because`: why it was not the preferred provider; "" if it was.
    - `tokens`: `prompt`, `completion`, `cached`, or null where nobody has counted.
    - `shaped`: the rules that changed what the model wrote; `steps`: for each of them `rule`,
      and the characters `before` and `after` it.
    - `sent`: null, or what left for the provider: `prefix` and `suffix` in characters, `snippets`
      (`path` and `characters` each), `redacted`, and `provider` and `model`, which were asked.
    - `timings`: `waited_ms`, `first_token_ms`, `total_ms`.
    """
    if not isinstance(what, Record):
        return _of_outcome(what)
    return {
        "time": round(what.at, 3),
        "uri": what.uri,
        "line": what.line,
        "character": what.character,
        "trigger": what.trigger.value,
        "language": what.language,
        **_of_outcome(what.outcome),
    }


def _of_outcome(outcome: Outcome) -> dict[str, Any]:
    timings, usage = outcome.timings, outcome.usage
    common = {
        "provider": outcome.provider,
        "model": outcome.model,
        "because": outcome.because,
        "tokens": usage
        and {
            "prompt": usage.prompt_tokens,
            "completion": usage.completion_tokens,
            "cached": usage.cached_tokens,
        },
        "shaped": [each.rule for each in outcome.steps],
        "steps": [each._asdict() for each in outcome.steps],
        "sent": _of_sent(outcome.sent),
        "timings": {
            "waited_ms": round(timings.waited * 1000, 1),
            "first_token_ms": round(timings.first_token * 1000, 1),
            "total_ms": round(timings.total * 1000, 1),
        },
    }
    if not isinstance(outcome, Answer):
        return {"outcome": outcome.reason.value, "detail": outcome.detail, **common}
    return {
        "outcome": "answer",
        "source": outcome.source.value,
        "finish_reason": outcome.finish_reason,
        "characters": len(outcome.text),
        **common,
    }


def _of_sent(sent: Sent | None) -> dict[str, Any] | None:
    if sent is None:
        return None
    return {
        "provider": sent.provider,
        "model": sent.model,
        "prefix": sent.prefix_chars,
        "suffix": sent.suffix_chars,
        "snippets": [{"path": path, "characters": chars} for path, chars in sent.snippets],
        "redacted": sent.redacted,
    }
