"""A row of a source becomes items by a mapping; the same version of it always the same messages."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from ingestion.domain.events import ItemRejected
from ingestion.domain.mappings import Mapping, RecordFailed, compile_mapping
from ingestion.imports.rows import Row
from ingestion.models import Stream


def row_prefix(connection_id: int, stream: str) -> str:
    """What stands before the identities of a stream's rows: the same when it is removed and chosen again."""
    return f"{connection_id}-{blake2b(stream.encode(), digest_size=4).hexdigest()}-"


def translation_of(stream: Stream) -> "RecordTranslation":
    """The translation of the stream's rows. Raises MappingInvalid."""
    return RecordTranslation(compile_mapping(stream.mapping), row_prefix(stream.connection_id, stream.name))


class RecordTranslation:
    """Rows whose values are an identity and a record."""

    def __init__(self, mapping: Mapping, prefix: str) -> None:
        self._made, self._prefix = mapping.made, prefix

    def items_of(self, rows: Sequence[Row]) -> list[list[dict[str, Any]]]:
        """The items of each row, none when no condition of the mapping holds. Raises ItemRejected: one cannot be taken."""
        made, prefix = self._made, self._prefix
        try:
            return [made(record, prefix + identity) for _, _, (identity, record) in rows]
        except RecordFailed as failed:
            raise ItemRejected(failed.problem.code, str(failed.problem)) from None

    def readable(self, row: Row) -> None:
        """Nothing can be said for certain of who a row is about that cannot be mapped."""
        del row
