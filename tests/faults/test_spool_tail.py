"""A collector dies while it writes to its spool: the torn tail is cut off, and all that was answered 200 is kept."""

import pytest

from tests.faults.places import on_postgres
from tests.faults.proxy import Toxic
from tests.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.fault_suite, pytest.mark.timeout(300)]


@on_postgres
@pytest.mark.fault_row(24)
@pytest.mark.parametrize("torn_bytes", [1, 40])
def test_the_tail_of_a_spool_file_is_torn(trial, database_proxy, torn_bytes):
    _tear(trial, database_proxy, torn_bytes)


@pytest.mark.kafka
@pytest.mark.parametrize("place", [pytest.param("proxied_brokers", id="kafka")], indirect=True)
@pytest.mark.fault_row(24)
def test_the_tail_of_a_spool_file_is_torn_beside_kafka(trial):
    _tear(trial, trial.place.brokers, 7)


def _tear(trial, network, torn_bytes):
    system = trial.system
    system.web.start(HEADWATER_FAILPOINTS="spool.after_write=kill@12")
    system.consume()
    with trial.load() as load:
        load.wait_for(50)
        with trial.fault("killed while writing, and the end of its file lost"):
            network.be(Toxic(down=True))
            eventually(system.web.died, seconds=90)
            system.web.kill()
            [*_, newest] = sorted(system.spooled(), key=lambda path: path.stat().st_mtime_ns)
            with newest.open("r+b") as torn:
                torn.truncate(newest.stat().st_size - torn_bytes)
            network.heal()
            system.web.start()
        load.wait_for(50)
    trial.settle()
    assert list((system.home / "spool").glob("*.damaged")), "the torn record is kept aside"
