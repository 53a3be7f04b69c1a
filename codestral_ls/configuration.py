"""Where settings come from outside of an editor: the user's file and the environment."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import platformdirs

from codestral_ls.layers import (
    CONFIG_VARIABLE,
    FILE_ALLOWS,
    Layer,
    Problem,
    environment_layer,
    unwrapped,
)


def user_file(environ: Mapping[str, str]) -> Path:
    """The user's settings file: CODESTRAL_LS_CONFIG, or the system's usual place."""
    chosen = environ.get(CONFIG_VARIABLE, "")
    return Path(chosen) if chosen else platformdirs.user_config_path("codestral-ls") / "config.toml"


def read_user_file(path: Path, *, named: bool = False) -> Layer:
    """Reads the TOML file; one that is missing is empty, one that is broken is a problem.

    One that somebody `named` must be there. Below a home that is no folder (`HOME=/dev/null` of
    build machines) every file is missing.
    """
    try:
        return Layer(str(path), unwrapped(tomllib.loads(path.read_text("utf-8"))), FILE_ALLOWS)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        if isinstance(error, FileNotFoundError | NotADirectoryError) and not named:
            return Layer(str(path), {}, FILE_ALLOWS)
        by_name = f"{CONFIG_VARIABLE}: " if named else ""
        problem = Problem(
            f"{by_name}{path} cannot be read and is ignored: {why_unread(error)}", loud=True
        )
        return Layer(str(path), {}, FILE_ALLOWS, (problem,))


def why_unread(error: OSError | ValueError) -> str:
    """Why a text file cannot be read, in words for the user."""
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text"
    return (isinstance(error, OSError) and error.strerror) or str(error)


def machine_layers(environ: Mapping[str, str]) -> tuple[Layer, ...]:
    """The layers that do not depend on an editor, lowest first."""
    named = bool(environ.get(CONFIG_VARIABLE))
    return (read_user_file(user_file(environ), named=named), environment_layer(environ))
