"""Propose how to read a stream: its key, its cursor, and what its rows become, from the names and types of its columns."""

import json
import re
from typing import Any

from ingestion.sources.contract import Column, DataType, Mode, StreamInfo
from ingestion.sources.streams import Choice

_USER = ("customerid", "userid", "clientid", "memberid", "contactid", "customernumber", "accountid")
_CHANGED = (
    "updatedat",
    "modifiedat",
    "changedat",
    "lastmodified",
    "lastupdated",
    "updated",
    "modified",
    "systemmodstamp",
)
_MADE = (
    "createdat",
    "placedat",
    "orderedat",
    "orderdate",
    "purchasedat",
    "occurredat",
    "insertedat",
    "timestamp",
    "created",
    "date",
)
_SOLD = ("total", "amount", "price", "quantity", "revenue", "sku", "orderid")
_HOURLY = 3600


def propose(info: StreamInfo) -> Choice:
    """What to begin with; a person corrects it."""
    plain = {re.sub(r"[^a-z0-9]", "", column.name.lower()): column for column in info.columns}
    columns = [column for column in info.columns if column.type is not DataType.BINARY]
    cursor = _cursor(plain, info)
    return Choice(
        columns=[column.name for column in columns],
        key=info.key,
        mapping=_mapping(info, plain, columns, cursor),
        mode=Mode.INCREMENTAL if cursor else Mode.FULL,
        cursor=cursor,
        every_seconds=_HOURLY,
    )


def _cursor(plain: dict[str, Column], info: StreamInfo) -> str:
    timed = [column for column in info.columns if column.type is DataType.TIME]
    named = [
        plain[name]
        for name in (*_CHANGED, *_MADE)
        if name in plain and plain[name].type in (DataType.TIME, DataType.DATE)
    ]
    counted = [
        column for column in info.columns if column.type is DataType.INTEGER and info.key == (column.name,)
    ]
    return next((column.name for column in [*named, *timed, *counted]), "")


def _mapping(
    info: StreamInfo, plain: dict[str, Column], columns: list[Column], cursor: str
) -> dict[str, Any]:
    user = next((plain[name].name for name in _USER if name in plain), "")
    is_event = bool(info.device) or any(name in plain for name in _SOLD)
    who = user or ("" if is_event else next(iter(info.key), ""))
    at = next(
        (
            plain[name].name
            for name in ((*_MADE, *_CHANGED) if is_event else (*_CHANGED, *_MADE))
            if name in plain
        ),
        cursor if cursor and _is_timed(info, cursor) else "",
    )
    contacts: dict[str, str] = {name: _path(plain[name].name) for name in ("email", "phone") if name in plain}
    spoken_for = {who, at, *info.about, *(plain[name].name for name in contacts)}
    rest = {column.name: _path(column.name) for column in columns if column.name not in spoken_for}
    mapping: dict[str, Any] = {"type": "track" if is_event else "identify"}
    if is_event:
        mapping["event"] = f"{_singular(info.name)} Recorded"
    if who:
        mapping["user_id"] = _path(who)
    elif info.device:
        mapping["anonymous_id"] = info.device
    if at:
        mapping["timestamp"] = _path(at)
    parts: dict[str, dict[str, str]] = (
        {"properties": rest, "traits": contacts} if is_event else {"traits": {**contacts, **rest}}
    )
    return {**mapping, **{name: values for name, values in parts.items() if values}}


def _is_timed(info: StreamInfo, name: str) -> bool:
    return any(
        column.name == name and column.type in (DataType.TIME, DataType.DATE) for column in info.columns
    )


def _path(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else json.dumps(name, ensure_ascii=False)


def _singular(table: str) -> str:
    words = re.sub(r"[^A-Za-z0-9]+", " ", table).strip().title() or "Row"
    return words[:-1] if words.endswith("s") and not words.endswith("ss") else words
