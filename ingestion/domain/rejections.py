"""Rejected items: from the log into rows."""

from collections.abc import Sequence
from typing import Any

import orjson
import psycopg

_COLUMNS = {
    "source_id": "bigint", "received_at": "timestamptz", "code": "text", "reason": "text", "type": "text",
    "name": "text", "message_id": "text", "raw": "text", "raw_bytes": "int",
}  # fmt: skip
_STORE = (
    f"INSERT INTO ingestion_rejection ({', '.join(_COLUMNS)}) "
    f"SELECT * FROM unnest({', '.join(f'%s::{kind}[]' for kind in _COLUMNS.values())})"
)


class UnreadableRejection(ValueError):
    """The record is not a rejection that this release understands."""


def read_rejection(value: bytes | None) -> dict[str, Any]:
    """The columns of a rejection as the collector wrote it. Raises UnreadableRejection."""
    try:
        document = orjson.loads(value or b"")
        return {column: document[column] for column in _COLUMNS}
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise UnreadableRejection(f"not a rejection as collectors write it: {error}") from error


def store_rejections(connection: psycopg.Connection[Any], rows: Sequence[dict[str, Any]]) -> None:
    """Store them within the open transaction."""
    if rows:
        connection.execute(_STORE, [[row[column] for row in rows] for column in _COLUMNS])
