"""What to tell a person about a failure."""

import errno
import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError

from openbourse.accounts.errors import AccountsError
from openbourse.configuration import ConfigurationError
from openbourse.history.database import HistoryError
from openbourse.liabilities.errors import LiabilityError
from openbourse.liabilities.verifier import ProofError
from openbourse.log.errors import LogError
from openbourse.venue.control import ControlError

# Failures whose text is a sentence for the person who reads it.
_SPEAKING: Final = (
    AccountsError,
    ConfigurationError,
    ControlError,
    HistoryError,
    LiabilityError,
    LogError,
    ProofError,
)


def sentence(error: BaseException) -> str:
    """What to tell a person about a failure."""
    if isinstance(error, _SPEAKING):
        return str(error)
    if isinstance(error, OSError):
        if error.errno == errno.ENOSPC:
            return "the disk is full: make room and start again, nothing acknowledged is lost"
        where = f" {error.filename}" if error.filename else ""
        return f"cannot use{where}: {error.strerror or error}"
    if isinstance(error, sqlite3.Error):
        return f"a database file failed: {error}"
    if isinstance(error, DBAPIError):
        return f"a database failed: {error.orig}"
    return f"unexpected {type(error).__name__}: {error} (run with `openbourse --debug ...` for the traceback)"
