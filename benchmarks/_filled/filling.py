"""The statements of this package, run one after another."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from profiles.builder.months import create_month, month_of
from profiles.builder.statistics import LATENCY_BOUNDS
from streaming.postgres.days import create_day, day_of

HERE = Path(__file__).parent
BEFORE = ("people", "identity", "facts", "known")
AFTER = ("data_in", "pipeline", "control")
_FEATURES = {
    "events": 12, "pages": 3, "distinct_pages": 2, "clicks": 7, "distinct_elements": 5, "hovers": 2, "scrolls": 3,
    "scroll_depth": 80, "errors": 0, "complaints": 0, "rage_clicks": 1, "dead_clicks": 0, "repeated_errors": 0,
    "duration_seconds": 900, "active_seconds": 320, "clicks_per_minute": 1.3, "seconds_per_page": 300.0,
}  # fmt: skip
_ANNOYANCES = [{"kind": "rage_clicks", "at": "2026-01-01T00:00:00+00:00", "what": "#buy", "page": "/shop", "times": 5, "seconds": 2.0}]  # fmt: skip
_SOCIAL = {
    "first_at": 800_000_000_000_000, "last_at": 810_000_000_000_000, "counts": {"post": 5, "reply": 0, "like": 0, "follow": 0, "mention": 0},
    "positive": 5, "neutral": 0, "negative": 0, "sentiment": 1000, "reach": 200, "purposes": [],
}  # fmt: skip


def fill(connection: psycopg.Connection[Any], names: tuple[str, ...], **parameters: Any) -> None:
    """Run the statements of these files with the parameters; says how long each file took."""
    cursor = psycopg.ClientCursor(connection)
    values = {
        "features": json.dumps(_FEATURES), "annoyances": json.dumps(_ANNOYANCES), "social": json.dumps(_SOCIAL),
        "latency": [100] * (len(LATENCY_BOUNDS) + 1), **parameters,
    }  # fmt: skip
    for name in names:
        began = time.monotonic()
        for statement in (HERE / f"{name}.sql").read_text().split(";\n"):
            if statement.strip():
                cursor.execute(statement, values)
        print(f"   filled {name} in {time.monotonic() - began:.0f} s", flush=True)


def prepare(connection: psycopg.Connection[Any]) -> None:
    """Make the tables of two years of events and of a week of the log, and let the session be quick."""
    now = datetime.now(UTC)
    for month in range(month_of(now - timedelta(days=760)), month_of(now) + 1):
        create_month(connection, month)
    for back in range(8):
        create_day(connection, day_of(now - timedelta(days=back)))
    # The statements keep the sources of anchors, as the builder does.
    connection.execute("SET headwater.keeps_sources = 'on'")
    connection.execute(
        "SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'"
    )


def settle(connection: psycopg.Connection[Any]) -> None:
    """As autovacuum leaves the tables."""
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")
