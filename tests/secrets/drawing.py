"""Values as issuers draw them, from a seed: no secret stands in this repository."""

import random
import string

DIGITS = string.digits
LOWER = string.ascii_lowercase + DIGITS
UPPER = string.ascii_uppercase + DIGITS
LETTERS = string.ascii_letters + DIGITS
URLSAFE = LETTERS + "-_"
BASE64 = LETTERS + "+/"
HEX = DIGITS + "abcdef"
BASE32 = string.ascii_uppercase + "234567"


def draw(alphabet: str, length: int, seed: str) -> str:
    """Return `length` characters, the same for the same seed; it begins and ends in a letter."""
    source = random.Random(f"{seed} {length}")  # noqa: S311 - the same every time
    letters = [each for each in alphabet if each.isalpha()] or alphabet
    inner = "".join(source.choices(alphabet, k=length - 2))
    return source.choice(letters) + inner + source.choice(letters)


def block(kind: str, lines: int, *, width: int = 64, rest: int = 24) -> tuple[str, ...]:
    """Return the body of a private key: full lines, and a shorter last one."""
    full = [draw(BASE64, width, f"{kind} {n}") for n in range(lines)]
    return (*full, draw(BASE64, rest, f"{kind} rest") + "==")


def border(side: str, what: str) -> str:
    """Return the first or last line of a block."""
    return f"-----{side} {what}-----"
