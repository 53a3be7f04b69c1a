"""What `codestral-ls gateway` takes. Nothing of it is imported: `--help` is there at once."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Any

ABOUT = """\
Serves HTTP: one key, one cache, one limit and one bill for all who ask. It completes by the same
settings as the language server does; its own are these flags, CODESTRAL_LS_GATEWAY_* variables and
the table [gateway] of config.toml, flags over variables over the file.
"""

ABOUT_STATUS = """\
SIGTERM, SIGINT and SIGHUP end it once all replies are given; a second one ends it at once. Exit
status: 0 after such a signal, 1 if it cannot serve, 2 if something is set wrongly. Secrets are no
flags: CODESTRAL_LS_GATEWAY_SECRET and CODESTRAL_LS_GATEWAY_REDIS hold them.
"""

ABOUT_TOKENS = """\
Tokens say who asks. As soon as there is a file of tokens, nobody is answered without one.
"""

FLAGS: Mapping[str, tuple[str, str]] = {
    "host": ("HOST", "address to listen on (127.0.0.1)"),
    "port": ("PORT", "port to listen on, 0 for any that is free (8787)"),
    "workers": ("N", "processes that answer; more than one needs --redis (1)"),
    "redis": ("URL", "what processes and gateways share texts and limits through"),
    "open": ("", "answer whoever can reach it, without a token"),
    "tokens": ("FILE", "the file of the tokens"),
    "origins": ("LIST", "origins of web pages that may ask, with commas between them"),
    "fim": ("HOW", "what /v1/fim/completions answers: raw or shaped (raw)"),
    "models": ("LIST", "further models that may be asked for, as in `providers`"),
    "max_body": ("BYTES", "most bytes of a request (1000000)"),
    "cache_seconds": ("N", "how long a text is kept for all (3600)"),
    "drain_seconds": ("N", "how long replies may take when it is to end (10)"),
    "user_requests_per_minute": ("N", "most requests a minute of each user"),
    "user_tokens_per_minute": ("N", "most tokens a minute of each user"),
    "user_daily_budget": ("X", "most money a day of each user"),
    "requests_per_minute": ("N", "most requests a minute of all together"),
    "tokens_per_minute": ("N", "most tokens a minute of all together"),
    "daily_budget": ("X", "most money a day of all together"),
    "certificate": ("FILE", "the certificate (PEM), to answer by https"),
    "certificate_key": ("FILE", "its key (PEM), if it is in another file"),
}
"""By the name of the setting: what stands for its value, and what it does."""

BELOW = "token"
BOUNDS = ("requests_per_minute", "tokens_per_minute", "daily_budget")


def add_gateway(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command and what belongs to it."""
    gateway = commands.add_parser(
        "gateway",
        help="serve HTTP, for a team and for editors that speak no LSP",
        description=ABOUT,
        epilog=ABOUT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name, (metavar, told) in FLAGS.items():
        _add_flag(gateway, name, metavar, told)
    # Not required: without it the gateway serves.
    below = gateway.add_subparsers(dest="below", metavar=BELOW)
    token = below.add_parser(
        BELOW, help="make, list and revoke tokens of users", description=ABOUT_TOKENS
    )
    _add_actions(token.add_subparsers(dest="action", metavar="ACTION", required=True).add_parser)


def unknown_flag(arguments: Sequence[str]) -> str:
    """What is wrong with a flag that does not exist; "" if nothing is.

    argparse would take what follows it for an action, and name that: it may be a secret.
    """
    flags = ("--help", *map(_flag, FLAGS))
    for each in takewhile(lambda word: word != BELOW, arguments):
        flag = each.partition("=")[0]
        if flag.startswith("--") and not any(known.startswith(flag) for known in flags):
            from codestral_ls.kinds import did_you_mean  # noqa: PLC0415 - only who errs needs it

            near = did_you_mean(flag, flags)
            return f"there is no {flag}{near and '; '}{near}"
    return ""


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def flags_of(arguments: argparse.Namespace) -> dict[str, object]:
    """What the command line says of settings, none of it checked yet."""
    return {name: getattr(arguments, name) for name in FLAGS if hasattr(arguments, name)}


def _add_flag(parser: argparse.ArgumentParser, name: str, metavar: str, told: str) -> None:
    flag = _flag(name)
    if metavar:
        parser.add_argument(flag, dest=name, metavar=metavar, default=argparse.SUPPRESS, help=told)
    else:
        parser.add_argument(
            flag, dest=name, action="store_true", default=argparse.SUPPRESS, help=told
        )


def _add_actions(add: Callable[..., Any]) -> None:
    create = add("create", help="make a token for a user, and print it this once")
    create.add_argument("name", metavar="NAME", help="of the user: letters, digits, . _ @ -")
    create.add_argument("--days", metavar="N", default="0", help="after which it expires")
    told = "it may read /metrics, which name all users with what they have used"
    create.add_argument("--metrics", action="store_true", help=told)
    for name in BOUNDS:
        metavar, told = FLAGS[f"user_{name}"]
        _add_flag(create, name, metavar, told.replace("each user", "this user"))
    revoke = add("revoke", help="take a user's token away")
    revoke.add_argument("name", metavar="NAME", help="of the user")
    show = add("list", help="say who has a token")
    show.add_argument("--json", action="store_true", help="as JSON")
    for each in (create, revoke, show):
        _add_flag(each, "tokens", *FLAGS["tokens"])
