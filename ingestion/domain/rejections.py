"""Rejected items: from the log into rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg

_COLUMNS = {
    "uid": "uuid", "source_id": "bigint", "received_at": "timestamptz", "code": "text", "reason": "text", "type": "text",
    "name": "text", "message_id": "text", "raw": "text", "raw_bytes": "int",
}  # fmt: skip
_LONGEST = {"code": 40, "reason": 300, "type": 16, "name": 200, "message_id": 100, "raw": 64 * 1024}
_LARGEST = {"source_id": 2**63 - 1, "raw_bytes": 2**31 - 1}
_STORE = (
    f"INSERT INTO ingestion_rejection ({', '.join(_COLUMNS)}) "
    f"SELECT * FROM unnest({', '.join(f'%s::{kind}[]' for kind in _COLUMNS.values())}) ON CONFLICT (uid) DO NOTHING"
)


class UnreadableRejection(ValueError):
    """The record is not a rejection that this release understands."""


def read_rejection(value: bytes | None) -> dict[str, Any]:
    """The columns of a rejection as the collector wrote it, which the table can hold. Raises UnreadableRejection."""
    try:
        document = orjson.loads(value or b"")
        row = {column: document[column] for column in _COLUMNS}
        row["uid"] = UUID(row["uid"])
        row["received_at"] = datetime.fromisoformat(row["received_at"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableRejection(
            f"not a rejection as collectors write it: {type(error).__name__}"
        ) from error
    if wrong := [column for column, content in row.items() if not _fits(column, content)]:
        raise UnreadableRejection(f"not a rejection as collectors write it: {', '.join(wrong)}")
    return row


def _fits(column: str, content: object) -> bool:
    if _COLUMNS[column] == "text":
        return isinstance(content, str) and len(content) <= _LONGEST[column] and "\0" not in content
    if isinstance(content, UUID):
        return True
    if isinstance(content, datetime):
        return content.tzinfo is not None
    return type(content) is int and 0 <= content <= _LARGEST[column]


def store_rejections(connection: psycopg.Connection[Any], rows: Sequence[dict[str, Any]]) -> None:
    """Store them within the open transaction, each once: a group may reach the log and the spool."""
    if rows:
        connection.execute(_STORE, [[row[column] for row in rows] for column in _COLUMNS])
