"""`python -m tests.faults [PYTEST ARGUMENTS]`: the whole fault suite in lanes side by side, and its report."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults.record import DIRECTORY, read_records
from tests.faults.report import write_report

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
_OURS = re.compile(r"mark\.fault_(row|suite)\b")
# Lanes take about as long as each other; each has a PostgreSQL and a Kafka cluster of its own.
LANES = (
    ("faults/test_brokers.py", "faults/test_clocks.py", "faults/test_disks.py", "monitoring/test_rules.py"),
    ("faults/test_kills.py", "faults/test_poison.py", "faults/test_retention.py", "faults/test_workers.py"),
    (
        "faults/test_collector.py", "faults/test_database.py", "faults/test_database_gone.py",
        "faults/test_redelivery.py", "faults/test_sockets.py", "faults/test_spool_tail.py",
        "monitoring/test_rules_on_kafka.py",
    ),
)  # fmt: skip
LANE_SECONDS = 1700


def main(arguments: list[str]) -> int:
    """Run the lanes and write docs/faults.md. Returns 1 when a test failed."""
    planned = {name for lane in LANES for name in lane}
    there = {
        str(path.relative_to(TESTS))
        for folder in ("faults", "monitoring")
        for path in (TESTS / folder).glob("test_*.py")
        if _OURS.search(path.read_text())
    }
    if planned != there:
        raise SystemExit(f"LANES names other files than there are: {sorted(planned ^ there)}")
    with tempfile.TemporaryDirectory(prefix="hw-faults-") as directory:
        lanes = [_start(number, lane, arguments, Path(directory)) for number, lane in enumerate(LANES, 1)]
        codes = [_wait(number, lane, Path(directory)) for number, lane in enumerate(lanes, 1)]
        records = read_records(Path(directory))
    write_report(records, page=ROOT / "docs" / "faults.md", pictures=ROOT / "docs" / "faults")
    held = sum(record.held for record in records)
    print(f"{held} of {len(records)} runs held; the report is docs/faults.md")  # noqa: T201 -- its purpose
    return int(any(codes) or held < len(records))


def _start(
    number: int, lane: tuple[str, ...], arguments: list[str], directory: Path
) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "pytest", "-m", "fault", "-p", "no:cacheprovider", *arguments,
        *(f"tests/{name}" for name in lane),
    ]  # fmt: skip
    with (directory / f"lane-{number}.log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, DIRECTORY: str(directory)}
        )


def _wait(number: int, lane: subprocess.Popen[bytes], directory: Path) -> int:
    try:
        code = lane.wait(LANE_SECONDS)
    except subprocess.TimeoutExpired:
        lane.terminate()  # as in conftest.py: the fixtures end what they started
        code = lane.wait(120) or 1
    finally:
        if lane.poll() is None:
            lane.kill()
    print(f"--- lane {number} ---\n{(directory / f'lane-{number}.log').read_text(errors='replace')}")  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
