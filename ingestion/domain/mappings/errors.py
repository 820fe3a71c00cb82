"""What can be wrong: with a mapping itself, at one of its fields; or with a record, at a field of the mapping."""

from collections.abc import Sequence
from typing import NamedTuple


class FieldProblem(NamedTuple):
    """What is wrong at a field of the document, such as `events[1].properties.total`."""

    field: str
    message: str


class MappingInvalid(ValueError):
    """The document is no mapping that could be used; `problems` says why, field by field."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__(
            "; ".join(f"{field}: {message}" if field else message for field, message in problems)
        )
        self.problems = list(problems)


class RecordProblem(NamedTuple):
    """Why an event could not be made of a record. It never repeats what the record holds."""

    code: str
    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}" if self.field else self.reason


class PartFailed(Exception):
    """A value cannot be made. Caught where the field's name is known."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
