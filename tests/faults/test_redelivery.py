"""Everything again, several times, and everything in another order: the same state."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import sql

from streaming.contracts.records import NewRecord
from tests.conftest import Database, copied
from tests.faults.checking import check, picture_in, visits_in
from tests.faults.ledger import LoadGenerator
from tests.faults.places import on_both, on_kafka, on_postgres
from tests.faults.system import System
from tests.faults.trial import Trial
from tests.streaming.contract.subject import Subject

pytestmark = [pytest.mark.fault, pytest.mark.timeout(400)]
COPIES = 3
EVENTS = 400
_FACTS = (
    "profiles_profile", "profiles_identifier", "profiles_anchor", "profiles_timeline", "profiles_daily_counter",
    "profiles_trait_version", "profiles_evidence",
)  # fmt: skip


@on_postgres
@pytest.mark.fault_row(18)
def test_everything_is_delivered_again(trial):
    _deliver_again(trial)


@on_kafka
@pytest.mark.fault_suite
@pytest.mark.fault_row(18)
def test_everything_is_delivered_again_on_kafka(trial):
    _deliver_again(trial)


def _deliver_again(trial: Trial) -> None:
    system = trial.system
    system.web.start()
    with trial.load() as load:
        load.wait_for(EVENTS)
    system.drain()
    before = _facts(system.database)
    with trial.fault("read again from the start, with copies"):
        with trial.log() as log:
            topics = [topic for topic in log.topics() if topic.startswith("events.")]
            records = [record for topic in topics for record in Subject(log).read_topic(topic)]
            for _ in range(COPIES):
                log.append([NewRecord(each.topic, each.key, each.value) for each in records])
        system.manage("consumer_reset", "profiles", "--from-start", *(f"--topic={topic}" for topic in topics))
    trial.settle()
    assert _facts(system.database) == before
    trial.note = f"{len(records):,} records, read again together with {COPIES} copies of each"


def _facts(database: Any) -> dict[str, Any]:
    """All of what people are made of, row by row."""
    with database.connect() as connection:
        return {"visits": visits_in(database)} | {
            table: tuple(
                connection.execute(
                    sql.SQL(
                        "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t"
                    ).format(sql.Identifier(table))
                ).fetchone()
                or ()
            )
            for table in _FACTS
        }


@pytest.fixture
def other_database(migrated_template) -> Iterator[Database]:
    with copied(migrated_template) as made:
        yield made


@on_both
@pytest.mark.fault_suite
@pytest.mark.fault_row(19)
def test_any_order_of_arrival_gives_the_same_people(trial, other_database, tmp_path):
    """In order on the PostgreSQL log, and shuffled, the oldest a week late, on the log of this run."""
    ordered = System(other_database, tmp_path / "ordered", EVENT_LOG="postgres://")
    try:
        _compare(trial, ordered)
    finally:
        ordered.stop()


def _compare(trial: Trial, ordered: System) -> None:
    trial.system.web.start()
    ordered.web.start()
    trial.system.consume()
    generator = trial.prepare(people=15)
    events = sorted(
        (generator.event() for _ in range(EVENTS)), key=lambda event: str(event["originalTimestamp"])
    )
    ordered.suppress()
    in_order = ordered.load()
    _send_all(in_order, events)
    ordered.drain()
    check(ordered.database, in_order.ledger)
    late, others = events[: EVENTS // 10], events[EVENTS // 10 :]
    random.Random(7).shuffle(others)
    with trial.fault("events in another order, the oldest last"):
        _send_all(generator, [*others, *reversed(late)])
    trial.settle()
    assert picture_in(trial.system.database) == picture_in(ordered.database)
    assert visits_in(trial.system.database) == visits_in(ordered.database)


def _send_all(generator: LoadGenerator, events: list[dict[str, Any]]) -> None:
    for start in range(0, len(events), 50):
        generator.send(events[start : start + 50])
