"""The form that mends quarantined events: steps as rows of fields, and the same as JSON."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.http import QueryDict

from ingestion.domain.plans.comparing import TYPES
from ingestion.domain.plans.finding import TYPE_WORDS
from ingestion.domain.quarantine.mending import CASTS, MAX_STEPS, MendingError
from ingestion.domain.values import read_number

DOES = {
    "cast": "Read it as another type",
    "rename": "Rename it",
    "default": "Fill it in where it is missing",
    "drop": "Take it out",
    "rename_event": "Rename the event",
}
_DO = re.compile(r"step-(\d{1,6})-do")
_CAST_OF = {
    "number": "number",
    "integer": "integer",
    "string": "text",
    "boolean": "boolean",
}  # by the type of the plan
CAST_WORDS = {cast: TYPES[planned].capitalize() for planned, cast in _CAST_OF.items()}
_WANTED = {TYPE_WORDS[planned]: cast for planned, cast in _CAST_OF.items()}
_SHOULD_BE = re.compile(rf"`([^`.\[]+)` should be ({'|'.join(_WANTED)})(?:;|$)")
_LONGEST = 20_000
_PLAIN = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step as it is filled in."""

    do: str = "cast"
    key: str = ""
    to: str = ""
    cast: str = "number"
    value: str = ""


def posted_steps(posted: QueryDict) -> object:
    """The steps that were posted: as JSON where that form was used, else as rows. Raises MendingError."""
    if "steps" not in posted:
        return [step_of(row) for row in _rows(posted)]
    try:
        return orjson.loads(posted.get("steps", "")[:_LONGEST] or "[]")
    except orjson.JSONDecodeError as error:
        raise MendingError(f"the steps are not JSON: {error}") from error


def shown_rows(posted: QueryDict, steps: object) -> list[StepRow]:
    """The rows of the form: as they were posted, or what they are of steps that were written as JSON."""
    if "steps" in posted:
        return [row_of(each) for each in steps if isinstance(each, dict)] if isinstance(steps, list) else []
    return _rows(posted)


def suggested(reason: str) -> list[StepRow]:
    """What the reason suggests: values of another type can be read as the one that the plan asks for."""
    return [StepRow("cast", key, cast=_WANTED[words]) for key, words in _SHOULD_BE.findall(reason)]


def step_of(row: StepRow) -> dict[str, Any]:
    """The step of a row."""
    step: dict[str, Any] = {"do": row.do}
    if row.do != "rename_event":
        step["key"] = row.key
    if row.do in ("rename", "rename_event"):
        step["to"] = row.to
    elif row.do == "cast":
        step["to"] = row.cast
    elif row.do == "default":
        step["value"] = _value(row.value)
    return step


def row_of(step: Mapping[str, Any]) -> StepRow:
    """The row of a step."""
    do, to = str(step.get("do", "")), str(step.get("to", ""))
    return StepRow(
        do, str(step.get("key", "")), "" if do == "cast" else to, to if do == "cast" and to in CASTS else "number",
        _text(step.get("value", "")),
    )  # fmt: skip


def _rows(posted: QueryDict) -> list[StepRow]:
    numbers = [found[1] for name in posted if (found := _DO.fullmatch(name))]
    return [
        StepRow(
            *(
                posted.get(f"step-{number}-{field}", "").replace("\0", "").strip()[:1000]
                for field in StepRow.__slots__
            )
        )
        for number in numbers[: MAX_STEPS + 1]
    ]


def _value(text: str) -> Any:
    """What is filled in: true and false, a number, else a text, which quotation marks make of anything."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    if text in _PLAIN:
        return _PLAIN[text]
    try:
        return read_number(text)
    except ValueError:
        return text


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return orjson.dumps(value).decode()
    return value if _value(value) == value and isinstance(_value(value), str) else f'"{value}"'
