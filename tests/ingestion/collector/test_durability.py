"""200 only when durable: with the log away, the disk full, the process killed or told to stop."""

import contextlib
import os
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from tests.conftest import Database
from tests.faults.ledger import LoadGenerator
from tests.ingestion.collector.serving import KEY, Answer, LogView, Server
from tests.waiting import eventually

pytestmark = pytest.mark.fault


def track(**fields):
    return {"messageId": str(uuid.uuid4()), "userId": "u1", "event": "E", **fields}


def send(server: Server, count: int = 1) -> list[str]:
    """The ids of events that were acknowledged."""
    sent = [track(type="track") for _ in range(count)]
    answer = server.post("/v1/batch", {"batch": sent})
    assert (answer.status, answer.json) == (200, {"success": True})
    return [each["messageId"] for each in sent]


@contextlib.contextmanager
def away(database: Database) -> Iterator[None]:
    """Nobody can reach the database, and whoever was in it is thrown out."""
    name = sql.Identifier(database.name)
    with Database("postgres").connect(autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database.name]
        )
        try:
            yield
        finally:
            connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))


def spooled(home: Path) -> int:
    return sum(path.stat().st_size for path in (home / "spool").rglob("*.spool"))


def stored(log: LogView) -> list[str]:
    return sorted(log.message_ids())


def test_while_the_database_is_away_events_go_to_the_spool_and_then_to_the_log(
    make_server, fresh_database, fresh_log
):
    server = make_server().start()
    sent = send(server, 3)
    with away(fresh_database):
        for _ in range(40):
            sent += send(server, 5)
        assert spooled(server.home) > 0
        assert server.post("/v1/track", track(), key="NOBODYKNOWS").status == 503, (
            "nobody can say that it is unknown"
        )
    sent += send(server, 3)
    eventually(lambda: stored(fresh_log), until=lambda found: found == sorted(sent))
    eventually(lambda: spooled(server.home), until=lambda size: size == 0)

    def counted():
        with fresh_database.connect() as connection:
            return connection.execute(
                "SELECT result, sum(events)::int FROM ingestion_sourceminute GROUP BY 1 ORDER BY 1"
            ).fetchall()

    eventually(counted, until=lambda rows: sum(events for _, events in rows) == len(sent))
    assert {result for result, _ in counted()} == {"accepted", "spooled"}


def test_a_log_that_hangs_is_not_waited_for(make_server, fresh_database, fresh_log):
    """Somebody holds a lock on the log's table: the group goes to the spool after two seconds, the others at once."""
    server = make_server().start()
    sent = send(server)
    with fresh_database.connect() as holder:
        holder.execute("LOCK TABLE log_record IN ACCESS EXCLUSIVE MODE")
        started = time.monotonic()
        for _ in range(20):
            sent += send(server)
        assert time.monotonic() - started < 10
        holder.rollback()
    eventually(lambda: set(stored(fresh_log)), until=lambda found: found == set(sent))


def test_events_in_the_spool_survive_kill_9_and_are_sent_by_the_next_process(
    make_server, fresh_database, fresh_log
):
    server = make_server().start()
    send(server)
    with away(fresh_database):
        sent = [each for _ in range(30) for each in send(server, 3)]
        server.kill()
    assert not set(sent) & set(stored(fresh_log))
    server.start()
    eventually(lambda: set(stored(fresh_log)), until=lambda found: found >= set(sent))
    assert not list((server.home / "spool").glob("*.damaged"))


@pytest.mark.parametrize(
    "step",
    [
        "spool.after_write=kill@30",
        "spool.before_fsync=kill@30",
        "relay.after_append=kill@2",
        "relay.after_discard=kill@2",
    ],
)
def test_killed_between_any_two_steps_nothing_that_was_acknowledged_is_lost(
    make_server, fresh_database, fresh_log, step
):
    server = make_server().start(HEADWATER_FAILPOINTS=step)
    acknowledged = send(server)

    def load() -> None:
        with contextlib.suppress(OSError, ConnectionError, AssertionError):
            while True:
                acknowledged.extend(send(server, 2))

    deadline = time.monotonic() + 60
    while not died(server) and time.monotonic() < deadline:
        with away(fresh_database):
            thread = threading.Thread(target=load)
            thread.start()
            thread.join(0.7)
        thread.join(1.5)
    assert died(server)
    thread.join(30)
    server.stop()
    server.start()
    eventually(lambda: set(stored(fresh_log)), until=lambda found: found >= set(acknowledged))
    assert len(acknowledged) > 10


def died(server: Server) -> bool:
    """Whether the worker was killed; its parent notices and ends, or makes another one."""
    assert server.process is not None
    return server.process.poll() is not None or "exit" in server.log_text().lower()


def test_at_the_cap_of_the_spool_the_answer_is_503_and_later_200_again(
    make_server, fresh_database, fresh_log
):
    server = make_server(SPOOL_LIMIT_MB="1").start()
    sent = send(server)
    large = {"x": "y" * 20_000}
    with away(fresh_database):
        answers: list[Answer] = []
        while not answers or answers[-1].status == 200:
            event = track(properties=large)
            answers.append(server.post("/v1/track", event))
            sent += [event["messageId"]] * (answers[-1].status == 200)
        assert len(answers) > 30
        assert (answers[-1].status, answers[-1].json["code"]) == (503, "unavailable")
        assert int(answers[-1].headers["retry-after"]) > 0
    eventually(lambda: stored(fresh_log), until=lambda found: found == sorted(sent))
    sent += send(server)
    eventually(lambda: stored(fresh_log), until=lambda found: found == sorted(sent))


class SmallDisk(Server):
    """A server whose spool lies on a disk of its own of two megabytes, in a mount namespace."""

    def command(self) -> list[str]:
        mount = f"mount -t tmpfs -o size=2m disk '{self.home}/spool' && exec \"$@\""
        return ["unshare", "-rm", "sh", "-c", mount, "server", *super().command()]

    def disk(self) -> Path:
        """The spool's directory as the server sees it."""
        assert self.process is not None
        return Path(f"/proc/{self.process.pid}/root{self.home}/spool")


def test_a_full_disk_is_answered_503_and_never_200_and_recovers_by_itself(
    fresh_database, fresh_log, make_server, tmp_path
):
    del make_server  # it has made the source
    (tmp_path / "spool").mkdir()
    server = SmallDisk(fresh_database.environment, tmp_path)
    server.start()
    try:
        sent = send(server)
        filler = server.disk() / "filler"
        with away(fresh_database):
            sent += send(server, 3)
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
            refused = [server.post("/v1/track", track(properties={"x": "y" * 9000})) for _ in range(20)]
            assert {answer.status for answer in refused} == {503}
            assert {answer.json["code"] for answer in refused} == {"unavailable"}
            assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
            filler.unlink()
            sent += send(server, 3)
        eventually(lambda: set(stored(fresh_log)), until=lambda found: found >= set(sent))
        assert set(stored(fresh_log)) == set(sent), "what was refused is not there"
    finally:
        server.stop()


def test_sigterm_under_load_loses_nothing_that_was_acknowledged(make_server, fresh_log):
    server = make_server().start()
    loads = [LoadGenerator(server.url, KEY, seed=seed, pause=0) for seed in range(4)]
    with contextlib.ExitStack() as stack:
        for load in loads:
            stack.enter_context(load)
        for load in loads:
            load.wait_for(100)
        server.signal(signal.SIGTERM)
        assert server.wait(30) == 0
    acknowledged = {message_id for load in loads for message_id in load.ledger.acknowledged}
    found = stored(fresh_log)
    assert acknowledged <= set(found)
    assert len(found) == len(set(found)), (
        "and nothing is there twice: no client had to repeat what was stored"
    )


def test_sigterm_while_the_log_is_away_leaves_the_spool_to_the_next_process(
    make_server, fresh_database, fresh_log
):
    server = make_server().start()
    send(server)
    with away(fresh_database):
        sent = [each for _ in range(10) for each in send(server, 3)]
        server.signal(signal.SIGTERM)
        assert server.wait(60) == 0
    server.start()
    eventually(lambda: set(stored(fresh_log)), until=lambda found: found >= set(sent))


def test_a_server_that_starts_without_its_database_says_503_until_it_is_there(
    make_server, fresh_database, fresh_log
):
    server = make_server()
    with away(fresh_database):
        server.start(wait=False)
        answer = eventually(lambda: reachable(server), seconds=60)
        assert (answer.status, answer.json["code"]) == (503, "unavailable")
    eventually(lambda: server.post("/v1/track", track()).status, until=lambda status: status == 200)


def reachable(server: Server):
    with contextlib.suppress(OSError):
        return server.post("/v1/track", track())
    return None


@pytest.mark.kafka
def test_while_kafka_is_frozen_events_go_to_the_spool(make_server, kafka_cluster):
    from streaming.contracts.records import TopicPartition
    from streaming.kafka.log import KafkaLog

    server = make_server(EVENT_LOG=kafka_cluster.url).start()
    sent = send(server, 3)
    for node in kafka_cluster.nodes:
        kafka_cluster.pause(node)
    try:
        for _ in range(10):
            sent += send(server, 3)
        assert spooled(server.home) > 0
    finally:
        for node in kafka_cluster.nodes:
            kafka_cluster.resume(node)
    log = KafkaLog.of_url(kafka_cluster.url)

    def found() -> set[str]:
        import orjson

        places = [
            TopicPartition("events.other", number) for number in range(log.topics().get("events.other", 0))
        ]
        return {orjson.loads(record.value or b"")["message_id"] for record in log.tail(places, 100_000)}

    eventually(found, until=lambda ids: ids >= set(sent), seconds=90)
    log.close()


def test_the_disk_of_these_tests_can_be_mounted():
    """`unshare` with user namespaces is what the test of the full disk needs."""
    done = subprocess.run(["unshare", "-rm", "true"], capture_output=True, text=True, check=False, timeout=10)
    assert done.returncode == 0, f"unshare -rm does not work here ({done.stderr.strip()}); uid {os.getuid()}"
