"""Files into the log: rows a second of one import, and the CPU time of its process per row.

`ROWS=300000 python -m benchmarks imports`; `KINDS=csv,jsonl,parquet,xlsx` chooses the files, `LOGS=postgres,kafka` the logs.
"""

import csv
import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import orjson

from benchmarks._installation import Installation
from benchmarks._kafka import three_nodes
from benchmarks.results import Figure

ROWS = int(os.environ.get("ROWS", "300000"))
KINDS = os.environ.get("KINDS", "csv,jsonl,parquet,xlsx").split(",")
LOGS = os.environ.get("LOGS", "postgres,kafka").split(",")
COLUMNS = ("customer_id", "order_date", "order_id", "total", "quantity", "product", "channel")
_DONE = "SELECT row, accepted, running_seconds FROM ingestion_fileimport ORDER BY id DESC LIMIT 1"
_GOAL = "50,000/s"


def run() -> list[Figure]:
    """Measure each kind of file on each log, in an installation of its own for each log."""
    figures = []
    for log in LOGS:
        with ExitStack() as stack:
            if log == "kafka":
                stack.enter_context(three_nodes())
            installation = stack.enter_context(Installation())
            for kind in KINDS:
                path = _FILES[kind](installation.home / f"orders.{kind}")
                figures += _imported(installation, log, kind, path)
    return figures


def _imported(installation: Installation, log: str, kind: str, path: Path) -> list[Figure]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    installation.manage("send_events", str(path), "--source", kind)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    row = installation.connect().execute(_DONE).fetchone()
    assert row is not None
    rows, accepted, seconds = row
    assert rows == accepted == ROWS
    floor = _floor(path) if kind == "csv" else None
    detail = f"{ROWS:,} rows of {len(COLUMNS)} columns, {path.stat().st_size / ROWS:.0f} bytes each"
    return [
        Figure(f"import of {kind} into {log}", rows / seconds, "rows/s", _GOAL, floor, detail),
        Figure(
            f"import of {kind} into {log}, CPU of its process",
            cpu / rows * 1e6,
            "µs/row",
            detail="start included",
        ),
    ]


def _floor(path: Path) -> float:
    """Rows that are read and written as JSON, and no more."""
    started = time.perf_counter()
    with path.open(newline="") as file:
        for row in csv.reader(file):
            orjson.dumps(row)
    return ROWS / (time.perf_counter() - started)


def _rows() -> Iterator[tuple[str, str, str, float, int, str, str]]:
    for number in range(ROWS):
        day, second = number % 365, number % 60
        yield (
            f"c{number % (ROWS // 3 + 1)}", f"2025-{day // 31 + 1:02d}-{day % 28 + 1:02d}T10:{number % 60:02d}:{second:02d}Z",
            f"o{number}", number % 9000 / 100, number % 5 + 1, f"Product {number % 500}", "web",
        )  # fmt: skip


def _csv(path: Path) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(_rows())
    return path


def _jsonl(path: Path) -> Path:
    with path.open("wb") as file:
        for row in _rows():
            file.write(orjson.dumps(dict(zip(COLUMNS, row, strict=True))) + b"\n")
    return path


def _parquet(path: Path) -> Path:
    import pyarrow as pa  # noqa: PLC0415 -- only here
    from pyarrow import parquet  # noqa: PLC0415 -- only here

    values = dict(zip(COLUMNS, map(list, zip(*_rows(), strict=True)), strict=True))
    parquet.write_table(pa.table(values), path, row_group_size=100_000)
    return path


def _xlsx(path: Path) -> Path:
    import openpyxl  # noqa: PLC0415 -- only here

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Orders")
    sheet.append(COLUMNS)
    for row in _rows():
        sheet.append(row)
    book.save(path)
    return path


_FILES: dict[str, Callable[[Path], Path]] = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet, "xlsx": _xlsx}


if __name__ == "__main__":
    for figure in run():
        print(figure, flush=True)
