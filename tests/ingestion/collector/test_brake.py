"""The collector slows down, then stops, before retention takes what a consumer has not read; and people can let it go."""

import asyncio
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.collector import brake
from ingestion.collector.answers import Refused
from ingestion.collector.brake import Brake
from streaming.contracts.log import EventLog
from streaming.contracts.records import NewRecord, TopicPartition, TopicSpec
from streaming.domain.flow.pressure import LONGEST_DELAY_S, REFUSE_FROM, SLOW_FROM, Pressure, delay_of
from streaming.domain.flow.retirement import keep, retire
from streaming.memory.log import MemoryLog
from tests.ingestion.collector.serving import LogView, Server
from tests.waiting import eventually

TOPIC = "events.other"  # where the events of names without a topic go
HOUR = 3600
NOW = datetime(2026, 12, 24, tzinfo=UTC)
_STANDS = """
INSERT INTO consumer_position (consumer, topic, partition, next_offset, log_identity, began_at)
VALUES ('profiles', %s, 0, 0, %s, 0) ON CONFLICT (consumer, topic, partition) DO UPDATE SET next_offset = 0
"""


@given(st.floats(0, 2))
def test_the_delay_grows_with_the_pressure_until_nothing_is_taken(used):
    delay = delay_of(used)
    assert (delay == 0) == (used <= SLOW_FROM)
    assert (delay > LONGEST_DELAY_S) == (used >= REFUSE_FROM)
    assert delay_of(used + 0.01) >= delay


def test_what_is_held_back_has_its_limit_in_bytes_too():
    """Otherwise five hundred imports of some megabytes would be held at once."""

    async def hold(braking: Brake) -> list[bool]:
        size = brake.MAX_DELAYED_BYTES // 2
        held = await asyncio.gather(*(braking.hold_back(size) for _ in range(3)), return_exceptions=True)
        await braking.hold_back(size)
        return [isinstance(each, Refused) for each in held]

    braking = Brake(MemoryLog)
    braking.obey(Pressure(SLOW_FROM + 0.01, "profiles", TOPIC))
    assert asyncio.run(hold(braking)) == [False, False, True]
    braking.obey(Pressure())


def test_a_look_that_fails_in_a_way_nobody_thought_of_is_not_the_last(monkeypatch, caplog):
    looks: list[bool] = []

    def open_log() -> EventLog:
        looks.append(True)
        raise RuntimeError

    monkeypatch.setattr(brake, "INTERVAL_S", 0.01)
    looking = Brake(open_log)
    looking.start()
    eventually(lambda: len(looks) >= 3)
    looking.stop()
    assert "the last pressure known holds" in caplog.text


class Setting:
    """A server on a log in which the profile builder stands at the start of a topic."""

    def __init__(self, database, server: Server, log: LogView) -> None:
        self.database, self.server, self.log = database, server, log

    def begin(self, spec: TopicSpec, records: list[bytes]) -> None:
        self.log.log.create_topics([spec])
        self.log.log.append([NewRecord(TOPIC, b"k", value, partition=0) for value in records])
        with self.database.connect() as connection:
            connection.execute(_STANDS, [TOPIC, self.log.log.identity(TOPIC)])

    def aged(self, seconds: float) -> bool:
        """Have all records be as old; once more, if a look was under way that did not know it yet."""
        with self.database.connect() as connection:
            connection.execute(
                "UPDATE log_record SET appended_at = now() - %s * interval '1 second'", [seconds]
            )
            connection.execute(
                "UPDATE consumer_flow SET unread_since = now() - %s * interval '1 second'"
                " WHERE unread_since IS NOT NULL",
                [seconds],
            )
        return True

    def post(self) -> tuple[int, float]:
        began = time.monotonic()
        answer = self.server.post("/v1/page", {"anonymousId": "a", "name": "x" * 900})
        if answer.status == 503:
            assert int(answer.headers["retry-after"]) > 0
        return answer.status, time.monotonic() - began

    def metric(self, name: str) -> float:
        page = self.server.request("GET", "/metrics").body.decode()
        values = [float(line.split()[-1]) for line in page.splitlines() if line.startswith(name)]
        return max(values, default=0.0)


@pytest.fixture
def setting(fresh_database, make_server, fresh_log) -> Setting:
    return Setting(fresh_database, make_server(), fresh_log)


def test_it_slows_then_refuses_then_lets_go_as_the_consumer_falls_behind_and_is_retired(setting: Setting):
    setting.begin(TopicSpec(TOPIC, 1, retention_seconds=HOUR), [b"{}"])
    setting.server.start()
    assert setting.post()[0] == 200

    eventually(lambda: setting.aged(0.90 * HOUR) and setting.metric("headwater_collector_delay_seconds") > 0)
    status, seconds = setting.post()
    assert status == 200
    assert seconds >= delay_of(0.90)
    assert setting.metric('headwater_collector_braked_requests_total{how="delayed"}') >= 1

    eventually(lambda: setting.aged(0.97 * HOUR) and setting.post()[0] == 503)
    assert setting.metric('headwater_collector_braked_requests_total{how="refused"}') >= 1
    assert setting.server.request("GET", "/health/ready").status == 200

    retire("profiles", actor=None, by_name="test", now=NOW)
    eventually(lambda: setting.post()[0] == 200)
    keep("profiles", actor=None)
    eventually(lambda: setting.post()[0] == 503)

    with setting.database.connect() as connection:  # the consumer has caught up
        connection.execute("UPDATE consumer_position SET next_offset = 1000000")
    eventually(lambda: setting.post()[0] == 200)


def test_with_a_tiny_retention_by_size_it_stops_before_anything_unread_is_deleted(setting: Setting):
    size = 400_000
    setting.begin(TopicSpec(TOPIC, 1, retention_seconds=None, retention_bytes=size), [b"x" * 999] * 300)
    setting.server.start()
    taken = 0

    def refused() -> bool:
        nonlocal taken
        time.sleep(0.05)  # the pace of this client
        status, _ = setting.post()
        taken += status == 200
        return status == 503

    assert any(refused() for _ in range(600))
    setting.log.log.apply_retention(datetime.now(UTC))
    (bounds,) = setting.log.log.bounds([TopicPartition(TOPIC, 0)]).values()
    assert bounds.start == 0, "nothing that the consumer has not read was deleted"
    assert bounds.end == 300 + taken, "what was answered with 200 is there, what was refused is not"
