"""The profile builder with and without the search of texts: one event in twenty is a note that names people.

`EVENTS=100000 python -m benchmarks content` sets the backlog. Both are measured in turns; of each the best counts.
"""

import os
from collections.abc import Iterator
from itertools import islice

import orjson

from benchmarks._installation import Installation
from benchmarks._visits import Visits, topics
from benchmarks.builder import BATCH, PARTITIONS, build
from benchmarks.results import Figure
from streaming.contracts.records import NewRecord, TopicSpec
from streaming.postgres.log import PostgresLog

EVENTS = int(os.environ.get("EVENTS", "100000"))
TURNS = int(os.environ.get("TURNS", "2"))
NOTE_EVERY = 20
_NOTE = (
    "Called about the parcel that has not arrived. Wants the invoice at jane{0}@example.com, lives at Kerkstraat {0}, "
    "1234 AB Utrecht, can be reached at +31 6 {0:08d} after six."
)


def run() -> list[Figure]:
    """The rate with the search, and as its floor the rate without."""
    rates = {False: 0.0, True: 0.0}
    for _ in range(TURNS):
        for is_searched in (False, True):
            rates[is_searched] = max(rates[is_searched], _rate(is_searched=is_searched))
    detail = f"{EVENTS:,} events, 1 in {NOTE_EVERY} with a note that names three identifiers"
    return [
        Figure(
            "profile builder searching texts, events",
            rates[True],
            "/s",
            "0.95 of the same without",
            rates[False],
            detail,
        )
    ]


def _rate(*, is_searched: bool) -> float:
    with Installation() as installation:
        log = PostgresLog(installation.conninfo)
        log.create_topics([TopicSpec(topic, PARTITIONS) for topic in topics()])
        records = _records()
        while batch := list(islice(records, BATCH)):
            log.append(batch)
        log.close()
        with installation.connect() as connection:
            if not is_searched:
                connection.execute("UPDATE profiles_namespace SET content = 'off'")
            connection.execute("CHECKPOINT")
        rate, _ = build(installation, EVENTS)
    return rate


def _records() -> Iterator[NewRecord]:
    for number, record in enumerate(Visits(0, sample=1).records(EVENTS)):
        if number % NOTE_EVERY:
            yield record
            continue
        event = orjson.loads(record.value or b"")
        event["properties"]["notes"] = _NOTE.format(number)
        yield record._replace(value=orjson.dumps(event))


if __name__ == "__main__":
    for figure in run():
        print(figure)
