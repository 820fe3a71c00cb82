"""Every kind of trouble with PostgreSQL: consumers wait and go on by themselves, and nothing becomes a dead letter."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.faults.databases import kill_server
from tests.faults.places import on_both, on_kafka, on_postgres
from tests.faults.proxy import Toxic
from tests.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.timeout(400)]
LOST_COMMITS = 12
_OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@contextmanager
def _terminated(database: Any) -> Iterator[Callable[[], None]]:
    yield lambda: _terminate(database)


@contextmanager
def _read_only(database: Any) -> Iterator[Callable[[], None]]:
    name = sql.Identifier(_name(database))
    _administer(database, sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
    _terminate(database)
    try:
        yield lambda: None
    finally:
        _administer(database, sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(name))
        _terminate(database)  # a failover ends the sessions, too


@contextmanager
def _exhausted(database: Any) -> Iterator[Callable[[], None]]:
    """All connections that the server has are taken, and those of Headwater are ended."""
    with ExitStack() as stack:

        def take_all() -> None:
            while True:
                try:
                    stack.enter_context(database.connect(connect_timeout=5))
                except psycopg.OperationalError:
                    return

        administrator = stack.enter_context(database.connect(autocommit=True))
        take_all()

        def again() -> None:
            administrator.execute(
                f"SELECT pg_terminate_backend(pid) {_OTHERS} AND application_name LIKE 'headwater%'"
            )
            take_all()

        yield again


@contextmanager
def _locked(database: Any) -> Iterator[Callable[[], None]]:
    with database.connect() as connection:
        connection.execute("LOCK TABLE profiles_timeline, consumer_position IN ACCESS EXCLUSIVE MODE")
        yield lambda: None
        connection.rollback()


TROUBLES = {
    "terminated": _terminated, "read_only": _read_only, "no_connections_left": _exhausted, "locked": _locked,
}  # fmt: skip


@on_both
@pytest.mark.fault_suite
@pytest.mark.fault_row(10)
@pytest.mark.parametrize("trouble", TROUBLES)
def test_the_database_is_in_trouble(trial, trouble):
    hurt = TROUBLES[trouble](trial.system.database)
    with trial.in_operation(pause=0.1) as load, trial.fault(trouble.replace("_", " ")), hurt as again:
        for _ in range(8):
            again()
            load.wait_for(20, seconds=90)
    trial.settle()


@on_kafka
@pytest.mark.fault_suite
@pytest.mark.fault_row(10)
def test_the_database_dies_behind_kafka(trial, server):
    with trial.in_operation(pause=0.05) as load, trial.fault("PostgreSQL killed"):
        kill_server(server)
        eventually(lambda: not server.is_running(), seconds=30)
        load.wait_for(200, seconds=90)
        assert server.restart_if_dead()
    trial.settle()


@on_postgres
@pytest.mark.fault_row(10)
def test_the_network_to_the_database_is_down(trial, database_proxy):
    _network(trial, database_proxy, Toxic(down=True))


@on_both
@pytest.mark.fault_suite
@pytest.mark.fault_row(10)
def test_the_network_to_the_database_drops_all(trial, database_proxy):
    _network(trial, database_proxy, Toxic(timeout=True))


def _network(trial, proxy, toxic):
    with trial.in_operation(pause=0.05) as load, trial.fault("the network to PostgreSQL"):
        proxy.be(toxic)
        load.wait_for(150, seconds=90)
        proxy.heal()
    trial.settle()


@on_both
@pytest.mark.fault_suite
@pytest.mark.fault_row(11)
def test_answers_to_commit_are_lost(trial, database_proxy):
    with trial.in_operation(pause=0.05), trial.fault("answers to COMMIT lost"):
        before = database_proxy.cuts
        database_proxy.be(Toxic(cut_at=b"COMMIT\0"))
        eventually(lambda: database_proxy.cuts >= before + LOST_COMMITS, seconds=120)
        database_proxy.heal()
    trial.settle()


def _terminate(database: Any) -> None:
    with database.connect(autocommit=True) as connection:
        connection.execute(f"SELECT pg_terminate_backend(pid) {_OTHERS}")


def _administer(database: Any, statement: sql.Composed) -> None:
    with database.connect(autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(statement)


def _name(database: Any) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(database.conninfo)["dbname"])
