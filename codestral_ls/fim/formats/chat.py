"""`POST /v1/chat/completions`: models that only talk, asked for the missing text. Pure."""

from typing import Any

from codestral_ls.fim.formats.openai import NO_CREDIT, plain_body
from codestral_ls.fim.formats.terms import Target, scalar_text
from codestral_ls.model import Prompt

HOLE = "<HOLE>"
SYSTEM = (
    "You complete code in an editor. The user shows a file in which {hole} marks the cursor. Write "
    "exactly the text that belongs in its place, as it would stand in the file: blanks and line "
    "ends included, no explanation, no Markdown, and nothing of what already stands before or "
    "behind it. Write a few lines at most, and nothing at all if nothing is missing."
)
HINTS = (NO_CREDIT,)


def body(prompt: Prompt, target: Target) -> dict[str, Any]:
    """The question, with other files before the document."""
    hole = _hole(prompt)
    settings = plain_body(prompt, target)
    del settings["prompt"]
    return {
        **settings,
        "messages": [
            {"role": "system", "content": SYSTEM.replace("{hole}", hole)},
            {"role": "user", "content": scalar_text(_shown(prompt, hole))},
        ],
    }


def _hole(prompt: Prompt) -> str:
    """A mark that does not stand in the code."""
    hole = HOLE
    while hole in prompt.prefix or hole in prompt.suffix:
        hole = f"<{hole}>"
    return hole


def _shown(prompt: Prompt, hole: str) -> str:
    others = (f"Part of the file {it.path}:\n\n{it.text}\n\n" for it in prompt.snippets)
    name = f" {prompt.path}" if prompt.path else ""
    language = f" ({prompt.language})" if prompt.language else ""
    document = f"{prompt.prefix}{hole}{prompt.suffix}"
    return "".join([*others, f"The file{name}{language}:\n\n{document}"])
