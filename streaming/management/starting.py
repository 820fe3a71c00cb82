"""Looking at the log before anything starts on it, so that what is wrong is said at once, in one line."""

import multiprocessing
from enum import StrEnum
from multiprocessing.connection import Connection

import psycopg
from django.conf import settings

from streaming.contracts.log import LogDenied, LogError
from streaming.domain.topics.ownership import ForeignLog, claim
from streaming.event_log import event_log

_SECONDS = 60.0
_processes = multiprocessing.get_context("fork")


class Readiness(StrEnum):
    """How the log takes us."""

    OURS = "ours"
    AWAY = "away"
    DENIED = "denied"
    FOREIGN = "foreign"


def claim_log() -> tuple[Readiness, str]:
    """Mark the log as ours, or say in one line why that cannot be; blocks for some seconds.

    A client of Kafka must not be there before a fork, so a child looks.
    """
    if not settings.EVENT_LOG.startswith("kafka"):
        return Readiness.OURS, ""
    ours, theirs = _processes.Pipe(duplex=False)
    child = _processes.Process(target=_look, args=(theirs,), daemon=True)
    child.start()
    theirs.close()
    try:
        found: tuple[Readiness, str] = (
            ours.recv() if ours.poll(_SECONDS) else (Readiness.AWAY, f"no answer within {_SECONDS:.0f} s")
        )
    except EOFError:
        found = Readiness.AWAY, "the look at the event log failed; see the error above"
    child.kill()
    child.join()
    return found


def _look(answer: Connection) -> None:
    try:
        claim(event_log())
    except ForeignLog as error:
        answer.send((Readiness.FOREIGN, str(error)))
    except LogDenied as error:
        answer.send((Readiness.DENIED, str(error)))
    except LogError as error:
        answer.send((Readiness.AWAY, str(error)))
    except psycopg.OperationalError:  # others say so: without the database nobody knows who we are
        answer.send((Readiness.OURS, ""))
    else:
        answer.send((Readiness.OURS, ""))
