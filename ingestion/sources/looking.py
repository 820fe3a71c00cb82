"""Look at a stream, as a person has described it: what it holds, and what the kind finds out by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from django.core import signing

from compliance.access import Actor, require
from compliance.enums import Operation
from ingestion.models import Connection, Stream
from ingestion.sources.contract import Column, DataType, SourceKind, SourceRefused, StreamInfo
from ingestion.sources.filling import filled
from ingestion.sources.patience import somebody_waits
from ingestion.sources.registry import kind_named
from ingestion.sources.selections import settings_of
from ingestion.sources.streams import StreamInvalid

MAX_NAME = 200
KEPT = timedelta(days=1)  # a look, in a form that stays open


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found, and the stream's settings with what the kind proposed where it was left to it."""

    info: StreamInfo
    settings: dict[str, str]


@somebody_waits()
def look_at(
    *, connection: Connection, name: str, typed: Mapping[str, str], by: Actor, stream: Stream | None = None
) -> Looked:
    """How a stream of this name and these settings is now. Raises StreamInvalid, SourceError, SecretsUnreadable.

    Of `stream`, one that is read already, what is known is kept where a sample does not show it.
    """
    require(by, Operation.SOURCES_MANAGE)
    kind = _installed(connection)
    settings = checked_settings(kind, name, typed)
    info = kind.describe(settings_of(connection, settings), name)
    if stream is not None and info.is_sampled:
        info = replace(info, columns=_with_known(info.columns, stream))
    asked = {field.name for field in kind.stream_fields}
    found = {key: value for key, value in info.proposed.items() if key in asked}
    return Looked(info, {key: value for key, value in {**settings, **found}.items() if value})


def kept_look(connection: Connection, info: StreamInfo) -> str:
    """What was found, for a form to bring back to `looked_before`; nobody can write one of their own."""
    found = {
        "columns": [column.to_json() for column in info.columns],
        "identified": info.is_identified,
        "sampled": info.is_sampled,
    }
    return signing.dumps(found, salt=_salt(connection, info.name), compress=True)


def looked_before(
    *, connection: Connection, name: str, typed: Mapping[str, str], kept: str, by: Actor
) -> Looked | None:
    """How the stream was when it was looked at, without asking the source again; None when that is not known.

    The settings are those that are typed now. Raises StreamInvalid.
    """
    require(by, Operation.SOURCES_MANAGE)
    settings = checked_settings(_installed(connection), name, typed)
    try:
        found = signing.loads(kept, salt=_salt(connection, name), max_age=KEPT)
    except signing.BadSignature:
        return None
    columns = tuple(map(Column.from_json, found["columns"]))
    info = StreamInfo(name, columns, is_identified=found["identified"], is_sampled=found["sampled"])
    return Looked(info, {key: value for key, value in settings.items() if value})


def _salt(connection: Connection, name: str) -> str:
    return f"ingestion.sources.looking:{connection.pk}:{name}"


def checked_settings(kind: SourceKind, name: str, typed: Mapping[str, str]) -> dict[str, str]:
    """The settings of a stream of this name, as far as they can be checked without the source. Raises StreamInvalid."""
    settings, problems = filled(kind.stream_fields, typed)
    if kind.stream_fields and (not 0 < len(name) <= MAX_NAME or not name.isprintable()):
        problems["stream"] = (
            f"Give what is read a name of at most {MAX_NAME} characters, such as “customers”."
        )
    if problems:
        raise StreamInvalid(problems)
    return settings


def _installed(connection: Connection) -> SourceKind:
    try:
        return kind_named(connection.kind)
    except LookupError as missing:
        raise SourceRefused(f"{str(missing)[:1].upper()}{str(missing)[1:]}.") from None


def _with_known(found: tuple[Column, ...], stream: Stream) -> tuple[Column, ...]:
    """The columns of a sample and those that were chosen before: what no record of the sample has may still come."""
    known = {each["name"]: replace(Column.from_json(each), is_nullable=True) for each in stream.columns}
    shown = [known.get(column.name, column) if column.type is DataType.OTHER else column for column in found]
    names = {column.name for column in found}
    return (*shown, *(column for name, column in known.items() if name not in names))
