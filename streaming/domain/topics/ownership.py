"""Whose log it is: an installation marks the cluster that it uses, and starts on none that another one marked.

The mark is a topic without records whose name is the installation's id: whoever may list topics sees it, and two that
start at once on a new cluster both see both. See docs/adr/0022-marking-the-log.md.
"""

from typing import Final

from streaming.contracts.cluster import ClusteredLog
from streaming.contracts.log import EventLog
from streaming.contracts.records import Cleanup, TopicSpec
from streaming.database import connect

PREFIX: Final = "headwater.installation."


class ForeignLog(Exception):
    """The log holds another installation's topics."""


def is_mark(topic: str) -> bool:
    """Whether the topic only says whose log it is."""
    return topic.startswith(PREFIX)


def claim(log: EventLog) -> None:
    """Mark the log as ours, or see that it is. Idempotent.

    Raises ForeignLog when another installation marked it, LogDenied and LogUnavailable. The embedded log is a part of
    our database, and needs no mark.
    """
    if not isinstance(log, ClusteredLog):
        return
    require_own(log)
    log.create_topics([_mark(installation_id())])
    require_own(log)


def require_own(log: EventLog) -> None:
    """Raise ForeignLog when another installation marked the log."""
    if foreign := strangers_of(log):
        assert isinstance(log, ClusteredLog)
        raise ForeignLog(
            f"the Kafka cluster at {log.servers} is the log of another installation ({foreign[0]}): "
            "let EVENT_LOG name this one's cluster, or take it over for good with `manage.py topics adopt`"
        )


def adopt(log: EventLog) -> None:
    """Take the log over from other installations. What they wrote is left as it is."""
    if isinstance(log, ClusteredLog):
        log.create_topics([_mark(installation_id())])
        for each in strangers_of(log):
            log.delete_topic(f"{PREFIX}{each}")


def strangers_of(log: EventLog) -> list[str]:
    """The ids of other installations that marked the log."""
    if not isinstance(log, ClusteredLog):
        return []
    own = installation_id()
    marks = (name.removeprefix(PREFIX) for name in log.topics() if is_mark(name))
    return sorted(mark for mark in marks if mark != own)


def installation_id() -> str:
    """The id of this installation, which its database keeps."""
    with connect(autocommit=True, application_name="headwater installation") as connection:
        row = connection.execute("SELECT id FROM installation").fetchone()
    assert row is not None
    return str(row[0])


def _mark(installation: str) -> TopicSpec:
    return TopicSpec(f"{PREFIX}{installation}", 1, cleanup=Cleanup.COMPACT)
