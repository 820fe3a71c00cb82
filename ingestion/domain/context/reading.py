"""Rows of context as they are delivered: ours, and the daily forecast and archive of Open-Meteo."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

DATASETS = {"weather": "Daily weather"}
MAX_ROWS = 5000
MAX_VALUES_BYTES = 4096
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_POSTCODE = re.compile(r"[A-Z0-9-]{2,16}")


class BadContext(ValueError):
    """The delivery cannot be taken; the message says which row and why."""


@dataclass(frozen=True, slots=True)
class Row:
    """The values of a postcode on a day."""

    country: str
    postcode: str
    day: date
    values: dict[str, Any]


def rows_of(document: Any) -> list[Row]:
    """The rows of `{"rows": [{"country", "postcode", "day", "values"}]}`, or of Open-Meteo's answer with a place added.

    Of several rows for the same place and day the last one counts. Raises BadContext.
    """
    if not isinstance(document, dict):
        raise BadContext(
            "send an object with the list `rows`, or an answer of Open-Meteo with country and postcode"
        )
    written = _of_open_meteo(document) if isinstance(document.get("daily"), dict) else document.get("rows")
    if not isinstance(written, list) or not 0 < len(written) <= MAX_ROWS:
        raise BadContext(f"rows should be a list of 1 to {MAX_ROWS:,} rows")
    rows = [_row(each, f"row {number}") for number, each in enumerate(written, 1)]
    return list({(row.country, row.postcode, row.day): row for row in rows}.values())


def place_of(country: object, postcode: object) -> tuple[str, str]:
    """A place in its one form. Raises BadContext."""
    if not isinstance(country, str) or not _COUNTRY.fullmatch(country.strip()):
        raise BadContext("country should be two letters, such as NL")
    text = re.sub(r"\s+", "", str(postcode)).upper() if isinstance(postcode, str | int) else ""
    if isinstance(postcode, bool) or not _POSTCODE.fullmatch(text):
        raise BadContext("postcode should be 2 to 16 letters and digits, such as 1012 AB")
    return country.strip().upper(), text


def day_of(text: object) -> date:
    """A day as YYYY-MM-DD. Raises BadContext."""
    try:
        return (
            date.fromisoformat(text)
            if isinstance(text, str) and len(text) == len("2026-01-05")
            else _no_day()
        )
    except ValueError:
        return _no_day()


def _no_day() -> date:
    raise BadContext("day should be a date such as 2026-01-05")


def _row(written: Any, where: str) -> Row:
    if not isinstance(written, dict):
        raise BadContext(f"{where}: should be an object with country, postcode, day and values")
    values = written.get("values")
    try:
        country, postcode = place_of(written.get("country"), written.get("postcode"))
        day = day_of(written.get("day"))
    except BadContext as error:
        raise BadContext(f"{where}: {error}") from None
    if not isinstance(values, dict) or not values or len(orjson.dumps(values)) > MAX_VALUES_BYTES:
        raise BadContext(f"{where}: values should be an object of at most {MAX_VALUES_BYTES:,} bytes")
    return Row(country, postcode, day, values)


def _of_open_meteo(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Its lists by variable, one value a day, turned into rows."""
    daily: dict[str, Any] = document["daily"]
    days = daily.get("time")
    columns = {name: column for name, column in daily.items() if name != "time"}
    if not isinstance(days, list) or any(
        not isinstance(each, list) or len(each) != len(days) for each in columns.values()
    ):
        raise BadContext("daily should have the list `time` and lists of the same length")
    place = {key: document.get(key) for key in ("country", "postcode")}
    return [
        {
            **place,
            "day": day,
            "values": {name: column[at] for name, column in columns.items() if column[at] is not None},
        }
        for at, day in enumerate(days)
    ]
