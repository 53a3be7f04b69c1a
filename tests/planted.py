"""Files with invented secrets in them, none of which may reach a model."""

from typing import NamedTuple

from tests.secrets.assigned import assigned
from tests.secrets.blocks import blocks
from tests.secrets.tokens import tokens


class Planted(NamedTuple):
    """A file, and the texts in it that must not be seen anywhere outside."""

    kind: str
    name: str
    text: str
    secrets: tuple[str, ...]


PLANTED = (
    *(Planted(kind, name, text, (secret,)) for kind, name, text, secret in tokens()),
    *(Planted(kind, name, text, (secret,)) for kind, name, text, secret in assigned()),
    *(Planted("private key", name, text, lines) for name, text, lines in blocks()),
)
