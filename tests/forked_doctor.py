"""The doctor's machine, on which the command is forked and not started."""

import os
import subprocess

from tests.doctor_site import Machine
from tests.forked import run_forked


class ForkedMachine(Machine):
    """All is as on a `Machine`; variables for Python itself need one that starts."""

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Runs the command."""
        if not hasattr(os, "fork") or any(each.startswith("PYTHON") for each in environ):
            return super().run(*arguments, **environ)
        return run_forked(("doctor", *arguments), {**self.environ, **environ}, folder=self.folder)
