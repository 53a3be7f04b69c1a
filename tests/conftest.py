"""Fixtures that many tests share."""

from pathlib import Path

import pytest

from codestral_ls.context.index.indexer import Indexer
from tests.worker_parts import Bench
from tests.workspace_files import Write, writer


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes files below the test's folder."""
    return writer(tmp_path)


@pytest.fixture
def bench() -> Bench:
    """What an indexer works with, written down."""
    return Bench()


@pytest.fixture
def indexer(tmp_path: Path, bench: Bench) -> Indexer:
    """An indexer of the test's folder."""
    return bench.indexer(str(tmp_path))
