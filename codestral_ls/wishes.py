"""Who asks, and what a single request wants otherwise than the settings say. Pure."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is wanted of one answer; 0, `None` and empty leave it to the settings."""

    max_tokens: int = 0
    candidates: int = 0
    stop: tuple[str, ...] = ()
    temperature: float | None = None
    top_p: float | None = None
    min_tokens: int = 0
    random_seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What was generated in one scope is not shown in another, unless asked byte for byte alike.

    An editor has one alone; where several share a server, each `owner` has scopes of his own.
    """

    owner: str = ""
    wishes: Wishes = field(default_factory=Wishes)


EVERYBODY = Scope()
