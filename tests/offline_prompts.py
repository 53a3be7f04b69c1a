"""What tests of the offline matchers ask them, as texts with the cursor marked as ‸."""

from codestral_ls.context.matching.matcher import ENOUGH_TYPING, Matcher, Proposal
from codestral_ls.model import Parameters, Prompt

URI = "file:///project/main.py"
PARAMETERS = Parameters(max_tokens=64, temperature=0.0)


def prompt_at(marked: str, path: str = "main.py") -> Prompt:
    """Splits a text at its cursor."""
    prefix, _, suffix = marked.partition("‸")
    return Prompt(
        uri=f"file:///project/{path}",
        path=path,
        language="python",
        prefix=prefix,
        suffix=suffix,
        parameters=PARAMETERS,
    )


def matcher_of(*texts: str, copies: int = 1) -> Matcher:
    """A matcher that has each of some texts a number of times."""
    matcher = Matcher()
    for number, text in enumerate(texts * copies):
        matcher.put(f"other{number}.py", "python", text)
    return matcher


def propose(
    marked: str, *texts: str, copies: int = 1, enough: float = ENOUGH_TYPING
) -> Proposal | None:
    """What is proposed at the cursor, drawn from the document and from texts."""
    return matcher_of(*texts, copies=copies).propose(prompt_at(marked), enough=enough)


def complete(marked: str, *texts: str, copies: int = 40, enough: float = ENOUGH_TYPING) -> str:
    """Returns what is proposed at the cursor; nothing is the empty string.

    Each text is there many times, so that it passes the gate unless another one contradicts it.
    """
    proposal = propose(marked, *texts, copies=copies, enough=enough)
    return proposal.text if proposal else ""


TESTING = """\
class Suite:
    def test_one(self):
        self.message = Message("hello", self.sender)
        client = self.connect()
        client.send(self.message)
        self.assertTrue(client.received)
"""
