"""Two hosts of each of our parts, on one database: one of them is killed under load."""

import signal
import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psycopg
import pytest

from tests.faults.checking import check
from tests.faults.databases import proxied_url
from tests.faults.ledger import LoadGenerator
from tests.faults.proxy import Proxy, Toxic
from tests.ingestion.collector.serving import KEY, add_source
from tests.redundancy.balancer import Balancer
from tests.redundancy.processes import Part, Parts
from tests.waiting import eventually

pytestmark = pytest.mark.fault
TAKEN_OVER_S = 10.0


class WebHost:
    """`manage.py serve` with a home and a name of its own, which reaches the database through a network of its own."""

    def __init__(self, name: str, parts: Parts, network: Proxy, conninfo: str, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.home, self.network = folder / name, network
        self.home.mkdir()
        self.part: Part = parts.manage(
            name, "serve", HEADWATER_HOME=str(self.home), PORT=str(self.port),
            DATABASE_URL=proxied_url(conninfo, network.port),
        )  # fmt: skip

    def serves(self) -> bool:
        assert self.part.is_running(), self.part.text[-3000:]
        with (
            closing(HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection,
            suppress(OSError, HTTPException),
        ):
            connection.request("GET", "/v1/projects/UNKNOWNKEY/settings")
            answer = connection.getresponse()
            answer.read()
            return answer.status == 401
        return False

    def spooled(self) -> list[Path]:
        return list((self.home / "spool").glob("*/*.spool"))


@pytest.fixture
def hosts(parts, fresh_database, tmp_path) -> Iterator[list[WebHost]]:
    add_source(fresh_database.conninfo)
    port = int(str(psycopg.conninfo.conninfo_to_dict(fresh_database.conninfo)["port"]))
    with Proxy(port) as one, Proxy(port) as two:
        made = [
            WebHost(name, parts, network, fresh_database.conninfo, tmp_path)
            for name, network in (("web-1", one), ("web-2", two))
        ]
        for host in made:
            eventually(host.serves, seconds=90)
        yield made
        parts.end()


def applied(database) -> int:
    with database.connect() as connection:
        row = connection.execute("SELECT count(*) FROM profiles_timeline").fetchone()
        assert row is not None
        return int(row[0])


def hosts_that_report(database) -> set[str]:
    with database.connect() as connection:
        rows = connection.execute("SELECT host FROM ingestion_collectorprocess").fetchall()
    return {host for (host,) in rows}


def holders(database) -> dict[str, set[str]]:
    """The partitions that the hosts' workers hold."""
    with database.connect() as connection:
        rows = connection.execute(
            "SELECT w.host, array_agg(l.topic || '/' || l.partition) FROM consumer_lease l "
            "JOIN consumer_worker w ON w.id = l.worker WHERE l.consumer = 'profiles' GROUP BY 1"
        ).fetchall()
    return {host: set(places) for host, places in rows}


def moved_since(database, places: set[str], moment: datetime) -> int:
    """How many of these partitions were worked on after the moment."""
    with database.connect() as connection:
        row = connection.execute(
            "SELECT count(*) FROM consumer_position WHERE consumer = 'profiles' AND moved_at > %s "
            "AND topic || '/' || partition = ANY(%s)",
            [moment, list(places)],
        ).fetchone()
        assert row is not None
        return int(row[0])


def test_one_of_two_web_hosts_dies_with_events_in_its_spool(parts, hosts, fresh_database):
    dying, other = hosts
    with Balancer([host.port for host in hosts]) as balancer:
        address = f"http://127.0.0.1:{balancer.port}"
        loads = [LoadGenerator(address, KEY, seed=seed, pause=0.03, people=20) for seed in (1, 2)]
        with loads[0] as first, loads[1] as second:  # a connection each, to a host each
            for load in (first, second):
                load.wait_for(50)
            eventually(lambda: hosts_that_report(fresh_database) == {"web-1", "web-2"}, seconds=20)
            dying.network.be(Toxic(down=True))  # the other host still has the database
            eventually(dying.spooled)
            for load in (first, second):
                load.wait_for(50)
            dying.part.kill()
            for load in (first, second):
                load.wait_for(50)
    assert dying.spooled()
    drained = parts.manage("drain", "drain_spool", str(dying.home), "--although-alive")
    assert drained.process.wait(60) == 0, drained.text
    assert "Nobody waits for web-1 any more." in drained.text
    assert dying.spooled() == []
    eventually(lambda: other.spooled() == [])
    consumed = parts.manage("consumers", "run_consumers", "profiles", "--until-caught-up")
    assert consumed.process.wait(90) == 0, consumed.text[-3000:]
    together = first.ledger
    together.acknowledged.update(second.ledger.acknowledged)
    together.unanswered.update(second.ledger.unanswered)
    check(fresh_database, together)


def test_one_of_two_consumer_hosts_dies(parts, fresh_database, tmp_path):
    """Its partitions are processed again within ten seconds."""
    add_source(fresh_database.conninfo)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    parts.manage("web-1", "serve", PORT=str(port))
    both = [parts.manage(name, "run_consumers", "profiles") for name in ("consumers-1", "consumers-2")]
    load = LoadGenerator(f"http://127.0.0.1:{port}", KEY, pause=0.03)
    with load:
        load.wait_for(100, seconds=90)
        eventually(lambda: len(holders(fresh_database)) == 2, seconds=60)
        eventually(lambda: applied(fresh_database), seconds=60)
        held = holders(fresh_database)["consumers-1"]
        both[0].kill()
        killed_at = datetime.now(UTC)
        eventually(
            lambda: (
                moved_since(fresh_database, held, killed_at)
                and held <= holders(fresh_database).get("consumers-2", set())
            ),
            seconds=TAKEN_OVER_S,
        )
        load.wait_for(50)
    both[1].signal(signal.SIGTERM)
    assert both[1].process.wait(60) == 0
    consumed = parts.manage("consumers", "run_consumers", "profiles", "--until-caught-up")
    assert consumed.process.wait(90) == 0, consumed.text[-3000:]
    check(fresh_database, load.ledger)
