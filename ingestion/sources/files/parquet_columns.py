"""The columns of a Parquet file, from its footer alone."""

from typing import Any, cast

import pyarrow as pa
import pyarrow.types as kinds
from pyarrow.parquet import ParquetFile

from ingestion.imports.formats import UnreadableFile
from ingestion.sources.contract import Column, DataType
from ingestion.sources.files.places import Reader


def parquet_columns(source: Reader) -> list[Column]:
    """Raises UnreadableFile."""
    source.seek(0)
    try:
        with ParquetFile(cast("Any", source), pre_buffer=False) as file:
            return [
                Column(field.name, _type(field.type), str(field.type)[:100]) for field in file.schema_arrow
            ]
    except (pa.ArrowException, OSError, MemoryError, UnicodeDecodeError, OverflowError) as error:
        raise UnreadableFile(f"the Parquet file is torn or damaged: {str(error)[:200]}") from error


def _type(declared: Any) -> DataType:
    """Text, bytes, or any value: another file of the same stream may have it as something else, and rows are judged one by one."""
    if kinds.is_string(declared) or kinds.is_large_string(declared):
        return DataType.TEXT
    is_bytes = kinds.is_binary(declared) or kinds.is_large_binary(declared)
    return DataType.BINARY if is_bytes else DataType.OTHER
