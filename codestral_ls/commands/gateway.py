"""`codestral-ls gateway`: serves HTTP, and keeps the file of tokens."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from codestral_ls.commands.gateway_arguments import flags_of
from codestral_ls.configuration import machine_layers, place_of, statistics_file
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.settings_layers import read_gateway
from codestral_ls.layers import NOTHING_SENT, Problem, resolve
from codestral_ls.settings import Settings

TOKENS_NAME = "gateway-tokens.json"
EXTRA = frozenset({"starlette", "uvicorn", "pydantic", "prometheus_client", "redis", "httptools"})
NO_EXTRA = """\
codestral-ls gateway: {module} is not installed, which answering by HTTP needs. Install it with:
  pip install 'codestral-ls[gateway]'
"""


def run_gateway(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Serves until a signal ends it, or does what there is to be done with tokens."""
    layers = machine_layers(environ)
    own, wrong = read_gateway(layers, flags_of(arguments))
    settings, problems = resolve(layers)
    if arguments.below == "token":
        return _run_token(arguments, own, wrong, environ)
    told = [*wrong, *(_words(each) for each in problems if each.loud)]
    for each in told:
        sys.stderr.write(f"codestral-ls gateway: {each}\n")
    if wrong or any(each.grave for each in problems):
        sys.stderr.write("codestral-ls gateway: It is not started until this is corrected.\n")
        return 2
    return _serve(own, settings, environ)


def _words(problem: Problem) -> str:
    """Without what an editor's server does then, which a gateway does not."""
    return problem.message.removesuffix(NOTHING_SENT).rstrip()


def _run_token(
    arguments: argparse.Namespace,
    own: GatewaySettings,
    wrong: tuple[str, ...],
    environ: Mapping[str, str],
) -> int:
    from codestral_ls.commands.gateway_tokens import run_token  # noqa: PLC0415 - nobody who serves needs it

    if wrong:
        sys.stderr.writelines(f"codestral-ls gateway: {each}\n" for each in wrong)
        return 2
    return run_token(arguments, tokens_path(own, environ))


def tokens_path(own: GatewaySettings, environ: Mapping[str, str]) -> Path:
    """The file of the tokens: the one that is chosen, or the usual one."""
    usual = statistics_file(environ).with_name(TOKENS_NAME)
    return place_of(own.tokens).absolute() if own.tokens else usual


def _serve(own: GatewaySettings, settings: Settings, environ: Mapping[str, str]) -> int:
    try:
        from codestral_ls.gateway.process import serve  # noqa: PLC0415 - an extra, and slow
        from codestral_ls.gateway.starting import NotServing, Plan  # noqa: PLC0415 - an extra, and slow
    except ImportError as error:
        module = (error.name or "").partition(".")[0]
        if module not in EXTRA:
            raise
        sys.stderr.write(NO_EXTRA.format(module=module))
        return 1
    plan = Plan(
        own=own,
        settings=settings,
        statistics=statistics_file(environ),
        tokens=tokens_path(own, environ),
    )
    try:
        return serve(plan)
    except NotServing as error:
        sys.stderr.write(f"codestral-ls gateway: {error}\n")
        return error.status
