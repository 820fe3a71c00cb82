"""`python -m tests.faults [PYTEST ARGUMENTS]`: the whole fault suite in lanes side by side, and its report."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults.record import DIRECTORY, read_records
from tests.faults.report import write_report

ROOT = Path(__file__).resolve().parents[2]
# Lanes take about as long as each other; each has a PostgreSQL and a Kafka cluster of its own.
LANES = (
    ("test_brokers.py", "test_clocks.py", "test_disks.py"),
    ("test_kills.py", "test_poison.py", "test_retention.py", "test_workers.py"),
    (
        "test_collector.py", "test_database.py", "test_database_gone.py", "test_redelivery.py", "test_sockets.py",
        "test_spool_tail.py",
    ),
)  # fmt: skip
LANE_SECONDS = 1700


def main(arguments: list[str]) -> int:
    """Run the lanes and write docs/faults.md. Returns 1 when a test failed."""
    folder = Path(__file__).parent
    planned = {name for lane in LANES for name in lane}
    there = {path.name for path in folder.glob("test_*.py") if "mark.fault_row" in path.read_text()}
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
        *(f"tests/faults/{name}" for name in lane),
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
