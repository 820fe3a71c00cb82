"""`GET` a profile by identifier: a million profiles, 500 requests a second, the load generator on the same cores."""

import asyncio
import itertools
import json
import random
import time
from collections.abc import Iterator

import psycopg

from benchmarks._installation import Installation
from benchmarks._load import Outcome, drive
from benchmarks.results import Figure

PEOPLE = 1_000_000
RATE = 500.0
SECONDS = 30.0
WARM_UP_S = 5.0

_TRAITS = {
    "name": "Person #", "email": "person#@example.com", "phone": "+44207#", "city": "Leeds", "plan": "gold", "age": 42,
    "newsletter": True, "address": {"street": "# High Street", "postcode": "LS1 #"},
}  # fmt: skip
_ORIGIN = {"at": "2026-01-01T00:00:00.000000Z", "source": 1, "message": "m#"}
_SEED = """
SET synchronous_commit = off;
SET maintenance_work_mem = '256MB';
CREATE TEMP TABLE seed AS SELECT n, gen_random_uuid() AS id FROM generate_series(1, %(people)s) n;
INSERT INTO profiles_profile
    (id, public_id, traits, provenance, lifecycle, first_seen, version, incarnation)
SELECT n, id, replace(%(traits)s, '#', n::text)::jsonb, replace(%(provenance)s, '#', n::text)::jsonb,
    'customer', '2026-01-01Z', 1, 1 FROM seed;
INSERT INTO profiles_identifier (namespace_id, value, profile_id, shared, first_seen)
SELECT s.id, k.value, n, false, '2026-01-01Z' FROM seed
CROSS JOIN LATERAL (VALUES ('user_id', 'u' || n), ('email', 'person' || n || '@example.com'),
    ('anonymous_id', 'a' || n), ('anonymous_id', 'b' || n)) k (namespace, value)
JOIN profiles_namespace s ON s.key = k.namespace;
INSERT INTO profiles_anchor (key, birth_id, home_id, profile_id, live_id, mapping_version, first_seen)
SELECT decode(md5('a' || n), 'hex'), id, NULL, n, id, 1, '2026-01-01Z' FROM seed;
INSERT INTO profiles_anchor (key, birth_id, home_id, profile_id, live_id, mapping_version, first_seen)
SELECT decode(md5('b' || n), 'hex'), gen_random_uuid(), NULL, n, id, 1, '2026-01-02Z' FROM seed;
INSERT INTO profiles_eventname (type, name) VALUES ('page', 'page'), ('track', 'Order Completed');
INSERT INTO profiles_daily_counter (anchor_id, day, event_id, count, first_at, last_at)
SELECT a.id, d.day, e.id, 3, d.day, d.day FROM profiles_anchor a
CROSS JOIN (VALUES ('2026-01-02'::date), ('2026-02-01'::date)) d (day) CROSS JOIN profiles_eventname e;
"""
_TABLES = ("profile", "identifier", "anchor", "daily_counter", "eventname", "namespace")


def run() -> list[Figure]:
    """Seed, serve, measure the floor, then the figure."""
    with Installation() as installation:
        seed(installation)
        header = (
            f"Host: localhost:{installation.port}\r\nAuthorization: Bearer {_token(installation)}\r\n\r\n"
        )
        installation.serve()
        drives = [
            (itertools.repeat(_request("/api/nothing/", header)), WARM_UP_S, 404),
            (_lookups(header), WARM_UP_S, 200),
            (itertools.repeat(_request("/api/nothing/", header)), SECONDS / 3, 404),
            (_lookups(header), SECONDS, 200),
        ]
        outcomes = [
            asyncio.run(drive(installation.port, requests, rate=RATE, seconds=seconds, status=status))
            for requests, seconds, status in drives
        ]
        commit = _commit_p99(installation)
    for outcome in outcomes:
        if outcome.wrong:
            raise RuntimeError(f"{len(outcome.wrong)} wrong answers, the first: {outcome.wrong[0][:500]!r}")
    return [
        *(_figure(share, *outcomes[2:]) for share in (0.5, 0.99)),
        Figure(
            "one row committed by one connection, p99", commit, "ms", detail="each read commits an audit row"
        ),
    ]


def _figure(share: float, floor: Outcome, measured: Outcome) -> Figure:
    return Figure(
        f"profile by identifier, p{share * 100:.0f}",
        measured.percentile(share),
        "ms",
        goal="< 20" if share > 0.9 else "",
        floor=floor.percentile(share),
        detail=f"{PEOPLE:,} people, {RATE:.0f} requests/s; floor: an empty answer of Django",
    )


def _commit_p99(installation: Installation) -> float:
    outcome = Outcome()
    with installation.connect() as connection:
        connection.execute("CREATE TABLE committed (at timestamptz)")
        for _ in range(500):
            began = time.perf_counter()
            connection.execute("INSERT INTO committed VALUES (now())")
            outcome.latencies.append(time.perf_counter() - began)
    return outcome.percentile(0.99)


def _request(path: str, header: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\n{header}".encode()


def _lookups(header: str) -> Iterator[bytes]:
    chosen = random.Random(1)
    while True:
        yield _request(f"/api/v1/profiles/?identifier=user_id:u{chosen.randrange(1, PEOPLE + 1)}", header)


def seed(installation: Installation, people: int = PEOPLE) -> None:
    """Put so many people there, with traits, identifiers and counters."""
    with installation.connect() as connection:
        cursor = psycopg.ClientCursor(connection)  # which takes several statements with parameters
        provenance = json.dumps(dict.fromkeys(_TRAITS, _ORIGIN))
        cursor.execute(_SEED, {"people": people, "traits": json.dumps(_TRAITS), "provenance": provenance})
        for table in _TABLES:
            connection.execute(f"VACUUM ANALYZE profiles_{table}")
        connection.execute("CHECKPOINT")


def _token(installation: Installation) -> str:
    scopes = ("--scope", "people.view", "people.search")
    categories = (
        "--category",
        "identity",
        "contact",
        "behaviour",
        "transactions",
        "location",
        "unclassified",
    )
    return installation.manage("create_token", "benchmark", *scopes, *categories)


if __name__ == "__main__":
    for figure in run():
        print(figure)
