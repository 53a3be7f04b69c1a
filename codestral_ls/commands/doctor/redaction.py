"""Keeps secrets, and characters that are no text, out of all that is shown. Pure."""

from dataclasses import replace

from codestral_ls.commands.doctor.editors import Found
from codestral_ls.commands.doctor.findings import Result
from codestral_ls.fim.complaints import without_key
from codestral_ls.fim.providers import Endpoint
from codestral_ls.kinds import Secret, secrets_in

UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"
SHORTEST = 4
"""Characters of a secret: without "in" and "tmp" little would be left of words and paths."""


class Redactor:
    """Knows the secrets of one run, and takes them out of every text."""

    def __init__(self) -> None:
        self._secrets: list[Secret] = []

    def learn(self, secret: Secret) -> None:
        """From now on this is a secret."""
        if len(secret.reveal()) >= SHORTEST and secret not in self._secrets:
            self._secrets.append(secret)
            # The longest first: one may be the beginning of another.
            self._secrets.sort(key=lambda each: -len(each.reveal()))

    def learn_address(self, url: str) -> None:
        """What an address says to prove who asks is a secret."""
        for secret in secrets_in(url):
            self.learn(secret)

    def learn_endpoint(self, endpoint: Endpoint) -> None:
        """What is known of an endpoint before its key has been read."""
        self.learn(endpoint.key.given)
        self.learn_address(endpoint.url)

    def clean(self, text: str) -> str:
        """The text without secrets, and without characters that are no text."""
        for secret in self._secrets:
            text = without_key(text, secret)
        return "".join(each if each.isprintable() or each == "\n" else UNPRINTABLE for each in text)

    def cleaned(self, result: Result) -> Result:
        """A result without secrets in any of its texts."""
        finding = result.finding
        found, advice = self.clean(finding.found), self.clean(finding.advice)
        return replace(result, finding=replace(finding, found=found, advice=advice))

    def cleaned_editor(self, editor: Found) -> Found:
        """An editor likewise: its place and its version are words of others."""
        return editor._replace(
            command=self.clean(editor.command), version=self.clean(editor.version)
        )
