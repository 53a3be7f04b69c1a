"""The error tree: raised by providers, turned into reasons by the engine alone.

    FimError
    ├── Unavailable     no connection, 5xx, or the model has no capacity
    ├── TimedOut        no complete answer before the deadline
    ├── RateLimited     429; `retry_after` in seconds if the endpoint said so
    ├── BrokenReply     a reply that is not what the API documents
    └── Refused         the request itself is wrong: model, parameters, path, length
        ├── Unauthorized    the key is missing, unknown here, or not allowed to use the model
        └── TooLong         more text than the model takes in at once

What is `Refused` will be so again unless something is changed.
"""


class FimError(Exception):
    """A provider could not answer. The message is for the user and holds no secret and no code."""


class Unavailable(FimError):
    """No connection, a failing server, or a model without capacity."""


class TimedOut(FimError):
    """No complete answer before the deadline."""


class RateLimited(FimError):
    """Too many requests; `retry_after` in seconds, 0 if the endpoint did not say."""

    def __init__(self, message: str, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BrokenReply(FimError):
    """A reply that is not what the API documents."""


class Refused(FimError):
    """The request itself is wrong and will be so again: model, parameters, path or length."""


class TooLong(Refused):
    """The prompt is longer than the model takes."""


class Unauthorized(Refused):
    """The key is missing, unknown to this host, or not allowed to use the model."""
