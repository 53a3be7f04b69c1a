"""Who may ask, and how much. Pure."""

from dataclasses import dataclass, field
from typing import Any

from codestral_ls.kinds import Kind, number


def _bound(default: float, most: float, about: str, *, whole: bool) -> Any:  # noqa: ANN401 - the field's own annotation is what counts
    kind: Kind = number(0, most, whole=whole)
    return field(default=default, metadata={"kind": kind, "about": about})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The most within a minute, and of money a day; 0: no bound."""

    requests_per_minute: int = _bound(0, 1_000_000, "Most requests a minute", whole=True)
    tokens_per_minute: int = _bound(0, 1_000_000_000, "Most tokens a minute", whole=True)
    daily_budget: float = _bound(0.0, 1_000_000, "Most money a day", whole=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Whoever has a token; without tokens there is one, whose name is "".

    The metrics name everybody with what he has used, so that not everybody `reads_metrics`.
    """

    name: str = ""
    bounds: Bounds = Bounds()
    reads_metrics: bool = False
