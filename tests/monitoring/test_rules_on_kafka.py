"""The rules on what only a cluster of brokers shows."""

from pathlib import Path

import pytest

from streaming.kafka.log import KafkaLog
from tests.faults.system import System
from tests.monitoring.recording import Page, Recorder, value

ON_KAFKA = {"HeadwaterUnderReplicated": {"before": "well", "fires": "hurt", "after": "healed"}}


def troubles(page: Page) -> float:
    return value(page, "headwater_log_troubles") or 0


@pytest.mark.fault
@pytest.mark.fault_suite
@pytest.mark.kafka
@pytest.mark.timeout(400)
def test_rules_on_kafka(fresh_database, kafka_cluster, tmp_path: Path):
    log = KafkaLog.of_url(kafka_cluster.url)
    for topic in log.topics():
        log.delete_topic(topic)
    system = System(fresh_database, tmp_path / "home", EVENT_LOG=kafka_cluster.url)
    try:
        recorder = Recorder(system.web.start())
        recorder.until(lambda page: "events.other" in log.topics() and troubles(page) == 0)
        recorder.hold(2, "well")
        kafka_cluster.kill(1)
        try:
            recorder.until(lambda page: troubles(page) > 0)
            recorder.hold(6, "hurt")
        finally:
            kafka_cluster.restart(1)
        recorder.until(lambda page: troubles(page) == 0, seconds=120)
        recorder.hold(2, "healed")
    finally:
        system.stop()
        for topic in log.topics():
            log.delete_topic(topic)
        log.close()
    recorder.check(ON_KAFKA, tmp_path)
