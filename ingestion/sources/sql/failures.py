"""What went wrong with a database, as a sentence that says what to do; nothing of it tells a secret."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, NoSuchTableError, SQLAlchemyError

from ingestion.sources.contract import (
    Settings,
    SourceError,
    SourceRefused,
    SourceUnavailable,
    StreamChanged,
)

MAX_SAID = 200

_Kind = type[SourceError]
_RULES: tuple[tuple[str, _Kind, str], ...] = (
    (r"database \"[^\"]*\" does not exist|unknown database|\b1049\b|\b1044\b", SourceRefused,
     "There is no database of this name that this user may see."),
    (r"password authentication failed|access denied for user|no password supplied|28P01|\b1045\b", SourceRefused,
     "The database refused the user name or the password: it may be wrong, or have expired."),
    (r"password has expired|must reset your password|\b1862\b|\b1820\b", SourceRefused,
     "The password has expired: set a new one in the database, then type it here."),
    (r"pg_hba\.conf|not permitted to log in|\b1130\b", SourceRefused,
     "The database does not let this user in from here: ask its administrator to allow this machine's address."),
    (r"could not translate host name|name or service not known|nodename nor servname|failed to resolve|getaddrinfo|temporary failure in name", SourceUnavailable,
     "The name of the host is not known: check how it is written."),
    (r"connection refused|can't connect to mysql|\b2003\b", SourceUnavailable,
     "Nothing answers at this host and port: the database is down, or a firewall is in between."),
    (r"server does not support ssl|ssl is required|certificate|ssl error|tls", SourceRefused,
     "The encrypted connection could not be made: choose another setting for TLS, or have the certificate mended."),
    (r"connection timeout|timed? ?out|timeout expired|canceling statement due to|\b3024\b|\b2013\b", SourceUnavailable,
     "The database did not answer in time: it is down, very busy, or has no index on the cursor and the key."),
    (r"too many connections|remaining connection slots|\b1040\b|the database system is (starting|shutting)", SourceUnavailable,
     "The database takes no more connections just now."),
    (r"column .* does not exist|no such column|unknown column|\b1054\b", StreamChanged, "A column that is read is gone."),
    (r"relation .* does not exist|no such table|doesn't exist|\b1146\b", StreamChanged, "The table is gone, or this user may no longer see it."),
    (r"permission denied|command denied|\b1142\b|\b1143\b", SourceRefused, "This user may not read that: grant SELECT on it."),
    (r"file is not a database|unable to open database file|disk image is malformed", SourceRefused, "The file is no SQLite database, or cannot be opened for reading."),
    (r"database is locked|database table is locked", SourceUnavailable, "Another program writes to the file and holds it: this is tried again."),
    (r"server closed the connection|terminating connection|connection .*(lost|reset|closed)|gone away|broken pipe|consuming input failed", SourceUnavailable,
     "The connection broke off."),
)  # fmt: skip
_COMPILED = [(re.compile(pattern, re.IGNORECASE), kind, words) for pattern, kind, words in _RULES]


@contextmanager
def told_in_words(settings: Settings) -> Iterator[None]:
    """Have what a driver raises within the block leave it as a SourceError."""
    try:
        yield
    except NoSuchTableError as error:
        raise StreamChanged(f"There is no table {error} that this user may read.") from None
    except (SQLAlchemyError, OSError, UnicodeError, RuntimeError) as error:
        raise in_words(error, settings) from None


def in_words(error: Exception, settings: Settings) -> SourceError:
    """The error as a SourceError."""
    said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    for pattern, kind, words in _COMPILED:
        if pattern.search(said):
            return kind(f"{words} {_quoted(said, settings)}")
    lost = isinstance(error, OSError) or (isinstance(error, DBAPIError) and error.connection_invalidated)
    kind = SourceUnavailable if lost else SourceRefused
    return kind(f"The database could not be read. {_quoted(said, settings)}")


def _quoted(said: str, settings: Settings) -> str:
    """The database's own words, cut, and without the password should they repeat it."""
    first = " ".join(said.split())
    password = settings.get("password")
    if password:
        first = first.replace(password, "••••••")
    return f"It said: {first[:MAX_SAID]}" if first else ""
