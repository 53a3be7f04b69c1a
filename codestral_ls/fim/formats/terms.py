"""What all wire formats speak of: targets, errors and what they mean, lists of models. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from codestral_ls.errors import FimError
from codestral_ls.vendors import Quirks


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whom a request is for. `template` is the setting `fim_template`, "" by the model's name."""

    model: str
    template: str = ""
    quirks: Quirks = field(default_factory=Quirks)


class Hint(NamedTuple):
    """What a server means by an error: the words say it, and what to do.

    It counts for one status, or for any (0), where the pattern is found in what the server says.
    The words hold `{host}`, `{model}`, `{status}`, `{address_in}` for the setting with the address,
    and `{said}` for the server's own.
    """

    status: int
    pattern: str
    kind: type[FimError]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedModel:
    """A model that an endpoint has. `fim` is None and `context` 0 where it does not say.

    `replaced_by` names the model to take instead of one that is going to be withdrawn.
    """

    id: str
    fim: bool | None = None
    context: int = 0
    replaced_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """How an endpoint tells which models it has.

    `body(model)` is what to send with a POST, None with a GET; `read(text, model)` takes the body
    of the reply, and the model that was asked about, which not every server repeats.
    """

    path: str
    read: Callable[[str, str], tuple[ListedModel, ...]]
    method: str = "GET"
    body: Callable[[str], dict[str, Any] | None] = lambda _: None


def scalar_text(text: str) -> str:
    """Text that UTF-8 can carry: a lone surrogate, which editors do send, becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def plain_text(text: str) -> str:
    """Text that any editor and any terminal can take: tabs and line ends alone control them."""
    return _CONTROL.sub("", scalar_text(text))


def chosen(**parameters: object) -> dict[str, Any]:
    """The parameters that are set: servers have defaults of their own for the others."""
    return {name: value for name, value in parameters.items() if value not in (None, "", [])}
