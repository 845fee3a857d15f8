"""The failures a person can meet, each with its exit code and what to do next.

Belongs here: the types every room raises. Does not: catching or printing them (orchestration/cli does that).
Exit codes: 1 the gate refused, 2 wrong usage or input, 3 a source or the database is unavailable.
"""

from __future__ import annotations

from enum import StrEnum


class MotcuaError(Exception):
    """A failure that is told to the user as one sentence and a hint, without a traceback."""

    exit_code: int = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(MotcuaError):
    """A command, option or configuration file that cannot be used as it is."""


class ContractError(MotcuaError):
    """A source contract that does not hold together."""


class DeliveryProblem(StrEnum):
    """Why a whole delivery was refused. The value stands in the ledger."""

    EMPTY = "empty"
    WRONG_ENCODING = "wrong_encoding"
    TRUNCATED = "truncated"
    NOT_A_WORKBOOK = "not_a_workbook"
    MALFORMED = "malformed"
    COLUMN_ADDED = "column_added"
    COLUMN_DROPPED = "column_dropped"
    COLUMN_RENAMED = "column_renamed"
    COLUMN_REPEATED = "column_repeated"
    COLUMN_RETYPED = "column_retyped"
    NO_VERSION = "no_version"


class DeliveryRefused(MotcuaError):
    """A delivery that cannot be read as its contract says; nothing of it counts, the attempt is recorded.

    `quoting` is text of the delivery itself, shown behind the message; `discreet` gives the same refusal without it.
    """

    def __init__(self, problem: DeliveryProblem, message: str, *, hint: str = "", quoting: str = "") -> None:
        super().__init__(f"{message}: {quoting!r}" if quoting else message, hint=hint)
        self.problem = problem
        self._unquoted = message

    def discreet(self) -> DeliveryRefused:
        """This refusal without a word of what the delivery holds, for streams with personal fields."""
        return DeliveryRefused(self.problem, self._unquoted, hint=self.hint)


class SourceUnavailable(MotcuaError):
    """A source that could not be reached: trying again later may help."""

    exit_code = 3


class DatabaseUnavailable(MotcuaError):
    """The database cannot be reached, started or used with the rights at hand."""

    exit_code = 3


class DiskFull(MotcuaError):
    """Something beside the database could not be written: kept files, a log, the history of runs."""

    exit_code = 3


class GateRefused(MotcuaError):
    """The gate did not let the candidates through; what readers see is unchanged."""

    exit_code = 1
