"""Certificates: whom to trust, how to show who one is, and what failed when that goes wrong."""

import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from codestral_ls.errors import Refused
from codestral_ls.fim.routes import Network


def _as_browsers() -> ssl.SSLContext:
    import certifi  # noqa: PLC0415 - comes with httpx

    return ssl.create_default_context(cafile=certifi.where())


def tls_context(
    network: Network,
    environ: Mapping[str, str],
    usual: Callable[[], ssl.SSLContext] = _as_browsers,
) -> ssl.SSLContext:
    """What TLS works with; `usual` is taken where neither settings nor environment say anything.

    Raises:
        Refused: a file cannot be used; which one, and what named it.
    """
    context = _trusting(network.ca_file, environ, usual)
    if network.client_cert:
        _show(context, network)
    elif network.client_cert_key:
        raise Refused("There is a `client_cert_key`, but no `client_cert` to go with it.")
    return context


def _trusting(
    ca_file: str, environ: Mapping[str, str], usual: Callable[[], ssl.SSLContext]
) -> ssl.SSLContext:
    file, folder = environ.get("SSL_CERT_FILE", ""), environ.get("SSL_CERT_DIR", "")
    if ca_file:
        context = ssl.create_default_context()
        return _read(_whole(ca_file), "`ca_file`", lambda file: _adding(context, file))
    if file:
        return _read(file, "the variable SSL_CERT_FILE", _only)
    if folder:
        if not Path(folder).is_dir():  # OpenSSL would say nothing, and then trust nobody
            raise Refused(
                f"There is no folder {folder!r} of certificates. Check the variable SSL_CERT_DIR."
            )
        return ssl.create_default_context(capath=folder)
    return usual()


def _read(file: str, named_by: str, load: Callable[[str], ssl.SSLContext]) -> ssl.SSLContext:
    try:
        return load(file)
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", "") or type(error).__name__
    raise Refused(f"No certificates in {file!r}: {said}. Check {named_by}.")


def _adding(context: ssl.SSLContext, file: str) -> ssl.SSLContext:
    context.load_verify_locations(file)
    return context


def _only(file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=file)


class _EncryptedKey(Exception):
    """OpenSSL wants a password, and would ask for it on the editor's terminal."""


def _show(context: ssl.SSLContext, network: Network) -> None:
    """Loads the certificate that says who we are."""
    certificate, key = _whole(network.client_cert), _whole(network.client_cert_key)

    def no_password() -> str:
        raise _EncryptedKey

    for file, named_by in ((certificate, "client_cert"), (key, "client_cert_key")):
        problem = _unreadable(file) if file else ""
        if problem:
            raise Refused(f"{file!r} cannot be read: {problem}. Check `{named_by}`.")
    problem = ""
    key_setting = "client_cert_key" if key else "client_cert"
    try:
        context.load_cert_chain(certificate, key or None, no_password)
    except _EncryptedKey:
        problem = (
            f"The key in {key or certificate!r} needs a password. Store it without one, in a file "
            f"that only you can read (`openssl pkey -in … -out …`), and check `{key_setting}`."
        )
    except (OSError, ValueError) as error:
        said = getattr(error, "reason", "") or getattr(error, "strerror", "") or "no PEM"
        problem = (
            f"No certificate with its key in {certificate!r}"
            f"{f' and {key!r}' if key else ''} ({said.lower().replace('_', ' ')}). Both are PEM; "
            "check `client_cert` and `client_cert_key`."
        )
    if problem:
        raise Refused(problem)


def _unreadable(file: str) -> str:
    try:
        with Path(file).open("rb"):
            return ""
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", "") or "no such file"


def _whole(path: str) -> str:
    return os.path.expanduser(path)  # noqa: PTH111 - Path's own raises without a home


_EXPIRED, _NOT_YET = 10, 9
_OTHER_NAME, _OTHER_ADDRESS = 62, 64
_UNTRUSTED = {2, 18, 19, 20, 21}
"""Codes of OpenSSL: an authority that is not known, among them those that sign themselves."""


def trouble(error: BaseException) -> str:
    """What is wrong with certificates or TLS, with `{host}` for the host; "" if nothing is."""
    failed = next((each for each in _causes(error) if isinstance(each, ssl.SSLError)), None)
    if isinstance(failed, ssl.SSLCertVerificationError):
        return _mistrust(failed.verify_code, failed.verify_message)
    reason = str(getattr(failed, "reason", "") or "")
    if "CERTIFICATE_REQUIRED" in reason:
        return "{host} wants to see a certificate. Set `client_cert`."
    if "ALERT" in reason and ("CERTIFICATE" in reason or "UNKNOWN_CA" in reason):
        return "{host} does not accept the certificate of `client_cert`."
    if reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"}:
        return "{host} does not speak TLS at this port. Check `endpoint`: https or http."
    return f"TLS with {{host}} has failed ({reason.lower().replace('_', ' ')})." if reason else ""


def _mistrust(code: int, said: str) -> str:
    if code == _EXPIRED:
        return "The certificate of {host} has expired, or this machine's clock is wrong."
    if code == _NOT_YET:
        return "The certificate of {host} is not valid yet, or this machine's clock is wrong."
    if code in {_OTHER_NAME, _OTHER_ADDRESS}:
        return "The certificate of {host} is for another name. Check `endpoint`."
    if code in _UNTRUSTED:
        return (
            "The certificate of {host} comes from an authority that is not known here "
            f"({said}). If it is your company's own, set `ca_file` to a file with it (PEM)."
        )
    return f"The certificate of {{host}} is not accepted ({said})."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
