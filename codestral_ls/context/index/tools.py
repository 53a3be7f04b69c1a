"""What the worker process works with: index, matcher and privacy rules as they are used."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from codestral_ls.context.access import PathRules
from codestral_ls.context.index.index import Index
from codestral_ls.context.index.indexer import Denial, Tools
from codestral_ls.context.index.wire import Configure
from codestral_ls.context.matching.matcher import Matcher
from codestral_ls.context.privacy import OUTSIDE
from codestral_ls.context.secrets import redact


def _index(folders: Sequence[str], read: Callable[[str], str]) -> Index:
    return Index(folders=folders, read=read, exists=os.path.exists)


def _rules(configuration: Configure) -> Denial:
    """What denies a path in each of the workspace folders it is in; folders may overlap."""
    folders = [Path(folder) for folder in configuration.folders]
    all_rules = [
        (
            folder.as_posix().rstrip("/") + "/",
            PathRules(folder, configuration.disabled_paths, folders=folders),
        )
        for folder in folders
    ]

    def denial(path: str) -> str:
        inside = [rules for base, rules in all_rules if path.startswith(base)]
        native = path.replace("/", os.sep)
        verdicts = (rules.denial(native) for rules in inside)
        return next(filter(None, verdicts), "") if inside else OUTSIDE

    return denial


TOOLS = Tools(
    ranker=_index,
    matcher=Matcher,
    rules=_rules,
    redact=lambda text: redact(text).text,
    now=time.monotonic,
)
