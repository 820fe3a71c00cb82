"""SDKs of servers, unmodified, run as programs of their own: what they send is in the log as they meant it."""

import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.ingestion.collector.serving import KEY
from tests.waiting import eventually

PROGRAMS = Path(__file__).parent / "programs"
EXPECTED = {
    ("identify", None, None), ("track", "Order Completed", None), ("page", "Home", None), ("screen", "Start", None),
    ("group", None, "acme"), ("alias", None, None), ("track", "Viewed", None),
}  # fmt: skip


def run(program: str, *arguments: str) -> None:
    interpreter = sys.executable if program.endswith(".py") else "node"
    done = subprocess.run(
        [interpreter, PROGRAMS / program, *arguments], capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("gzip", ["gzip", "plain"])
@pytest.mark.parametrize(
    "program", ["segment_python.py", "rudder_python.py", "segment_node.js", "rudder_node.js"]
)
def test_everything_that_an_sdk_sends_is_in_the_log(server, log, node_modules, program, gzip):
    user = f"user-{uuid.uuid4()}"
    started = datetime.now(UTC)

    run(program, server.url, KEY, gzip, user)

    def arrived():
        events = log.events()
        of_user = [event for event in events if event["user_id"] == user]
        times = {event["received_at"] for event in of_user}
        return of_user + [
            event
            for event in events
            if event["anonymous_id"] == "visitor-1" and event["received_at"] in times
        ]

    events = {
        (one["type"], one["event"], one["group_id"]): one
        for one in eventually(arrived, until=lambda e: len(e) >= 7)
    }
    assert set(events) == EXPECTED
    assert len({event["message_id"] for event in events.values()}) == len(EXPECTED)
    identify = events["identify", None, None]
    assert identify["traits"] == {"email": "jane@example.com", "plan": "gold"}
    order = events["track", "Order Completed", None]
    assert order["properties"] == {"total": 9.5}
    assert abs(datetime.fromisoformat(order["timestamp"]) - datetime(2020, 2, 1, 10, tzinfo=UTC)) < timedelta(
        minutes=1
    )
    assert order["client_time"] is not None
    assert events["alias", None, None]["previous_id"] == "visitor-1"
    assert events["page", "Home", None]["properties"]["category"] == "Docs"
    now = datetime.fromisoformat(identify["timestamp"])
    assert started - timedelta(seconds=2) <= now <= datetime.now(UTC)
    assert all(event["sent_at"] for event in events.values())
