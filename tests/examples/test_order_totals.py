"""The example of a consumer of one's own: installed as a distribution, migrated and run; and the guide that shows it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from streaming.contracts.combined import decode_combined
from streaming.contracts.events import encode_event
from streaming.contracts.records import NewRecord, TopicSpec
from streaming.postgres.log import PostgresLog
from tests.conftest import ROOT, Database
from tests.profiles.builder.driver import event
from tests.streaming.contract.subject import Subject

EXAMPLE = ROOT / "docs" / "examples" / "order_totals"
GUIDE = ROOT / "docs" / "guides" / "write-a-consumer.md"
TOPIC = "events.order_completed"


def _install(target: Path) -> None:
    """Do what the guide says. What builds the distribution is among the packages of the tests: no index is asked."""
    told = re.search(r"^\.venv/bin/pip (install .+)$", GUIDE.read_text(), re.MULTILINE)
    assert told is not None
    offline = ("--no-build-isolation", "--no-index", "--disable-pip-version-check")
    done = subprocess.run(
        [sys.executable, "-m", "pip", *told[1].split(), *offline, "--quiet", "--target", str(target)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]


class Installation:
    """Headwater with the example installed beside it."""

    def __init__(self, database: Database, path: Path) -> None:
        target = path / "installed"
        _install(target)
        self.environment = {
            **database.environment, "HEADWATER_HOME": str(path / "home"), "PYTHONPATH": str(target),
            "PYTHONWARNINGS": "ignore", "EVENT_LOG": "postgres://",
        }  # fmt: skip

    def run(self, *command: str) -> None:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]


def order(user: str, total: float) -> NewRecord:
    made = event(name="Order Completed", user_id=user, properties={"total": total})
    return NewRecord(TOPIC, user.encode(), encode_event(made))


def test_the_example_sums_the_orders_of_each_person_and_publishes_the_totals(
    fresh_database: Database, tmp_path: Path
):
    installation = Installation(fresh_database, tmp_path)
    log = PostgresLog(fresh_database.conninfo)
    try:
        log.create_topics([TopicSpec(TOPIC, 2), TopicSpec("profiles.events", 2)])
        log.append([order("jane", 20), order("joe", 5), order("jane", 22.5)])
        log.append([NewRecord("profiles.events", b"k", b"no event")])
        installation.run("migrate", "-v0")
        installation.run("run_consumers", "profiles", "order_totals", "--until-caught-up")
        with fresh_database.connect() as connection:
            rows = connection.execute(
                "SELECT orders, amount::float8 FROM order_total ORDER BY amount"
            ).fetchall()
            letters = connection.execute("SELECT consumer, value FROM dead_letter").fetchall()
        assert rows == [(1, 5.0), (2, 42.5)]
        assert [(name, bytes(value)) for name, value in letters] == [("order_totals", b"no event")]
        published = [decode_combined(record.value) for record in Subject(log).read_topic("order_totals")]
    finally:
        log.close()
    newest = {each["id"]: each["value"] for each in sorted(published, key=lambda each: each["version"])}
    assert sorted(value["amount"] for value in newest.values()) == [5.0, 42.5]


@pytest.mark.parametrize("name", ["order_totals/consumer.py", "pyproject.toml"])
def test_the_guide_shows_the_very_files(name: str):
    shown = re.search(
        rf"<!-- docs/examples/order_totals/{re.escape(name)} -->\n```\w+\n(.*?)```",
        GUIDE.read_text(),
        re.DOTALL,
    )
    assert shown is not None
    assert shown[1] == (EXAMPLE / name).read_text()


def test_the_consumer_is_as_short_as_promised():
    source = (EXAMPLE / "order_totals" / "consumer.py").read_text()
    body = source.partition("class OrderTotals")[2].partition("\n\n\n")[0]
    assert len([line for line in body.splitlines() if line.strip()]) <= 20
