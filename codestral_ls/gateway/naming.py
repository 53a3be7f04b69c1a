"""What a gateway sees of the world beside a text: the name that its client gives it."""

import os
from collections.abc import Iterable
from functools import lru_cache, partial

from codestral_ls.context.privacy import Ignored, denial, path_of, read_disabled
from codestral_ls.context.view import NoView

MOST_NAMES = 4096
"""Of files that are open in all editors together."""


class NamedView(NoView):
    """Texts with the name of a file that is never sent are not sent here either.

    `disabled_paths` are the patterns of the settings. Where a client's folders begin is not known:
    one that is relative holds in each.
    """

    def __init__(self, disabled_paths: Iterable[str] = ()) -> None:
        super().__init__()
        patterns = tuple(map(_anywhere, disabled_paths))
        disabled = read_disabled(patterns, folders=("/",), home=os.path.expanduser("~"))  # noqa: PTH111 - never raises
        self._denial = lru_cache(MOST_NAMES)(partial(_denial, disabled))

    async def denial(self, uri: str) -> str:
        """The name of the rule by which a text may not be sent; "" if it may."""
        return self._denial(uri)

    def known_denial(self, uri: str) -> str:
        """The same; it takes no time."""
        return self._denial(uri)


def _denial(disabled: Ignored, uri: str) -> str:
    return denial(path_of(uri), disabled=disabled)


def _anywhere(pattern: str) -> str:
    pattern = pattern.strip()
    negation, rest = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    is_relative = "/" in rest.rstrip("/") and not rest.startswith(("/", "~", "**/", "\\"))
    return f"{negation}**/{rest}" if is_relative else pattern
