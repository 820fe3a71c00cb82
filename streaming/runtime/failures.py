"""Failures in words that hold nothing of a message: exceptions' own texts may."""

import traceback

import psycopg

from streaming.runtime.consumer import InvalidMessage, MessageRejected

_PATH_PARTS = 3


def describe(error: BaseException) -> str:
    """What was raised and where, without the exception's text, which may hold data of the message."""
    code = f" (SQLSTATE {error.sqlstate})" if isinstance(error, psycopg.Error) and error.sqlstate else ""
    return f"{type(error).__name__}{code} at {_place(error)}"


def not_now(error: BaseException) -> str:
    """Why a batch waits. These errors are of the database or of the consumer's own wording."""
    if isinstance(error, psycopg.Error):
        text = error.diag.message_primary or str(error).partition("\n")[0]
        return f"{type(error).__name__}: {text}"
    return f"{type(error).__name__}: {error}" if isinstance(error, MessageRejected) else str(error)


def stack(error: BaseException) -> str:
    """The frames of an error, innermost last, for logs."""
    return " > ".join(_frame(frame) for frame in traceback.extract_tb(error.__traceback__))


def reason_of(error: InvalidMessage) -> str:
    """The reason as it is stored: PostgreSQL's text knows no NUL."""
    return storable(error.reason)


def storable(reason: str, most: int = 2000) -> str:
    """A reason that fits into a column of text."""
    return reason.replace("\x00", "\\0").encode(errors="replace").decode()[:most]


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return _frame(frames[-1]) if frames else "an unknown place"


def _frame(frame: traceback.FrameSummary) -> str:
    short = "/".join(frame.filename.split("/")[-_PATH_PARTS:])
    return f"{short}:{frame.lineno} {frame.name}"
