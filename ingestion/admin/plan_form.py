"""The form of one event of a plan: rows as they are posted, and what a row can be chosen to be."""

import hashlib
import re
from collections.abc import Mapping

from django.http import QueryDict

from ingestion.domain.plans.comparing import ACTIONS, type_words
from ingestion.domain.plans.document import Plan
from ingestion.domain.plans.fields import MAX_ROWS, FieldRow

TYPES = ("", "string", "number", "integer", "boolean", "array", "object")
_NAME = re.compile(r"row-(\d{1,6})-path")
_LONGEST = 20_000
_FIELDS = ("path", "type", "values", "pattern", "low", "high", "action", "was")


def digest_of(name: str) -> str:
    """By what the address calls an event of a plan: names may be what sources make of people."""
    return hashlib.blake2b(name.encode(), digest_size=10).hexdigest()


def event_of(plan: Plan, digest: str) -> str | None:
    """The event of this digest (`type:name`), if the plan has it."""
    return next((name for name in plan.events if digest_of(name) == digest), None)


def posted_rows(posted: QueryDict) -> list[FieldRow]:
    """The rows as they were filled in, in their order; rows without a name are left out."""
    numbers = [found[1] for name in posted if (found := _NAME.fullmatch(name))]
    rows = [_row(posted, number) for number in numbers[: MAX_ROWS + 1]]
    return [row for row in rows if row.path]


def type_choices(row: FieldRow) -> list[tuple[str, str]]:
    """What the type can be, the one that a schema has already among it."""
    known = TYPES if row.type in TYPES else (*TYPES, row.type)
    return [(each, type_words(each).capitalize()) for each in known]


def action_choices(row: FieldRow) -> list[tuple[str, str]]:
    """What becomes of what breaks it; only what stands at the top can be taken out alone."""
    return [
        (value, words.capitalize())
        for value, words in ACTIONS.items()
        if value != "strip" or "strip" in (row.action, _if_top(row))
    ]


def _if_top(row: FieldRow) -> str:
    return "" if "." in row.path or "[" in row.path else "strip"


def _row(posted: Mapping[str, str], number: str) -> FieldRow:
    texts = {
        field: posted.get(f"row-{number}-{field}", "").replace("\0", "").strip()[:_LONGEST]
        for field in _FIELDS
    }
    return FieldRow(
        **texts,
        is_required=posted.get(f"row-{number}-required") == "1",
        more=posted.get(f"row-{number}-more") == "1",
    )
