"""Wrong and jumping clocks: the time of receipt counts, and what clients claim of the future is not believed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.faults.places import on_both, on_postgres
from tests.ingestion.collector.serving import KEY

pytestmark = [pytest.mark.fault, pytest.mark.fault_suite, pytest.mark.timeout(400)]


DAY = 86_400


def _clock(file: Path, offset: int) -> dict[str, str]:
    """The environment of a process whose wall clock is so many seconds ahead; what is written to the file moves it."""
    _set(file, offset)
    return {"PYTHONPATH": str(Path(__file__).parent / "wall_clock"), "CLOCK_OFFSET_FILE": str(file)}


def _set(file: Path, offset: int) -> None:
    new = file.with_suffix(".new")
    new.write_text(str(offset))
    new.replace(file)


@on_both
@pytest.mark.fault_row(20)
@pytest.mark.parametrize(("web", "consumers"), [(1, 0), (-1, 0), (0, 1), (0, -1)])
def test_the_clock_of_a_process_is_a_day_off(trial, tmp_path, web, consumers):
    system = trial.system
    with trial.fault(f"days ahead: web {web}, consumers {consumers}"):
        system.web.start(**_clock(tmp_path / "web", web * DAY))
        system.consume(**_clock(tmp_path / "consumers", consumers * DAY))
        with trial.load() as load:
            load.wait_for(200)
    trial.settle()
    _demand_received_near(trial, datetime.now(UTC) + timedelta(days=web))


@on_postgres
@pytest.mark.fault_row(20)
def test_the_clock_of_the_collector_jumps(trial, tmp_path):
    system, clock = trial.system, tmp_path / "clock"
    system.web.start(**_clock(clock, 0))
    system.consume()
    with trial.load() as load:
        load.wait_for(50)
        for offset in (3600, -3600, 0):
            with trial.fault(f"the clock steps to {offset:+} s"):
                _set(clock, offset)
                load.wait_for(60)
        load.wait_for(50)
    trial.settle()


@on_both
@pytest.mark.fault_row(20)
def test_clients_live_in_the_future(trial):
    system = trial.system
    system.web.start()
    system.consume()
    with trial.load() as load:
        load.wait_for(50)
        with trial.fault("clients of the year 2099"):
            before = datetime.now(UTC)
            sent = [{**load.event(), "originalTimestamp": "2099-01-01T00:00:00.000Z"} for _ in range(50)]
            future = [event for event in sent if event.get("userId") != "user-suppressed"]
            answer = httpx.post(
                f"{system.web.url}/v1/batch", json={"batch": future}, auth=(KEY, ""), timeout=30
            )
            assert answer.status_code == 200
            after = datetime.now(UTC)
        load.wait_for(50)
    system.drain()
    with system.database.connect() as connection:
        rows = connection.execute(
            "SELECT message_id, timestamp, received_at FROM profiles_timeline WHERE message_id = ANY(%s)",
            [[event["messageId"] for event in future]],
        ).fetchall()
    assert len(rows) == len(future)
    received = {message: at for message, _, at in rows}
    for _, timestamp, at in rows:
        assert timestamp == at
        assert before <= at <= after
    trial.ledger.acknowledge(
        [{**event, "originalTimestamp": received[event["messageId"]].isoformat()} for event in future]
    )
    trial.judge()


def _demand_received_near(trial, moment):
    with trial.system.database.connect() as connection:
        row = connection.execute(
            "SELECT min(received_at), max(received_at) FROM profiles_timeline"
        ).fetchone()
    assert row is not None
    assert moment - timedelta(minutes=15) < row[0] <= row[1] < moment + timedelta(minutes=15)
