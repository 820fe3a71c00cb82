"""Full disks: nothing is answered 200 that is not durable, and all goes on once there is room again."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cdp_site.postgres.server import EmbeddedPostgres
from tests.faults.brokers import ProxiedCluster
from tests.faults.databases import own_server
from tests.faults.disks import Disk, small_disk
from tests.faults.places import on_postgres
from tests.faults.proxy import Toxic
from tests.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.timeout(400)]


@pytest.fixture
def database_disk() -> Iterator[Disk]:
    path = Path(tempfile.mkdtemp(prefix="hw-disk-"))
    path.chmod(0o755)  # the server has an account of its own
    with small_disk(path / "disk", 512) as disk:
        yield disk
    shutil.rmtree(path)


@pytest.fixture
def server(database_disk) -> Iterator[EmbeddedPostgres]:
    with own_server(database_disk.path / "home") as made:
        yield made


@pytest.fixture
def brokers_disk(tmp_path) -> Iterator[Disk]:
    with small_disk(tmp_path / "brokers", 256) as disk:
        yield disk


@pytest.fixture
def small_brokers(brokers_disk) -> Iterator[ProxiedCluster]:
    with ProxiedCluster(
        brokers_disk.path / "cluster", properties=["log.index.size.max.bytes=65536"]
    ) as cluster:
        yield cluster


@on_postgres
@pytest.mark.fault_row(17)
def test_the_disk_of_the_spool_is_full(trial, database_proxy):
    system = trial.system
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(system.home / "spool", 4))
        stack.callback(system.web.stop)
        with trial.in_operation() as load, trial.fault("the spool's disk full, and no log"):
            disk.fill()
            database_proxy.be(Toxic(down=True))
            eventually(lambda: trial.ledger.refused > 10, seconds=90)
            taken = len(trial.ledger.acknowledged)
            eventually(lambda: trial.ledger.refused > 20, seconds=90)
            assert len(trial.ledger.acknowledged) == taken, "nothing can be durable"
            disk.free()
            load.wait_for(100)
            database_proxy.heal()
        assert {status for _, status in trial.ledger.refusals} == {503}
        trial.settle()


@on_postgres
@pytest.mark.fault_suite
@pytest.mark.fault_row(17)
def test_the_disk_of_the_database_is_full(trial, server, database_disk):
    with trial.in_operation(pause=0.05) as load, trial.fault("PostgreSQL's disk full"):
        database_disk.fill()
        load.wait_for(300, seconds=90)
        database_disk.free()
        eventually(lambda: server.restart_if_dead() or server.is_running(), seconds=60)
    trial.settle()


@pytest.mark.parametrize(
    "place", [pytest.param("small_brokers", marks=pytest.mark.kafka, id="kafka")], indirect=True
)
@pytest.mark.fault_suite
@pytest.mark.fault_row(17)
def test_the_disks_of_the_brokers_are_full(trial, brokers_disk):
    with trial.in_operation(pause=0.05) as load, trial.fault("the brokers' disk full"):
        brokers_disk.fill()
        load.wait_for(300, seconds=120)
        brokers_disk.free()
        trial.place.brokers.revive()
    trial.settle()
