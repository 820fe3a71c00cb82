"""Propose a mapping from the names of the columns and what stands in the first rows."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import PurePath
from typing import Any

from ingestion.domain.values import read_boolean, read_decimal_comma, read_number, read_time, time_clock
from ingestion.imports.columns import IGNORED, Column, Mapping, ValueKind
from ingestion.imports.formats import FileFormat
from ingestion.imports.rows import Row
from streaming.contracts.events import EVENT_TYPES

_NAMES = {
    "user_id": ("userid", "customerid", "customernumber", "clientid", "memberid", "contactid", "accountid"),
    "anonymous_id": ("anonymousid", "visitorid"),
    "message_id": ("messageid", "eventid"),
    "event": ("event", "eventname", "action"),
    "timestamp": (
        "timestamp", "originaltimestamp", "time", "datetime", "date", "eventtime", "occurredat", "orderdate",
        "purchasedate", "purchasedat", "orderedat", "createdat",
    ),
    "traits.email": ("email", "emailaddress", "mail", "useremail", "customeremail"),
    "traits.phone": ("phone", "phonenumber", "mobile", "telephone", "mobilephone"),
    "group_id": ("groupid",),
    "previous_id": ("previousid",),
}  # fmt: skip
_TRANSACTION = ("order", "price", "amount", "quantity", "total", "revenue", "dollar", "sku", "product")
_ORDERS = re.compile(r"order|purchase|sale|transaction", re.IGNORECASE)
_TIME_FORMATS = (
    "", "%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S",
    "%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S",
)  # fmt: skip
_MAX_CODE = 5


def propose_mapping(name: str, file_format: FileFormat, rows: Sequence[Row]) -> Mapping:
    """A mapping to begin with; a person or `Mapping.check` says whether it will do.

    Rows with a time and something bought or done are events, others describe people. Dates that could be read
    both ways are taken as month/day.
    """
    if not file_format.columns:
        return Mapping(is_segment=True)
    plain = {column: re.sub(r"[^a-z0-9]", "", column.lower()) for column in file_format.columns}
    samples = {column: _sample(rows, place) for place, column in enumerate(file_format.columns)}
    fields = _fields(plain, samples)
    found = set(fields.values())
    sells = any(word in known for known in plain.values() for word in _TRANSACTION)
    is_events = "event" in found or ("timestamp" in found and (sells or "traits.email" not in found))
    rest = "properties" if is_events else "traits"
    return Mapping(
        event_type="track" if is_events else "identify",
        event=_event_of(name) if is_events and not {"event", "type"} & found else "",
        columns=tuple(
            _column(column, fields.get(column), rest, samples[column]) for column in file_format.columns
        ),
    )


def _sample(rows: Sequence[Row], place: int) -> list[Any]:
    values = (row.values[place] for row in rows)
    return [value.strip() if isinstance(value, str) else value for value in values if value not in (None, "")]


def _fields(plain: dict[str, str], samples: dict[str, list[Any]]) -> dict[str, str]:
    """The columns whose names say what they are; the first of several wins."""
    fields: dict[str, str] = {}
    for target, names in _NAMES.items():
        for name in names:
            match = next(
                (column for column, known in plain.items() if known == name and column not in fields), None
            )
            if match is not None and (target != "timestamp" or _time_format(samples[match]) is not None):
                fields[match] = target
                break
    for column, known in plain.items():
        if known == "type" and samples[column] and set(map(str, samples[column])) <= EVENT_TYPES:
            fields[column] = "type"
        if known == "id" and "user_id" not in fields.values():
            fields[column] = "user_id"
    return fields


def _column(name: str, target: str | None, rest: str, sample: list[Any]) -> Column:
    if target == "timestamp":
        return Column(name, target, ValueKind.TIME, time_format=_time_format(sample) or "")
    if target is not None:
        return Column(name, target)
    key = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    if not key:
        return Column(name, IGNORED)
    kind = _kind(sample)
    time_format = (_time_format(sample) or "") if kind == ValueKind.TIME else ""
    return Column(name, f"{rest}.{key}", kind, time_format=time_format)


def _kind(sample: list[Any]) -> ValueKind:
    texts = [value for value in sample if isinstance(value, str)]
    if not texts or len(texts) < len(sample):
        return ValueKind.TEXT
    if any(text[0] == "0" and text.isdigit() and len(text) > 1 for text in texts):
        return ValueKind.TEXT  # postcodes and numbers of articles begin with zeros that matter
    if _all_read(texts, read_number):
        return ValueKind.NUMBER
    if _all_read(texts, read_decimal_comma):
        return ValueKind.DECIMAL_COMMA
    if max(map(len, texts)) <= _MAX_CODE and _all_read(texts, read_boolean):
        return ValueKind.BOOLEAN
    looks_timed = all(text[:1].isdigit() and len(text) >= len("1.1.2026") for text in texts)
    return ValueKind.TIME if looks_timed and _time_format(texts) is not None else ValueKind.TEXT


def _time_format(sample: Iterable[Any]) -> str | None:
    """The first format that reads every value; None when there is none."""
    texts = [str(value) for value in sample]
    for time_format in _TIME_FORMATS if texts else ():
        if _all_read(texts, partial(read_time, time_format=time_format, clock=time_clock())):
            return time_format
    return None


def _all_read(texts: Iterable[str], reading: Callable[[str], object]) -> bool:
    try:
        for text in texts:
            reading(text)
    except ValueError:
        return False
    return True


def _event_of(name: str) -> str:
    """What the rows of a file are called: `orders-2025.csv` are `Order Completed`."""
    stem = PurePath(name).name.split(".")[0]
    if _ORDERS.search(stem):
        return "Order Completed"
    return re.sub(r"[^\w]+|_", " ", stem).strip().title()[:80] or "Imported"
