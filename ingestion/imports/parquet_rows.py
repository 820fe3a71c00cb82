"""Rows of a Parquet file, a few thousand at a time, from any of them on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.imports.content import EXPANSION_ALWAYS_ALLOWED, MAX_EXPANSION
from ingestion.imports.formats import ReaderMissing, UnreadableFile
from ingestion.imports.rows import Block, Position, Row

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

PARQUET_MAGIC = b"PAR1"
ROWS = 5000
_ROWS_ALWAYS_ALLOWED = 10_000_000
_MOST_ROWS_PER_BYTE = 100


@contextmanager
def open_parquet(path: Path) -> "Iterator[ParquetFile]":
    """The file, its metadata read and checked. Raises UnreadableFile, also for what goes wrong while it is read."""
    try:
        import pyarrow as pa  # noqa: PLC0415 -- it may be missing
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415 -- it may be missing
    except ImportError as error:
        raise ReaderMissing(
            "reading Parquet needs pyarrow, which is not installed: install requirements/sources.txt, or save the table as CSV"
        ) from error
    try:
        with ParquetFile(path, pre_buffer=False) as file:
            _refuse_bomb(file, path.stat().st_size)
            yield file
    except (pa.ArrowException, OSError, MemoryError, UnicodeDecodeError, OverflowError) as error:
        raise UnreadableFile(f"the Parquet file is torn or damaged: {str(error)[:200]}") from error


def _refuse_bomb(file: "ParquetFile", size: int) -> None:
    about = file.metadata
    unpacked = sum(about.row_group(each).total_byte_size for each in range(about.num_row_groups))
    if unpacked > max(EXPANSION_ALWAYS_ALLOWED, size * MAX_EXPANSION) or about.num_rows > max(
        _ROWS_ALWAYS_ALLOWED, size * _MOST_ROWS_PER_BYTE
    ):
        raise UnreadableFile(
            f"the Parquet file unpacks to more than {MAX_EXPANSION} times its size; if it really is data, save it as CSV"
        )


def parquet_blocks(path: Path, start: Position) -> Iterator[Block]:
    """Read on from `start`, whose offset, line and row all count rows. Groups of rows that are done are not read."""
    with open_parquet(path) as file:
        done = start.row
        for group in range(file.metadata.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if done >= rows:
                done -= rows
                continue
            for block in _of_group(file, group, done, start.row):
                yield block
                start = block.end
            done = 0


def _of_group(file: "ParquetFile", group: int, done: int, number: int) -> Iterator[Block]:
    """The rows of a group behind the first `done`; the first of them is the one after `number`."""
    for batch in file.iter_batches(ROWS, row_groups=[group]):
        if done >= batch.num_rows:
            done -= batch.num_rows
            continue
        columns = [_values(column) for column in batch.slice(done).columns]
        done = 0
        rows = [
            Row(each, each, list(values))
            for each, values in enumerate(zip(*columns, strict=True), number + 1)
        ]
        number += len(rows)
        yield Block(Position(number, number, number), rows)


def _values(column: "pa.Array") -> list[Any]:
    import pyarrow.types as kinds  # noqa: PLC0415 -- it may be missing

    values: list[Any] = column.to_pylist()
    kind = column.type
    if any(
        is_plain(kind)
        for is_plain in (kinds.is_string, kinds.is_large_string, kinds.is_integer, kinds.is_boolean)
    ):
        return values
    return [None if value is None else plain(value) for value in values]


def plain(value: Any) -> Any:
    """A value as JSON has it: times in ISO 8601, decimals as numbers, bytes as text as far as they are."""
    read = _PLAIN.get(value.__class__)
    return value if read is None else read(value)


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


_PLAIN: dict[type, Callable[[Any], Any]] = {
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: str,
    Decimal: _number,
    bytes: lambda value: value.decode(errors="replace"),
    list: lambda value: [plain(each) for each in value],
    tuple: lambda value: [plain(each) for each in value],
    dict: lambda value: {str(key): plain(each) for key, each in value.items()},
}
