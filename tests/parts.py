"""Programs that are not Python packages: found, or the test is skipped and says what to install."""

import os
import shutil
from collections.abc import Callable

import pytest

REQUIRED = "CODESTRAL_LS_REQUIRE_EDITORS"
"""With this set to 1, a test fails for want of its program instead of being skipped."""


class MissingPartError(Exception):
    """A program that a test is about is not here; the message says what to do."""


def find_program(variable: str, name: str, remedy: str) -> str:
    """The path of a program: as the environment variable has it, or from PATH."""
    wanted = os.environ.get(variable) or name
    path = shutil.which(wanted)
    if path is None:
        raise MissingPartError(f"no {wanted} here: {remedy}")
    return path


def require(find: Callable[[], str]) -> str:
    """What `find` finds; without it the test is skipped, or fails where it must not be."""
    try:
        return find()
    except MissingPartError as error:
        if os.environ.get(REQUIRED) == "1":
            raise
        pytest.skip(str(error))
