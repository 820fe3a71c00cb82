"""The fields that a kind of source asks for, in forms: of a connection, and of each of its streams."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ingestion.admin.addresses import typed
from ingestion.sources.contract import FormField
from ingestion.sources.filling import longest

KEPT = "kept unless you type another"


def typed_fields(
    posted: Mapping[str, str], fields: Sequence[FormField], *, prefix: str = ""
) -> dict[str, str]:
    """What was typed; a secret as it is, with spaces at its ends."""
    return {
        field.name: posted.get(prefix + field.name, "")[: longest(field) + 1] if field.is_secret
        else typed(posted, prefix + field.name, limit=longest(field) + 1).replace("\r\n", "\n")
        for field in fields
    }  # fmt: skip


def shown_fields(
    fields: Sequence[FormField], values: Mapping[str, str], problems: Mapping[str, str], *, prefix: str = "",
    kept: Collection[str] = (),
) -> list[dict[str, Any]]:  # fmt: skip
    """The fields for the form; of a secret never its value, but whether one of those that are `kept` is it."""
    given = {field.name: values.get(field.name) or field.default for field in fields}
    return [
        {
            "field": field, "name": prefix + field.name, "value": "" if field.is_secret else given[field.name],
            "placeholder": KEPT if field.name in kept else field.placeholder,
            "error": problems.get(field.name, ""), "is_asked": field.is_asked(given), "lines": _lines(given[field.name]),
            "shown_if": prefix + field.shown_if[0] if field.shown_if else "",
            "shown_for": " ".join(field.shown_if[1]) if field.shown_if else "",
        }
        for field in fields
    ]  # fmt: skip


def said_of(fields: Sequence[FormField], values: Mapping[str, str]) -> list[tuple[str, str]]:
    """The settings in words, but the secrets."""
    return [
        (field.label, dict(field.choices).get(values[field.name], values[field.name]))
        for field in fields
        if not field.is_secret and values.get(field.name)
    ]


def _lines(value: str) -> int:
    return min(12, value.count("\n") + 2)
