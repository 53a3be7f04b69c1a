"""Fixtures that many tests share."""

from pathlib import Path

import pytest

from tests.workspace_files import Write, writer


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes files below the test's folder."""
    return writer(tmp_path)
