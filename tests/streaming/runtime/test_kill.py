"""kill -9 at every failpoint: every record has its effect once, and is published once."""

import signal
import subprocess
from collections.abc import Iterator

import pytest

from streaming.contracts.records import TopicSpec
from streaming.postgres.log import PostgresLog
from streaming.runtime import failpoints
from tests.conftest import Database
from tests.streaming.runtime.conftest import TOPIC, Pipeline, new_pipeline
from tests.waiting import eventually

pytestmark = pytest.mark.fault

# As a worker leaves them that was killed: with the session of somebody who is no more.
_LEASES_OF_THE_DEAD = """
INSERT INTO consumer_lease (consumer, topic, partition, worker, backend_pid, backend_start, expires_at)
SELECT 'counting', %s, partition, gen_random_uuid(), 1, now(), now() + interval '1 hour' FROM generate_series(0, 1) partition
ON CONFLICT (consumer, topic, partition) DO UPDATE SET worker = excluded.worker,
    backend_pid = excluded.backend_pid, backend_start = excluded.backend_start, expires_at = excluded.expires_at
"""


@pytest.fixture
def shared(shared_database: Database) -> Iterator[Pipeline]:
    log = PostgresLog(shared_database.conninfo)
    log.create_topics([TopicSpec(TOPIC, 2)])
    yield from new_pipeline(shared_database, log, shared_database.conninfo)


def end(process: subprocess.Popen[str], is_done) -> int:
    """Wait until it was killed, or has done all and is told to stop."""
    eventually(lambda: process.poll() is not None or is_done(), "the end of the process or of its work")
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    return process.returncode


@pytest.mark.parametrize("failpoint", failpoints.CONSUMER)
def test_every_effect_happens_once(shared: Pipeline, failpoint: str):
    values = [f"{failpoint} {number}" for number in range(200)]
    with shared.database.connect(autocommit=True) as connection:
        connection.execute(_LEASES_OF_THE_DEAD, [TOPIC])
    shared.append(values)

    def effects() -> list[str]:
        return [value for value in shared.effects() if value.startswith(f"{failpoint} ")]

    process = shared.process(failpoints=f"{failpoint}=kill@{2 if failpoint.startswith('consumer') else 1}")
    assert end(process, lambda: len(effects()) == 200) == -signal.SIGKILL
    shared.start()
    eventually(lambda: len(effects()) >= 200, "all effects")
    shared.close()
    assert effects() == sorted(values)
    assert [value for value in shared.published() if value.startswith(f"{failpoint} ")] == sorted(values)
    assert shared.dead_letters() == []
