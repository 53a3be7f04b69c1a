"""`codestral-ls doctor`: everything that ghost text needs, looked at, and what to do."""

from codestral_ls.commands.doctor.doctor import run_doctor as run_doctor
