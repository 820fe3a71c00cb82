"""Looking for single records in the log, and among dead letters, within bounds: for people who ask after one message."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from streaming.contracts.log import EventLog, LogError
from streaming.contracts.records import Record, TopicPartition
from streaming.models import DeadLetter

MOST_RECORDS = 50_000
MOST_SECONDS = 3.0
MOST_LETTERS = 20  # told of one message
RECENT_LETTERS = 20_000
_POLLED = 2000

_LETTERS = """
SELECT id FROM (SELECT id, value FROM dead_letter ORDER BY id DESC LIMIT %s) recent
WHERE position(%s::bytea IN value) > 0 ORDER BY id LIMIT %s
"""


@dataclass(slots=True)
class Search:
    """What came of looking through topics. `was_whole` says that nothing was left unread; `trouble` why it ended early."""

    found: list[Record] = field(default_factory=list)
    was_whole: bool = True
    trouble: str = ""


def search_log(
    log: EventLog, topics: Sequence[str], is_sought: Callable[[Record], bool], *, since: datetime
) -> Search:
    """The first record of each topic, appended at or after `since`, that is sought.

    Reads up to MOST_RECORDS for up to MOST_SECONDS; a log that is away is told as trouble. Topics that do not exist
    are passed over.
    """
    search = Search()
    known = log.topics()
    open_topics = {topic for topic in topics if topic in known}
    places = [TopicPartition(topic, each) for topic in sorted(open_topics) for each in range(known[topic])]
    if not places:
        return search
    try:
        _read(log, places, open_topics, is_sought, search, since=since)
    except LogError as error:
        search.was_whole, search.trouble = False, str(error)
    return search


def _read(
    log: EventLog,
    places: Sequence[TopicPartition],
    open_topics: set[str],
    is_sought: Callable[[Record], bool],
    search: Search,
    *,
    since: datetime,
) -> None:
    starts, bounds = log.offsets_at(places, since), log.bounds(places)
    left = {place for place in places if starts[place] < bounds[place].end}
    deadline, read = time.monotonic() + MOST_SECONDS, 0
    with closing(log.reader()) as reader:
        reader.assign({place: starts[place] for place in left})
        while left and open_topics:
            if read >= MOST_RECORDS or time.monotonic() > deadline:
                search.was_whole = False
                return
            records = reader.poll(_POLLED, 0.2)
            read += len(records)
            for record in records:
                if record.topic in open_topics and is_sought(record):
                    search.found.append(record)
                    open_topics.discard(record.topic)
            at = reader.positions()
            left = {each for each in left if each.topic in open_topics and at[each] < bounds[each].end}


def letters_naming(text: str) -> list[DeadLetter]:
    """The dead letters among the newest RECENT_LETTERS whose message has this text in it, oldest first."""
    found = DeadLetter.objects.raw(_LETTERS, [RECENT_LETTERS, text.encode(), MOST_LETTERS])
    ids: list[Any] = [letter.pk for letter in found]
    return list(DeadLetter.objects.filter(pk__in=ids).order_by("pk"))
