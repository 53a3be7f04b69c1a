"""How the worker process is started: this very package, and nothing of the workspace."""

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pathspec

import codestral_ls

BOOT = """\
import importlib.util, sys
package, libraries = sys.argv[1:]
sys.path.append(libraries)
spec = importlib.util.spec_from_file_location(
    "codestral_ls", package + "/__init__.py", submodule_search_locations=[package])
module = sys.modules["codestral_ls"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
from codestral_ls.context.index.worker import main
main()
"""
"""Loads our package from where it is: no folder comes before the interpreter's own, and the one
that holds the package is not looked into for anything else.
"""

PASSED_ON = frozenset(
    {
        *("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TMP", "TEMP"),
        *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "USERPROFILE", "APPDATA", "LOCALAPPDATA"),
        *("HOMEDRIVE", "HOMEPATH", "LD_LIBRARY_PATH", "NIX_LD", "NIX_LD_LIBRARY_PATH"),
    }
)


async def spawn_worker() -> asyncio.subprocess.Process:
    """Starts a worker; raises OSError where that is impossible."""
    package, libraries = Path(codestral_ls.__file__).parent, Path(pathspec.__file__).parent.parent
    is_traced = logging.getLogger("codestral_ls").isEnabledFor(logging.DEBUG)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-P", "-c", BOOT, str(package), str(libraries)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if is_traced else subprocess.DEVNULL,
        cwd=os.sep,  # the root: no folder is kept from being removed
        env=environment(os.environ),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What a worker needs of the server's environment: no key is among it."""
    return {
        name: value
        for name, value in environ.items()
        if name.upper() in PASSED_ON or name.upper().startswith("LC_")
    }
