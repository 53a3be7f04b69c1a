"""Where settings come from outside of an editor: the user's file and the environment."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import platformdirs

from codestral_ls.settings import (
    CONFIG_VARIABLE,
    FILE_ALLOWS,
    Layer,
    Problem,
    environment_layer,
)


def user_file(environ: Mapping[str, str]) -> Path:
    """The user's settings file: CODESTRAL_LS_CONFIG, or the system's usual place."""
    chosen = environ.get(CONFIG_VARIABLE, "")
    return Path(chosen) if chosen else platformdirs.user_config_path("codestral-ls") / "config.toml"


def read_user_file(path: Path) -> Layer:
    """Reads the TOML file; one that is missing is empty, one that is broken is a problem.

    Below a home that is no folder (`HOME=/dev/null` of build machines) every file is missing.
    """
    try:
        return Layer(str(path), tomllib.loads(path.read_text("utf-8")), FILE_ALLOWS)
    except (FileNotFoundError, NotADirectoryError):
        return Layer(str(path), {}, FILE_ALLOWS)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problem = Problem(f"{path} cannot be read and is ignored: {error}", loud=True)
        return Layer(str(path), {}, FILE_ALLOWS, (problem,))


def machine_layers(environ: Mapping[str, str]) -> tuple[Layer, ...]:
    """The layers that do not depend on an editor, lowest first."""
    return (read_user_file(user_file(environ)), environment_layer(environ))
