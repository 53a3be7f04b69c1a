"""Whether a value looks like a secret: made by a generator, or by a person for a lock. Pure."""

import re
from base64 import b64decode
from binascii import Error
from collections import Counter
from math import log2

TOKEN_CHARS = 16
"""The shortest generated value that is told from a word."""
PASSWORD_CHARS = 8
KINDS = 2
"""Of small letters, capitals and signs, beside digits, in what a person makes up."""
SIGNS = 3
"""In what a generator makes that draws from all of a keyboard."""
HEX_BITS, TOKEN_BITS = 2.6, 3.2
"""Per character: of 16 random digits in base 16, and of 16 in base 32, hardly any has fewer."""
LEAST_DISTINCT = 6
LETTERS_PER_WORD = 2.8
"""Names of things have longer words: 4 and more; random text in base 62 has 1.9."""
LETTERS_AT_ONE_NUMBER = 2.4
"""The same where the number may be that of a name."""
LETTERS_IN_ONE_CASE = 4.5
"""The same where nothing separates words: random text has 2.5 in base 36, 3.3 in base 32."""
DULL = frozenset(
    {"", "password", "passwd", "passwort", "pass", "passw0rd", "pw", "pwd", "psw", "secret", "user"}
    | {"username", "name", "token", "key", "guest", "root", "admin", "test", "postgres", "mysql"}
    | {"tiger", "string", "str", "x-oauth-basic", "x-access-token", "oauth2", "mypassword"}
    | {"changeme", "example", "foo", "bar", "baz", "hunter2", "redacted", "...", "port", "abc"}
)
"""What stands for a password in examples."""

_GENERATED = re.compile(r"[A-Za-z0-9+/=_.~:-]+")
_HEX = re.compile(r"(?:0x)?([0-9a-f]{16,}|[0-9A-F]{16,})")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BLANK = re.compile(r"[<>{}()]|^[$%:]|^[Xx]+$")
"""A part to be filled in, by a person or a program."""
_ONE_CASE = re.compile(r"[a-z0-9]{16,}=*|[A-Z0-9]{16,}=*")
_NUMBER = re.compile(r"[0-9]+")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_NOT_TYPED = re.compile(
    r"[\s\"'`<>{}()\[\]\\/;,]|\$[A-Z_]{2}|\$[a-z_]{4}|%[sd(]|://|\.\w+\(|^[.#:@$^*-]|[$=]$"
)
_INVENTED = re.compile(
    r"example|changeme|change_me|your|xxx|\*\*\*|\.\.\.|todo|dummy|placeholder|sample|fake|insert"
    r"|replace|redacted|foobar|foo_bar|0123456789|123456789|abcdef0|deadbeef|aaaa|0000000|lorem"
)
_SYNTAX = re.compile(r"\\|[Aa]-[Zz]|0-9|[$%#]\{|://|\(\?")
_STRONG = re.compile(r"[!#$%&*+=?@^|~]")


def looks_generated(value: str) -> bool:
    """Whether a value was drawn at random: letters and digits that make no words."""
    if len(value) < TOKEN_CHARS or looks_invented(value) or _DATE.match(value):
        return False
    if hexadecimal := _HEX.fullmatch(value):
        digits = sum(map(str.isdigit, value))
        return 0 < digits < len(value) and entropy(hexadecimal[1]) >= HEX_BITS
    if _UUID.fullmatch(value):
        return entropy(value) >= HEX_BITS
    plain = _GENERATED.fullmatch(value) or (
        len(_STRONG.findall(value)) >= SIGNS and not _SYNTAX.search(value)
    )
    return bool(plain) and _mixed(value) and entropy(value) >= TOKEN_BITS


def looks_typed(value: str) -> bool:
    """Whether a value is one that a person made up for a lock: no word, no path, no format."""
    # Without a sign, OAuth2Token looks the same as Tr0ub4dor3 but for its one number.
    several = len(_NUMBER.findall(value)) > 1
    return looks_signed(value) or (_made_up(value) and several and _mixed(value))


def looks_signed(value: str) -> bool:
    """Whether the same is so, and one of the signs that words and numbers lack is in it."""
    return _made_up(value) and bool(_STRONG.search(value))


def _made_up(value: str) -> bool:
    if len(value) < PASSWORD_CHARS or _NOT_TYPED.search(value) or looks_invented(value):
        return False
    lower, upper = any(map(str.islower, value)), any(map(str.isupper, value))
    signs = _STRONG.search(value)
    return any(map(str.isdigit, value)) and lower + upper + bool(signs) >= KINDS


def looks_chosen(value: str) -> bool:
    """Whether a value that stands where a password belongs is one, and not a word for it."""
    return value.lower().strip("*") not in DULL and not _BLANK.search(value)


def looks_like_login(value: str) -> bool:
    """Whether a value is a name and a password in base64, or a token."""
    try:
        login = b64decode(value + "=" * (-len(value) % 4), validate=True)
    except Error:
        return False
    name, colon, password = login.partition(b":")
    return looks_generated(value) or bool(login.isascii() and name and colon and password)


def looks_secret(value: str) -> bool:
    """Whether a value was drawn or made up."""
    return looks_generated(value) or looks_typed(value)


def looks_real(value: str) -> bool:
    """Whether a value in the place of a generated one is more than `xxxxxxxx`."""
    return len(set(value)) >= LEAST_DISTINCT


def looks_invented(value: str) -> bool:
    """Whether a value says itself that it is none, as examples do."""
    return not looks_real(value) or bool(_INVENTED.search(value.lower()))


def entropy(text: str) -> float:
    """Returns the bits per character, by how often each occurs in the text itself."""
    size = len(text)
    return -sum(n / size * log2(n / size) for n in Counter(text).values())


def _mixed(value: str) -> bool:
    """Whether letters and digits alternate more often than in words and their numbers."""
    words = _WORDS.findall(value)
    numbers = len(_NUMBER.findall(value))
    if _ONE_CASE.fullmatch(value):
        most = LETTERS_IN_ONE_CASE if numbers > 1 else 0.0
    else:
        most = LETTERS_PER_WORD if numbers > 1 else LETTERS_AT_ONE_NUMBER
    return not value.isdigit() and numbers > 0 and sum(map(len, words)) < most * len(words)
