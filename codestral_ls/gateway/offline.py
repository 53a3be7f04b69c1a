"""What goes on at a cursor, found in the prompt itself: there is no workspace here."""

import asyncio

from codestral_ls.context.matching.matcher import Matcher
from codestral_ls.model import Prompt


async def propose(prompt: Prompt) -> str | None:
    """How the code most probably goes on; "" where nothing is likely.

    It takes some milliseconds for the longest of prompts, in which others are answered.
    """
    return await asyncio.to_thread(_propose, prompt)


def _propose(prompt: Prompt) -> str:
    proposal = Matcher().propose(prompt)
    return proposal.text if proposal is not None else ""
