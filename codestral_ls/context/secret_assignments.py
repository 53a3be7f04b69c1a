"""Secrets told from the names that they are given to: `password = "..."` in every syntax. Pure."""

import re
from collections.abc import Iterator

from codestral_ls.context.secret_kinds import ASSIGNED, OWNERS, TELLING
from codestral_ls.context.secret_values import looks_generated, looks_signed, looks_typed

NAMES = (
    *("pass", "pwd", "secret", "token", "credential", "key"),
    *("kennwort", "contrase", "senha", "\u043f\u0430\u0440\u043e\u043b\u044c", "\u5bc6\u7801"),
)
"""In lower case; every name of a secret holds one."""
NAME_CHARS = 64
JUDGED_CHARS = 256
"""Of a value: what is longer does not look different."""

_VALUE = re.compile(
    r"""
    (?P<rest>[\w.-]{0,40})                               # of the name
    (?:
        \\{0,3}["'`]?(?:\[\w{0,8}\]|[\])])?              # config["password"], char password[9]
        (?:\s{0,4}:\s{0,2}[A-Za-z&*?][\w.<>\[\]?&*|]{0,40}    # password: str = ...
          |[ ][A-Za-z*&][\w.]{0,20})?                    # password string = ...
        [ \t]{0,8}
        (?P<sign>[!=]==?|[:?|+]?=>?|=>|->|:|,|\(|\{(?=["'])|\|\||\?\?|>|[\uFF1D\uFF1A])
        \*{0,2}\s{0,40}
        (?P<yaml>(?<=[ ])(?:[|>][+-]?\d?[ ]{0,8}\n\s{0,40}|[!&]\w{1,24}[ ]))?
        |["']?[,\s]\s{0,40}\{?\s{0,40}["']?(?:value|content|default)["']?\s{0,2}[:=]\s{0,2}
        |(?P<gap>[ \t]{1,8})                             # ENV API_KEY ..., #define PASSWORD "..."
    )
    (?:
        (?:(?:new\s)?[\w\[\].:<>]{1,24}\(|[A-Za-z]{0,2}[$@]?(?:\(\s{0,40})?)   # Key("..."), b"..."
        (?P<escape>\\{1,3})?(?P<quote>\"\"\"|'''|["'`])(?(gap)(?![,;:)\]}+.]))
        |(?<=[=>\uFF1D\uFF1A])|(?<=[=:*][ ])
        |(?(yaml)(?=\S)|(?(gap)(?=\S)|(?!)))
    )
    (?=[^\s0-9]{0,64}[0-9])                              # a secret has digits
    (?P<value>(?(escape)[^\s"'`\\]{8,512}
      |(?(quote)(?:(?!(?P=quote))[^\s\\]|\\.){8,512}|[^\s"'`<>;,=]{8}[^\s"'`<>;,]{0,504})))
    """,
    re.VERBOSE,
)
_REST = re.compile(r"(?:[^\s\\\"'`<>;,]|\\.)*+")
"""Of a value that is a secret and longer than was looked at."""
_BEFORE = re.compile(r"(?:::)?(?<![\w-])[\w-]*\Z")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z\u00DF-\u00FF]+|[\u0400-\u04FF\u4E00-\u9FFF]+")
_ADDRESS = re.compile(r"[.:]")
_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[\"'$!])")
"""Signs in a value as a language writes them."""

_SECRETS = frozenset(
    {"pass", "password", "passwd", "passphrase", "passcode", "pwd", "secret", "secrets", "token"}
    | {"tokens", "credential", "credentials", "apikey", "authtoken", "accesstoken", "secretkey"}
    | {"accesskey", "privatekey", "passe", "passwort", "kennwort", "contrasena", "contrase\u00f1a"}
    | {"senha", "\u043f\u0430\u0440\u043e\u043b\u044c", "\u5bc6\u7801"}
)
_KEYS = frozenset(
    {"api", "access", "private", "secret", "signing", "sign", "encryption", "encrypt", "master"}
    | {"account", "storage", "auth", "shared", "admin", "service", "app", "application", "server"}
    | {"hmac", "jwt", "session", "license", "webhook", "deploy", "ingest", "write", "cipher", "aes"}
)
"""What a key is for, if it is one to a door and not to a dictionary."""
_ADDED = frozenset(
    {"prod", "production", "dev", "development", "staging", "live", "test", "local", "value"}
    | {"base", "default", "str", "string", "text", "raw", "current", "new", "old", "main", "b"}
)
"""Words behind the name proper: SECRET_KEY_BASE, passwordNew."""
_ABOUT = frozenset(
    {"id", "ids", "name", "type", "url", "uri", "hash", "digest", "sha", "checksum", "path", "file"}
    | {
        "version",
        "arn",
        "expires",
        "count",
        "index",
        "field",
        "regex",
        "pattern",
        "format",
        "label",
    }
    | {"salt", "length", "size", "class", "kind", "policy", "fingerprint", "algorithm", "header"}
    | {"input"}
)
"""What is said of a secret, and is none."""
_OPEN = frozenset(
    {"next", "page", "request", "continuation", "pagination", "starting", "public", "cancel"}
    | {"change", "lock", "idempotency", "lifecycle"}
)
"""Kinds of tokens and keys that open nothing."""


_UNFINISHED = re.compile(
    rf"""
    (?P<name>[\w-]{{0,40}}(?i:{"|".join(NAMES)})[\w-]{{0,40}})
    (?:
        \\{{0,3}}["'`]?[\])]?(?:[ ]?:[ ]?[\w.&\[\]|<>]{{1,40}}|[ ][\w.]{{1,20}})?
        [ \t]{{0,8}}(?:[!=]==?|[:?|+]?=>?|=>|->|:|,|\(|\|\||\?\?)[ \t]{{0,8}}
        (?:[\w.:]{{1,24}}\(|[A-Za-z]{{0,2}}[$@]?\(?)\\{{0,3}}(?P<quote>["'`])
        |(?<=[A-Z])=                                     # in a shell
    )
    (?P<value>[^\s"'`<>{{}}$%]{{2,128}})\Z
    """,
    re.VERBOSE,
)
_TO_END = re.compile(r"[^\s\"'`]*")


def find_unfinished(text: str, cursor: int) -> Iterator[tuple[str, int, int]]:
    """Yields the secret in which a cursor stands: key by key it does not look like one yet."""
    start = max(text.rfind("\n", 0, cursor) + 1, cursor - 4 * NAME_CHARS)
    line, end = text[start:cursor], _TO_END.match(text, cursor)
    if mark := TELLING.search(line):
        yield ASSIGNED, start + mark.start(1), end.end() if end else cursor
        return
    found = _UNFINISHED.search(line)
    words = [word.lower() for word in _WORD.findall(found["name"])] if found else []
    while words and words[-1] in _ADDED:
        words.pop()
    if found and words and _opens(words, len(words) - 1) and not _OPEN.intersection(words):
        yield ASSIGNED, start + found.start("value"), end.end() if end else cursor


def find_assigned(text: str, lowered: str) -> Iterator[tuple[str, int, int]]:
    """Yields kind, start and end of each secret value; `lowered` is the text in lower case."""
    for word in NAMES:
        at = lowered.find(word)
        while at >= 0:
            end = at + len(word)
            found = _VALUE.match(text, end)
            kind = _kind(_name(text, at, found.end("rest")), found) if found else ""
            if found and kind:
                rest = _REST.match(text, found.end())
                end = rest.end() if rest else found.end()
                yield kind, found.start("value"), end
            at = lowered.find(word, end)


def _name(text: str, at: int, end: int) -> str:
    """Returns the name that holds the word at `at` and goes on to `end`."""
    before = _BEFORE.search(text, max(0, at - NAME_CHARS), at)
    return text[before.start() if before else at : end]


def _kind(name: str, found: re.Match[str]) -> str:
    """Returns the kind of secret that a value is by its name and looks, "" if it is none."""
    words = [word.lower() for word in _WORD.findall(name)]
    while words and words[-1] in _ADDED:
        words.pop()
    if (
        not words
        or name.startswith("::")
        or _OPEN.intersection(words)
        or not _is_secret(words, found)
    ):
        return ""
    joined = "".join(words)
    return next((kind for word, kind in OWNERS if word in joined), ASSIGNED)


def _is_secret(words: list[str], found: re.Match[str]) -> bool:
    if not any(_opens(words, n) for n in range(len(words))):
        return False
    value = _ESCAPE.sub("x", found["value"][:JUDGED_CHARS])
    is_word = bool(found["gap"] and not found["quote"])  # behind a word
    if looks_generated(value):
        return words[-1] not in _ABOUT and not (is_word and _ADDRESS.search(value))
    if is_word or not _opens(words, len(words) - 1) or not _is_whole(found):
        return False
    if found["sign"] == "(" and not words[-1].startswith("pass"):
        return False  # token("...") takes one apart as often as it sets one
    return looks_typed(value) if found["quote"] else looks_signed(value)


def _opens(words: list[str], n: int) -> bool:
    word = words[n]
    if word in {"key", "keys"}:
        return n > 0 and words[n - 1] in _KEYS
    return word in _SECRETS or word.endswith(("password", "passwd", "secret", "apikey"))


def _is_whole(found: re.Match[str]) -> bool:
    """Whether a value is all that stands there: not a word of a sentence or a sum.

    One that is being typed ends in its line, or with the text.
    """
    rest = found.string[found.end() : found.end() + 80].partition("\n")[0]
    return (
        not rest.strip()
        or not rest.startswith(" ")
        or rest.lstrip().startswith(("#", ";", "--", "\\"))
    )
