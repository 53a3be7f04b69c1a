"""Names that come from outside, without paths and not endlessly many. Pure."""

import re
from collections.abc import Iterable

from codestral_ls.happenings import Labels

NAME_CHARS = 60
"""The longest of Hugging Face's models of the last years have 56 behind the slash."""
MOST_NAMES = 100
"""Of languages, and of models, in one file: more than anybody has; from then on it is `OTHER`."""
MOST_OWNERS = 1000
"""The same of people who share a gateway, of whom there are more."""
OTHER = "other"

_UNUSUAL = re.compile(r"[^\w .+#:@()-]")
_BEHIND_PATH = re.compile(r"[?#].*", re.DOTALL)
_SLASHES = re.compile(r"[/\\]+")
_FORMULA = "=+-@ "
"""With these a spreadsheet takes a cell for a formula."""


def cleaned(name: str) -> str:
    """The last part of a name that may be a path, short and harmless.

    A server of one's own may call its model `/home/me/models/x.gguf`; of an address neither whose
    it is nor what is asked of it is kept.
    """
    last = _SLASHES.split(_path_of(name).rstrip("/\\"))[-1]
    return _UNUSUAL.sub("-", last).lstrip(_FORMULA)[:NAME_CHARS].rstrip()


def _path_of(name: str) -> str:
    """Host and path of an address; whatever else as it is."""
    _, mark, rest = name.partition("://")
    if not mark:
        return name
    path = _BEHIND_PATH.sub("", rest)
    # With a "#" in a password it is not known what the rest is.
    return path.rpartition("@")[2] if rest.count("@") == path.count("@") else ""


def cleaned_labels(labels: Labels) -> tuple[str, str, str, str]:
    """Language, provider, model, and owner; an address behind the provider's name is left out."""
    provider = cleaned(labels.provider.partition("@")[0])
    return cleaned(labels.language), provider, cleaned(labels.model), cleaned(labels.owner)


def bounded(names: Iterable[str], known: Iterable[str], most: int = MOST_NAMES) -> dict[str, str]:
    """What to call each name, if no more than `most` may be known altogether."""
    kept = set(known)
    called = {}
    for name in names:
        if name not in kept and len(kept) < most:
            kept.add(name)
        called[name] = name if name in kept else OTHER
    return called
