"""What follows when a source cannot be read: it is left alone for a while, longer each time, and people are told."""

from datetime import datetime, timedelta

from django.db.models import F

from compliance.notices import notify, over, seeing
from ingestion.models import Connection, Stream

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)
LONGEST_ASKED = timedelta(days=1)
TOLD_AFTER = 3  # failures in a row
KIND = "source_failing"


def record_failure(
    connection: Connection, reason: str, *, now: datetime, retry_after: float | None = None
) -> None:
    """The source failed as a whole: ask nothing of it for a while, at least as long as it asked for."""
    Connection.objects.filter(pk=connection.pk).update(failures=F("failures") + 1, trouble=reason)
    connection.refresh_from_db(fields=["failures"])
    asked = timedelta(seconds=min(max(retry_after or 0, 0), LONGEST_ASKED.total_seconds()))
    retry_at = now + max(pause_after(connection.failures), asked)
    Connection.objects.filter(pk=connection.pk).update(retry_at=retry_at)
    if connection.failures >= TOLD_AFTER:
        subject = f"{connection.name} cannot be read"
        body = f"It failed {connection.failures} times in a row. {reason}"
        link, audience = f"/admin/connections/{connection.pk}/", seeing(connection.source_id)
        notify(KIND, subject, body, link=link, audience=audience, now=now, key=_key(connection))


def record_success(connection: Connection, *, now: datetime) -> None:
    """The source answers."""
    if Connection.objects.filter(pk=connection.pk, failures__gt=0).update(
        failures=0, trouble="", retry_at=None
    ):
        over(KIND, _key(connection), now=now)


def pause_after(failures: int) -> timedelta:
    """How long to leave a source alone after so many failures in a row."""
    doubled: int = 2 ** min(failures - 1, 20)
    return min(LONGEST_PAUSE, FIRST_PAUSE * doubled)


def stop_stream(stream: Stream, reason: str, *, now: datetime) -> None:
    """Read it no more until somebody has looked: it is not what was chosen any more."""
    Stream.objects.filter(pk=stream.pk).update(paused_at=now)
    subject = f"{stream.name} of {stream.connection.name} is no longer what was chosen"
    _tell(stream, subject, reason, now)


def record_stream_failure(stream: Stream, reason: str, *, now: datetime) -> None:
    """This stream cannot be read, and only somebody can change that; the others go on."""
    subject = f"{stream.name} of {stream.connection.name} cannot be read"
    _tell(stream, subject, reason, now)


def stream_goes_on(stream: Stream, *, now: datetime) -> None:
    """Somebody has looked, or it was read again."""
    over(KIND, _stream_key(stream), now=now)


def _tell(stream: Stream, subject: str, reason: str, now: datetime) -> None:
    link, audience = f"/admin/connections/streams/{stream.pk}/", seeing(stream.connection.source_id)
    notify(KIND, subject, reason, link=link, audience=audience, now=now, key=_stream_key(stream))


def _key(connection: Connection) -> str:
    return f"connection:{connection.pk}"


def _stream_key(stream: Stream) -> str:
    return f"stream:{stream.pk}"
