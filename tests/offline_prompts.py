"""What tests of the offline provider ask it, as texts with the cursor marked as ‸."""

from codestral_ls.fim.offline import propose
from codestral_ls.model import Parameters, Prompt, SourceText

URI = "file:///project/main.py"
PARAMETERS = Parameters(max_tokens=64, temperature=0.0)


def prompt_at(marked: str, uri: str = URI) -> Prompt:
    """Splits a text at its cursor."""
    prefix, _, suffix = marked.partition("‸")
    return Prompt(uri=uri, language="python", prefix=prefix, suffix=suffix, parameters=PARAMETERS)


def complete(marked: str, *others: str, copies: int = 40) -> str:
    """Returns what is proposed at the cursor; nothing is the empty string.

    Each text is there many times, so that it passes the gate unless another one contradicts it.
    """
    texts = [
        SourceText(uri=f"file:///project/other{number}.py", text=text)
        for number, text in enumerate(others * copies)
    ]
    proposal = propose(prompt_at(marked), texts)
    return proposal.text if proposal else ""


TESTING = """\
class Suite:
    def test_one(self):
        self.message = Message("hello", self.sender)
        client = self.connect()
        client.send(self.message)
        self.assertTrue(client.received)
"""
