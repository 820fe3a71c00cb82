"""The whole system as processes, on a database of the test's own and on either event log."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from cdp_site.postgres.server import EmbeddedPostgres
from streaming.kafka.log import KafkaLog
from tests.faults.brokers import ProxiedCluster
from tests.faults.databases import OwnDatabase, own_server, proxied_url
from tests.faults.proxy import Proxy
from tests.faults.record import DIRECTORY
from tests.faults.system import System
from tests.faults.trial import Place, Trial
from tests.kafka_cluster import KafkaCluster

_PASSED = pytest.StashKey[bool]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The suite's report shows first tries: a run that fails has failed."""
    if DIRECTORY in os.environ:
        # A lane that is stopped leaves nothing behind.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        for item in items:
            item.add_marker(pytest.mark.flaky(reruns=0))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.when == "call":
        item.stash[_PASSED] = report.passed
    return report


@pytest.fixture(scope="session")
def proxied_brokers(tmp_path_factory) -> Iterator[ProxiedCluster]:
    """Three brokers behind a proxy each, all up. A test that hurts one puts it right again."""
    with ProxiedCluster(tmp_path_factory.mktemp("brokers")) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def brokers(request) -> KafkaCluster:
    """A cluster whose processes may be hurt: the whole suite's, or the one of all other tests."""
    name = "proxied_brokers" if DIRECTORY in os.environ else "kafka_cluster"
    cluster: KafkaCluster = request.getfixturevalue(name)
    return cluster


@pytest.fixture
def place(request) -> Iterator[Place]:
    """The event log: PostgreSQL's, or that of the cluster in this fixture: without any of Headwater's topics, before and after."""
    if request.param == "postgres":
        yield Place("PostgreSQL", "postgres://")
        return
    cluster = request.getfixturevalue(request.param)
    log = KafkaLog.of_url(cluster.url)
    _clear(log)
    yield Place("Kafka", cluster.url, cluster)
    _clear(log)
    log.close()


def _clear(log: KafkaLog) -> None:
    for topic in log.topics():
        log.delete_topic(topic)


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of the test's own."""
    with own_server() as made:
        yield made


@pytest.fixture
def database(request) -> Any:
    """A database of the test's own; with `server`, that one's."""
    if "server" not in request.fixturenames:
        return request.getfixturevalue("fresh_database")
    made = OwnDatabase(request.getfixturevalue("server"))
    made.migrate()
    return made


@pytest.fixture
def database_proxy(database) -> Iterator[Proxy]:
    """The network between Headwater and the database."""
    port = psycopg.conninfo.conninfo_to_dict(database.conninfo)["port"]
    with Proxy(int(str(port))) as proxy:
        yield proxy


@pytest.fixture
def trial(request, place, database, tmp_path) -> Iterator[Trial]:
    """A system that is yet to be started. `pytest.mark.system(…)` holds options of it."""
    marker = request.node.get_closest_marker("system")
    url = ""
    if "database_proxy" in request.fixturenames:
        url = proxied_url(database.conninfo, request.getfixturevalue("database_proxy").port)
    with ExitStack() as stack:
        made = System(
            database, tmp_path / "home", url=url, EVENT_LOG=place.url, **(marker.kwargs if marker else {})
        )
        stack.callback(made.stop)
        row = request.node.get_closest_marker("fault_row").args[0]
        run = Trial(row, request.node.name, place, made)
        stack.callback(lambda: run.close(held=request.node.stash.get(_PASSED, False)))
        yield run
