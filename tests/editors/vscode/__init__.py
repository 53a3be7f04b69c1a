"""A real VS Code, in a browser without a window, driven as a person drives it."""

from .editor import VSCode
from .install import Install, find_chromium_and_code_server, find_code_server, find_extension

__all__ = [
    "Install",
    "VSCode",
    "find_chromium_and_code_server",
    "find_code_server",
    "find_extension",
]
