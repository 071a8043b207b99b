"""What can be wrong with a request, in the shapes that ksqlDB 7.3.1 answers with (recordings ksql-2, ksql-3)."""

from __future__ import annotations

FAILED = "the embedded ksqlDB failed"
"""Begins the message of every error that is nobody's doing but its own: no verdict may rest on it."""
BAD_REQUEST = 40000
BAD_STATEMENT = 40001
QUERY_ENDPOINT = 40002
NOT_FOUND = 40400
SERVER_ERROR = 50000


class KsqlError(Exception):
    """A statement that cannot be run. Becomes a ``statement_error`` with the statement that it is about.

    ``text`` is that statement as ksqlDB would show it (None: the caller knows), ``code`` the HTTP status times 100.
    """

    def __init__(self, message: str, *, text: str | None = None, code: int = BAD_STATEMENT) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.code = code
        self.late = False  # found when ksqlDB has begun to answer: it is sent in chunks


class RequestError(KsqlError):
    """A ``generic_error``: it names no statement."""

    def __init__(self, message: str, code: int = BAD_REQUEST) -> None:
        super().__init__(message, code=code)


class UntypedError(RequestError):
    """Its answer has no content type."""


class Unsupported(KsqlError):
    """The real ksqlDB can do this and this one cannot: no verdict may rest on it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} not supported by the embedded ksqlDB. Use a real one: --ksqldb-home DIR.")


class RowError(Exception):
    """One record cannot be read, evaluated or written: it is left out, the query goes on."""


# what the evaluation of one record may raise: overflows and the like come from Python itself
ROW_ERRORS = (RowError, ArithmeticError, ValueError, RecursionError)
