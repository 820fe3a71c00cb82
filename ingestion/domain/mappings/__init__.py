"""Mappings: what turns a record of any shape (a payload, a row of a table, a message of a device) into events.

A mapping is a JSON document; see docs/guides/mappings.md. Knows no Django.
"""

from ingestion.domain.mappings.containers import RecordFailed
from ingestion.domain.mappings.errors import FieldProblem, MappingInvalid, RecordProblem
from ingestion.domain.mappings.mapping import Mapped, Mapping, compile_mapping

__all__ = [
    "FieldProblem", "Mapped", "Mapping", "MappingInvalid", "RecordFailed", "RecordProblem", "compile_mapping",
]  # fmt: skip
