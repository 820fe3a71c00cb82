"""Events out of quarantine on a real Kafka: through the outbox, each once though the runner dies in between."""

from uuid import uuid4

import pytest

from ingestion.domain.event_names import ensure_base_topics
from ingestion.domain.quarantine import resending
from ingestion.domain.quarantine.deciding import start_resend
from ingestion.domain.sources import create_source
from ingestion.models import Resend
from streaming.contracts.events import OTHER_EVENTS_TOPIC, decode_event
from streaming.event_log import close_event_log, event_log
from streaming.runtime import workers
from streaming.runtime.failpoints import FailpointReached
from streaming.runtime.outbox.sender import LaneSender
from streaming.runtime.progress import WorkerState
from streaming.runtime.timing import Timing
from streaming.runtime.workers import Report, WorkerIdentity
from tests.ingestion.domain.quarantine.conftest import BY, NOW, SCHEMA, Quarantine
from tests.ingestion.domain.quarantine.test_quarantine import CAST, run
from tests.streaming.contract.subject import Subject
from tests.waiting import eventually

pytestmark = pytest.mark.kafka
_OURS = ("events.", "quarantine", "rejections")


@pytest.fixture
def on_kafka(fresh_database, kafka_cluster, settings):
    """A source with a plan, on the cluster's log, empty of such topics before and after."""
    settings.EVENT_LOG = kafka_cluster.url
    log = event_log()
    _clear(log)
    ensure_base_topics(log)
    made = Quarantine(fresh_database, log, create_source(name="Shop", by=BY, now=NOW))
    made.publish(SCHEMA)
    yield made
    _clear(log)
    close_event_log()


def _clear(log):
    for topic in log.topics():
        if topic.startswith(_OURS):
            log.delete_topic(topic)


def send_what_waits(database, log):
    """Empty the outbox as the process of a consumer does."""
    worker, said = WorkerIdentity(uuid4(), "profiles", "host", 1), list[str]()
    sender = LaneSender(
        "profiles", worker.id, log=log, connect=database.connect, trouble=said.append, timing=Timing()
    )
    with database.connect(autocommit=True) as keeper:
        workers.beat(keeper, worker, Report(WorkerState.RUNNING, "", 0, 0, 0))
        sender.start()
        try:
            left = "SELECT count(*) FROM outbox_record"
            eventually(lambda: keeper.execute(left).fetchone() == (0,), f"an empty outbox ({said})")
        finally:
            sender.close()


def test_what_was_mended_is_in_the_log_once_though_the_runner_died(on_kafka, fresh_database, monkeypatch):
    on_kafka.fill(5)
    job = start_resend(on_kafka.group(), CAST, by=BY, now=NOW)
    monkeypatch.setattr(resending, "AT_ONCE", 2)

    def die(name):
        if name == "quarantine.after_commit":
            raise FailpointReached(name)

    with monkeypatch.context() as patch:
        patch.setattr(resending, "reach", die)
        with pytest.raises(FailpointReached):
            run(job)
    run(job)
    assert (Resend.objects.get().state, Resend.objects.get().sent) == ("done", 5)
    send_what_waits(fresh_database, on_kafka.log)
    records = Subject(on_kafka.log).read_topic(OTHER_EVENTS_TOPIC)
    events = [decode_event(record.value) for record in records]
    assert sorted(each["message_id"] for each in events) == [f"m{number}" for number in range(5)]
    assert {each["properties"]["total"] for each in events} == {12.5}
    assert len({record.headers for record in records}) == 5, (
        "each has a number of its lane, so that readers drop repetitions"
    )
