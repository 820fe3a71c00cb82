"""Sources: rows of a PostgreSQL table made durable as events, by one worker, on the embedded log and on three Kafka nodes.

The table has ten columns (a customer: texts, numbers, times), the mapping names eight of them, 1,000 people are suppressed.
The floor is appending the same records, already made, to the same log. `ROWS=200000 python -m benchmarks sources`.
"""

import os
from contextlib import nullcontext

import orjson

from benchmarks._installation import Installation
from benchmarks._kafka import three_nodes
from benchmarks.collector import _SUPPRESS
from benchmarks.results import Figure

ROWS = int(os.environ.get("ROWS", "200000"))

_TABLE = """
CREATE TABLE customers (
    id bigint PRIMARY KEY, email text, first_name text, last_name text, city text, plan text, points int,
    balance numeric(10, 2), created_at timestamptz, updated_at timestamptz
)
"""
_FILL = """
INSERT INTO customers
SELECT n, 'customer' || n || '@example.com', 'First' || mod(n, 500), 'Last' || mod(n, 7000), 'City' || mod(n, 300), 'gold', mod(n, 1000),
    mod(n, 10000) / 100.0, timestamptz '2025-01-01' + n * interval '1 second', timestamptz '2026-01-01' + n / 3 * interval '1 second'
FROM generate_series(1, %s) n
"""
_READ = """
import resource, time
from datetime import UTC, datetime
import orjson
from compliance.access import Actor
from ingestion.enums import RunCause
from ingestion.sources.connections import create_connection
from ingestion.sources.registry import kind_named
from ingestion.sources.running import run_connection
from ingestion.sources.runs import start_run
from ingestion.sources.selections import settings_of
from ingestion.sources.streams import Choice, save_stream
from streaming.contracts.records import NewRecord, TopicPartition
from streaming.event_log import close_event_log, event_log

by, now = Actor.system("benchmark"), datetime.now(UTC)
settings = orjson.loads(SETTINGS)
made = create_connection(name="CRM", kind="sql", source="CRM", typed=settings, by=by, now=now)
info = kind_named("sql").describe(settings_of(made), "customers")
mapping = {"type": "identify", "user_id": "id", "timestamp": "updated_at", "traits": {name: name for name in (
    "email", "first_name", "last_name", "city", "plan", "points", "balance")}}
names = [column.name for column in info.columns]
choice = Choice(names, info.key, mapping, cursor="updated_at")
stream = save_stream(connection=made, stream=None, info=info, choice=choice, by=by, now=now)
log = event_log()

def read():
    run = start_run(stream=stream, cause=RunCause.PERSON, by=by, now=datetime.now(UTC))
    began, used = time.perf_counter(), sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    run_connection(run.pk, log=log, clock=lambda: datetime.now(UTC))
    took, used = time.perf_counter() - began, sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - used
    run.refresh_from_db()
    assert (run.state, run.read, run.rejected) == ("done", ROWS, 0), (run.state, run.failure, run.read)
    return run.accepted / took, used / run.accepted * 1e6

rate, cpu = read()
place = [TopicPartition("events.identify", number) for number in range(log.topics()["events.identify"])]
records = [NewRecord(each.topic, each.key, each.value) for each in log.tail(place, 25_000)]
began = time.perf_counter()
for first in range(0, len(records), 5000):
    log.append(records[first : first + 5000])
floor = len(records) / (time.perf_counter() - began)
close_event_log()
print(orjson.dumps([rate, cpu, floor]).decode())
"""


def run() -> list[Figure]:
    """Measure on each log."""
    return [_measured("embedded log", kafka=False), _measured("three Kafka nodes", kafka=True)]


def _measured(where: str, *, kafka: bool) -> Figure:
    with three_nodes() if kafka else nullcontext(), Installation() as installation:
        installation.manage("shell", "-c", _SUPPRESS)
        with installation.connect() as connection:
            connection.execute("CREATE SCHEMA crm")
            connection.execute("SET search_path = crm")
            connection.execute(_TABLE)
            connection.execute(_FILL % ROWS)
            connection.execute("CREATE INDEX ON customers (updated_at, id)")
            connection.execute("ANALYZE customers")
        settings = orjson.dumps(_settings(installation)).decode()
        said = installation.manage("shell", "-v0", "-c", f"SETTINGS = {settings!r}\nROWS = {ROWS}\n{_READ}")
    rate, cpu, floor = orjson.loads(said.splitlines()[-1])
    detail = f"{cpu:.1f} µs of processor a row in the worker, {ROWS:,} rows"
    return Figure(f"sources, SQL rows, {where}", rate, "/s", "50,000/s", floor, detail)


def _settings(installation: Installation) -> dict[str, str]:
    server = installation._server.connection_settings()  # noqa: SLF001 -- the measurement's own
    return {
        "dialect": "postgresql", "host": "127.0.0.1", "port": str(server["port"]), "database": str(server["dbname"]),
        "user": str(server["user"]), "password": str(server["password"]), "schema": "crm", "tls": "prefer",
    }  # fmt: skip


if __name__ == "__main__":
    for figure in run():
        print(figure)
