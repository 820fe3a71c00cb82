"""A stream of a broker as runs: begun by themselves, paused, handed over, killed anywhere; each message has its effect once."""

import json
from datetime import timedelta

import pytest

from compliance.models import Notice
from ingestion.enums import RunState
from ingestion.imports.running import Outcome
from ingestion.models import Connection, ConnectionRun, Stream
from ingestion.sources import slices
from ingestion.sources.runs import RunConflict, cancel_run, start_backfill, start_continuous_runs
from ingestion.sources.streams import pause_stream, resume_stream
from ingestion.sources.turns import waiting_runs
from streaming.contracts.log import LogUnavailable
from tests.ingestion.sources.conftest import BY
from tests.ingestion.sources.mqtt.devices import LONG_S, MAPPING, begin
from tests.mosquitto import Mosquitto
from tests.waiting import eventually


def test_it_runs_by_itself_until_somebody_pauses_it_and_then_goes_on(devices):
    stream = devices.stream("pausing")
    [begun] = start_continuous_runs(by=BY, now=devices.now)
    assert start_continuous_runs(by=BY, now=devices.now) == []
    run = begin(devices, stream, ConnectionRun.objects.get(pk=begun))
    ear = devices.listen(run)
    devices.send("pausing", 1, 3)
    ear.wait_for(4)
    pause_stream(stream=stream, by=BY, now=devices.now)
    assert ear.ended() == Outcome.ENDED
    assert (run.state, run.accepted, run.lease_owner) == (RunState.CANCELLED, 4, None)
    assert start_continuous_runs(by=BY, now=devices.now) == []
    devices.send("pausing", 4, 6)  # the broker keeps them
    stream.refresh_from_db()
    resume_stream(stream=stream, by=BY, now=devices.now)
    [begun] = start_continuous_runs(by=BY, now=devices.now)
    run = ConnectionRun.objects.get(pk=begun)
    ear = devices.listen(run)
    ear.wait_for(3)
    cancel_run(run=run, by=BY, now=devices.now)
    assert ear.ended() == Outcome.ENDED
    assert devices.numbers() == [0, 1, 2, 3, 4, 5, 6]
    assert Stream.objects.get(pk=stream.pk).paused_at is not None, "or the next run would begin at once"
    with pytest.raises(RunConflict, match="comes by itself, once"):
        start_backfill(stream=stream, begin="", by=BY, now=devices.now)


def test_a_run_is_closed_after_a_day_and_the_next_one_goes_on(devices):
    run = begin(devices, devices.stream("daily"))
    devices.now += timedelta(days=1)
    assert devices.go(run) == Outcome.ENDED
    assert run.state == RunState.DONE
    devices.send("daily", 1, 2)
    [begun] = start_continuous_runs(by=BY, now=devices.now)
    ear = devices.listen(ConnectionRun.objects.get(pk=begun))
    ear.wait_for(2)
    devices.stop.set()
    ear.ended()
    assert devices.numbers() == [0, 1, 2]


def test_while_the_log_is_away_messages_stay_in_the_broker(devices):
    run = begin(devices, devices.stream("away"))

    class Away:
        def __getattr__(self, name):
            return getattr(log, name)

        def submit(self, records):
            raise LogUnavailable("away")

    devices.send("away", 1, 300)
    log, devices.log = devices.log, Away()
    assert devices.go(run) == Outcome.WAITING
    assert (run.read, run.lease_owner) == (1, None)
    devices.log = log
    ear = devices.listen(run)
    ear.wait_for(301)
    devices.stop.set()
    assert ear.ended() == Outcome.MORE
    assert devices.numbers() == list(range(301))


def test_a_broker_that_is_away_is_left_alone_and_tried_again(devices, tmp_path):
    gone = Mosquitto(tmp_path).start()
    Connection.objects.update(settings={**devices.connection.settings, "port": str(gone.port)})
    devices.connection.refresh_from_db()
    run = devices.start(devices.stream("gone"))
    ear = devices.listen(run)
    eventually(lambda: Stream.objects.get(pk=run.stream_id).state, seconds=LONG_S)
    gone.stop()
    assert ear.ended() == Outcome.WAITING
    assert run.state == RunState.RUNNING
    assert "The connection to the broker broke off" in run.failure or "shut down" in run.failure
    assert waiting_runs(now=devices.now) == []
    gone.start()
    devices.now += timedelta(minutes=1)
    assert waiting_runs(now=devices.now) == [run.pk]
    ear = devices.listen(run)
    eventually(
        lambda: ConnectionRun.objects.get(pk=run.pk).failure, until=lambda said: not said, seconds=LONG_S
    )
    devices.stop.set()
    assert ear.ended() == Outcome.MORE
    assert run.stream.connection.failures == 0
    gone.kill()


def test_messages_that_cannot_be_taken_are_told_and_the_good_ones_are_in(devices):
    run = begin(devices, devices.stream("bad", mapping={**MAPPING, "timestamp": "at", "event": {"path": "name", "default": "Reading"}}, columns=[
        {"name": name, "type": "text", "declared": "", "nullable": True} for name in ("n", "at", "name", "topic", "levels")
    ]))  # fmt: skip
    good = [
        json.dumps({"n": 1}),
        json.dumps({"n": 2, "at": "2099-01-01T00:00:00Z"}),
        json.dumps({"n": 3, "at": "1970-01-01T00:00:00Z"}),
    ]
    storm = [json.dumps({"n": 4, "name": f"Reading {number}"}) for number in range(300)]
    devices.broker.publish(
        [
            ("bad/jane@example.com", payload)
            for payload in [*good, "{", "", b"\xff", json.dumps({"n": 5, "at": "soon"}), *storm]
        ]
    )
    ear = devices.listen(run)
    ear.wait_for(308)
    devices.stop.set()
    assert ear.ended() == Outcome.MORE
    assert (run.accepted, run.rejected) == (304, 4)
    assert sorted(error.reason[:23] for error in run.row_errors.all()) == [
        "the message is empty", "the message is not JSON", "the message is not JSON", "timestamp: is not a tim",
    ]  # fmt: skip


def test_a_mapping_that_is_wrong_stops_and_leaves_the_rest_at_the_broker(devices, monkeypatch):
    monkeypatch.setattr(slices, "HOPELESS", 10)
    stream = devices.stream("wrong", mapping={"type": "identify", "user_id": "nobody"})
    devices.broker.publish([(f"wrong/d{number}", "{}") for number in range(20)], retain=True)
    run = devices.start(stream)
    ear = devices.listen(run)
    assert ear.ended() == Outcome.ENDED
    assert (run.state, run.accepted) == (RunState.FAILED, 0)
    assert "so the mapping must be wrong" in run.failure
    assert Stream.objects.get(pk=stream.pk).paused_at is not None


def test_a_stream_that_cannot_be_listened_to_fails_alone_and_is_tried_again_after_a_while(devices):
    stream = devices.stream("alone", settings={"topics": "alone/#/x"})
    [begun] = start_continuous_runs(by=BY, now=devices.now)
    run = ConnectionRun.objects.get(pk=begun)
    assert devices.go(run) == Outcome.ENDED
    assert (run.state, run.stream.connection.retry_at) == (RunState.FAILED, None)
    assert "# stands for all that follows" in run.failure
    assert start_continuous_runs(by=BY, now=devices.now) == []
    devices.now += timedelta(minutes=2)
    assert len(start_continuous_runs(by=BY, now=devices.now)) == 1
    assert stream.runs.count() == 2


def test_one_that_can_be_listened_to_again_is_told_to_be_well_however_busy_it_is(devices, monkeypatch):
    stream = devices.stream("again", settings={"topics": "again/#/x"})
    assert devices.go(devices.start(stream)) == Outcome.ENDED
    assert Notice.objects.filter(kind="source_failing", ended_at=None).exists()
    Stream.objects.update(settings={"topics": "again/#", "payload": "json", "retained": "take"})
    Connection.objects.update(failures=1, trouble="It was away.")
    stream.refresh_from_db()
    monkeypatch.setattr(slices, "STEADY_S", 0.0)
    monkeypatch.setattr(slices, "LOOKS_S", LONG_S)  # as if there were never a moment in which nothing comes
    devices.listen(devices.start(stream))
    eventually(
        lambda: not Notice.objects.filter(kind="source_failing", ended_at=None).exists(), seconds=LONG_S
    )
    assert not Connection.objects.get(pk=stream.connection_id).failures


def test_one_that_lost_its_lease_says_and_acknowledges_nothing(devices):
    run = begin(devices, devices.stream("stolen"))
    devices.send("stolen", 1, 3)

    class Stolen:
        """The log takes so long that somebody else takes over."""

        def __getattr__(self, name):
            return getattr(log, name)

        def submit(self, records):
            submitted = log.submit(records)
            ConnectionRun.objects.update(lease_owner="00000000-0000-0000-0000-000000000000")
            return submitted

    log, devices.log = devices.log, Stolen()
    assert devices.go(run) == Outcome.BUSY
    devices.log = log
    assert run.read == 1
    ConnectionRun.objects.update(lease_owner=None, lease_until=None)
    ear = devices.listen(run)
    ear.wait_for(4)
    devices.stop.set()
    assert ear.ended() == Outcome.MORE
    assert devices.numbers() == [0, 1, 2, 3]
