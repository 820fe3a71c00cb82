"""kill -9 at each point of listening: each message has its effect once."""

import json
from collections import Counter

import pytest

from ingestion.imports.running import Outcome
from ingestion.models import ConnectionRun
from tests.ingestion.sources.killing import assert_killed, run_to_be_killed
from tests.ingestion.sources.mqtt.devices import begin
from tests.waiting import eventually

POINTS = (
    "sources.before_append=kill@3", "sources.after_append=kill@3", "sources.after_commit=kill@3",
    "sources.after_acknowledge=kill@3", "sources.after_commit=kill",
)  # fmt: skip


@pytest.mark.fault
def test_killed_at_any_point_no_message_is_lost_or_doubled(devices, fresh_database):
    runs = {}
    for number, point in enumerate(POINTS):
        runs[point] = begin(devices, devices.stream(f"killed-{number}"))
    children = run_to_be_killed(fresh_database, runs)
    sent = dict.fromkeys(POINTS, 1)

    def all_ended() -> bool:
        """Send three more equal readings, which their numbers alone tell apart, to each that has taken all so far."""
        alive = [point for point, child in children.items() if child.poll() is None]
        for number, (point, run) in enumerate(runs.items()):
            if point in alive and ConnectionRun.objects.get(pk=run.pk).read >= sent[point]:
                devices.broker.publish([(f"killed-{number}/d1", json.dumps({"n": number + 1}))] * 3)
                sent[point] += 3
        return not alive

    eventually(all_ended, seconds=240)
    assert_killed(children, 60)
    ConnectionRun.objects.update(lease_owner=None, lease_until=None)
    for point, run in runs.items():
        ear = devices.listen(run)
        ear.wait_for(sent[point])
        devices.stop.set()
        assert ear.ended() == Outcome.MORE
        devices.stop.clear()
        assert run.read == sent[point]
    counted = {number + 1: sent[point] - 1 for number, point in enumerate(POINTS)}
    assert Counter(devices.numbers()) == {0: len(POINTS), **counted}
