"""Every alert rule fires and clears on metrics that were recorded while real parts failed."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from compliance.sealing.sealer import seal
from streaming.contracts.records import NewRecord, TopicSpec
from streaming.postgres.log import PostgresLog
from tests.conftest import ROOT, Database
from tests.faults.databases import proxied_url
from tests.faults.proxy import Proxy, Toxic
from tests.faults.system import System
from tests.monitoring.recording import RULES, Page, Recorder, rules, value
from tests.monitoring.test_rules_on_kafka import ON_KAFKA
from tests.waiting import eventually

TOPIC = "events.other"
KEPT_S = 3000
OF_BUILDER = {"before": "well", "fires": "standing", "after": "caught up", "consumer": "profiles"}
OF_PARTS = {"before": "well", "fires": "standing", "after": "caught up"}
AWAY = {"before": "caught up", "fires": "away", "after": "back"}
ON_POSTGRES = {
    "HeadwaterConsumerNeverCatchesUp": OF_BUILDER,
    "HeadwaterLossWithinSixHours": OF_BUILDER,
    "HeadwaterLossWithinOneHour": OF_BUILDER,
    "HeadwaterConsumerStands": OF_BUILDER,
    "HeadwaterDeadLettersRise": {
        "before": "standing",
        "fires": "running",
        "after": "caught up",
        "consumer": "profiles",
    },
    "HeadwaterOutboxBacklog": OF_PARTS,
    "HeadwaterSchedulerAbsent": OF_PARTS,
    "HeadwaterAuditUnsealed": OF_PARTS,
    "HeadwaterCollectorSlows": {"before": "standing", "fires": "slow", "after": "caught up"},
    "HeadwaterCollectorRefuses": {"before": "slow", "fires": "refusing", "after": "caught up"},
    "HeadwaterSpoolOld": AWAY,
    "HeadwaterSpoolFills": AWAY,
    "HeadwaterLogUnreachable": AWAY,
    "HeadwaterDatabaseUnreachable": AWAY,
}
_BACKLOG = """
INSERT INTO outbox_lane (name) VALUES ('of a sender that is gone');
INSERT INTO outbox_record (lane, number, incarnation, predecessor, topic, partition, headers)
SELECT lane.id, number, 1, number - 1, 'profiles.changes', 0, '' FROM outbox_lane lane, generate_series(1, 10001) number
"""
_LOOKED_AT = """
INSERT INTO compliance_auditentry (at, actor_kind, actor, action, address, target, subjects, categories, purpose, detail)
VALUES (now() - interval '2 minutes', 'staff', 'ada', 'person.read', '', '', '{}', '{}', '', '{}')
"""
_ACTS = "UPDATE scheduler_lease SET expires_at = now() + %s * interval '1 second'"


def test_prometheus_takes_the_rules():
    done = subprocess.run(
        ["promtool", "check", "rules", RULES], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_rule_is_seen_to_fire_and_to_clear_and_its_remedy_is_written_down():
    assert set(rules()) == set(ON_POSTGRES) | set(ON_KAFKA)
    guide = (ROOT / "docs" / "guides" / "monitoring.md").read_text()
    assert [alert for alert in rules() if alert not in guide] == []


def runs_well(page: Page) -> bool:
    lag = value(page, "headwater_consumer_topic_lag_records", consumer="profiles", topic=TOPIC)
    runs = value(page, "headwater_consumer_condition", consumer="profiles", condition="not_running")
    unsealed = value(page, "headwater_audit_unsealed_age_seconds")
    return (lag, runs, value(page, "headwater_collector_delay_seconds"), unsealed) == (0, 0, 0, 0)


class Broken:
    """The faults of the test, one after the other."""

    def __init__(self, system: System, log: PostgresLog) -> None:
        self.system, self.log = system, log

    def sql(self, statement: str, *parameters: object) -> None:
        with self.system.database.connect(autocommit=True) as connection:
            connection.execute(statement, parameters or None)

    def aged(self, share: float) -> bool:
        """Have what is unread be so old, of what is kept; once more, if a look was under way that did not know it yet."""
        since = datetime.now(UTC) - timedelta(seconds=share * KEPT_S)
        self.sql("UPDATE log_record SET appended_at = %s", since)
        self.sql("UPDATE consumer_flow SET unread_since = %s WHERE unread_since IS NOT NULL", since)
        return True

    def post(self, events: int = 1) -> int:
        batch = [{"type": "page", "anonymousId": "a", "name": "x" * 2000} for _ in range(events)]
        return self.system.web.post("/v1/batch", {"batch": batch}).status


@pytest.mark.fault
@pytest.mark.fault_suite
@pytest.mark.timeout(600)
def test_rules_on_the_embedded_log(fresh_database: Database, tmp_path: Path):
    port = int(str(psycopg.conninfo.conninfo_to_dict(fresh_database.conninfo)["port"]))
    log = PostgresLog(fresh_database.conninfo)
    with Proxy(port) as proxy:
        url = proxied_url(fresh_database.conninfo, proxy.port)
        system = System(fresh_database, tmp_path / "home", url=url, SPOOL_LIMIT_MB="1")
        try:
            log.create_topics([TopicSpec(TOPIC, 1, retention_seconds=KEPT_S)])
            broken, recorder = Broken(system, log), Recorder(system.web.start())
            _consumer_stands(broken, recorder)
            _collector_brakes(broken, recorder)
            _consumer_returns(broken, recorder)
            _database_goes(proxy, broken, recorder)
        finally:
            system.stop()
            log.close()
    recorder.check(ON_POSTGRES, tmp_path)


def _consumer_stands(broken: Broken, recorder: Recorder) -> None:
    broken.sql(_ACTS, 3600)
    consumers = broken.system.consume("profiles")
    assert broken.post() == 200
    seal()
    recorder.until(runs_well)
    recorder.hold(6, "well")
    consumers.end()
    broken.sql(_ACTS, -1)
    broken.sql(_LOOKED_AT)
    broken.sql(_BACKLOG)
    assert broken.post(3) == 200
    recorder.until(
        lambda page: (
            value(page, "headwater_consumer_topic_time_to_loss_seconds", consumer="profiles", topic=TOPIC)
            != float("inf")
            and value(page, "headwater_outbox_records") == 10_001
            and (value(page, "headwater_audit_unsealed_age_seconds") or 0) > 60
        )
    )
    recorder.hold(8, "standing")


def _collector_brakes(broken: Broken, recorder: Recorder) -> None:
    recorder.until(
        lambda page: (
            broken.aged(0.87) and 0 < (value(page, "headwater_collector_delay_seconds") or 0) < float("inf")
        )
    )
    recorder.hold(4, "slow")
    recorder.until(
        lambda page: broken.aged(0.97) and value(page, "headwater_collector_delay_seconds") == float("inf")
    )
    assert broken.post() == 503
    recorder.hold(2, "refusing")


def _consumer_returns(broken: Broken, recorder: Recorder) -> None:
    broken.sql("DELETE FROM outbox_record")
    broken.sql(_ACTS, 3600)
    seal()
    broken.log.append([NewRecord(TOPIC, b"k", b"not an event")])
    broken.system.consume("profiles")
    recorder.until(
        lambda page: (value(page, "headwater_consumer_dead_letters_total", consumer="profiles") or 0) > 0
    )
    recorder.hold(2, "running")
    recorder.until(runs_well)
    recorder.hold(12, "caught up")


def _database_goes(proxy: Proxy, broken: Broken, recorder: Recorder) -> None:
    proxy.be(Toxic(down=True))
    recorder.until(lambda page: value(page, "headwater_database_up") == 0)
    while broken.post(100) == 200:  # until the spool takes no more
        recorder.scrape()
    recorder.until(lambda page: value(page, "headwater_collector_log_reachable") == 0)
    recorder.hold(12, "away")
    proxy.heal()
    recorder.until(lambda page: value(page, "headwater_database_up") == 1)
    eventually(lambda: broken.post() == 200, seconds=60)
    recorder.until(
        lambda page: (
            value(page, "headwater_spool_bytes") == 0
            and value(page, "headwater_spool_oldest_age_seconds") == 0
            and value(page, "headwater_collector_log_reachable") == 1
        )
    )
    recorder.hold(2, "back")
