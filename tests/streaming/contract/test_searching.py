"""Looking for one record, on every back end."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from streaming.contracts.records import NewRecord, Record
from streaming.domain.queries.searching import Search, search_log
from tests.streaming.contract.subject import Subject
from tests.waiting import eventually

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


def searched(subject: Subject, topics: Sequence[str], is_sought: Callable[[Record], bool]) -> Search:
    """A search that was whole, however long the log takes to know the topic."""
    searches: list[Search] = []

    def is_whole() -> bool:
        searches.append(search_log(subject.log, topics, is_sought, since=LONG_AGO))
        return searches[-1].was_whole

    eventually(is_whole, "the topic is read to its end")
    return searches[-1]


def test_the_record_is_found_with_its_place_and_an_absent_one_reads_to_the_end(subject: Subject):
    topic = subject.topic(2)
    subject.log.append([NewRecord(topic, b"k%d" % each, b"value %d" % each) for each in range(50)])

    (record,) = searched(subject, [topic, "nowhere"], lambda record: record.value == b"value 33").found
    assert (record.topic, record.key) == (topic, b"k33")
    assert record.appended_at > LONG_AGO

    absent = searched(subject, [topic], lambda record: record.value == b"nothing")
    assert (absent.found, absent.trouble) == ([], "")
