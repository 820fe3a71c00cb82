"""Make, change and try connections. What a person typed as a secret is encrypted, and never shown again."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from compliance.access import Actor, require
from compliance.audit import record_change
from compliance.enums import Operation
from compliance.secrets import SecretsUnreadable, seal, unseal
from ingestion.domain.sources import source_named
from ingestion.models import Connection
from ingestion.sources.contract import Settings, SourceKind, StreamInfo
from ingestion.sources.failing import record_success
from ingestion.sources.filling import filled
from ingestion.sources.patience import somebody_waits
from ingestion.sources.registry import kind_named
from ingestion.sources.selections import settings_of

MAX_NAME = 100


class ConnectionInvalid(ValueError):
    """The form cannot be used; `problems` says why, by field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)


@somebody_waits()
def create_connection(
    *, name: str, kind: str, source: str, typed: Mapping[str, str], by: Actor, now: datetime
) -> Connection:
    """Keep a connection whose login works. Raises ConnectionInvalid, SourceError."""
    require(by, Operation.SOURCES_MANAGE)
    settings = _checked(kind_named(kind), name, typed, source=source)
    kind_named(kind).check(settings)
    shown, secret = _parted(kind_named(kind), settings)
    try:
        with transaction.atomic():
            made = Connection.objects.create(
                name=name.strip(), kind=kind, source=source_named(name=source, by=by, now=now), settings=shown,
                secrets=seal(secret), created_at=now, created_by=by.name,
            )  # fmt: skip
            record_change(
                by,
                action="connection.create",
                target=f"connection:{made.pk}",
                detail={"name": made.name, "kind": kind},
            )
    except IntegrityError:
        raise ConnectionInvalid({"name": f"There is a connection {name.strip()!r} already."}) from None
    return made


@somebody_waits()
def change_connection(
    *, connection: Connection, name: str, typed: Mapping[str, str], by: Actor, now: datetime
) -> None:
    """Use other settings, once they work; a secret that is left empty stays. Raises ConnectionInvalid, SourceError."""
    require(by, Operation.SOURCES_MANAGE)
    kind = kind_named(connection.kind)
    settings = _checked(kind, name, with_kept_secrets(connection, typed))
    kind.check(settings)
    shown, secret = _parted(kind, settings)
    changed = sorted(
        key for key in {*shown, *connection.settings} if shown.get(key) != connection.settings.get(key)
    )
    try:
        with transaction.atomic():
            Connection.objects.filter(pk=connection.pk).update(
                name=name.strip(), settings=shown, secrets=seal(secret)
            )
            detail = {"changed": [*changed, *(["a secret"] if any(typed.get(key) for key in secret) else [])]}
            record_change(by, action="connection.change", target=f"connection:{connection.pk}", detail=detail)
    except IntegrityError:
        raise ConnectionInvalid({"name": f"There is a connection {name.strip()!r} already."}) from None
    record_success(connection, now=now)
    connection.refresh_from_db()


@somebody_waits()
def try_settings(*, kind: str, typed: Mapping[str, str], connection: Connection | None, by: Actor) -> str:
    """What a test of these settings found, as a sentence. Raises ConnectionInvalid, SourceError."""
    require(by, Operation.SOURCES_MANAGE)
    given = typed if connection is None else with_kept_secrets(connection, typed)
    return kind_named(kind).check(_checked(kind_named(kind), "any", given))


@somebody_waits()
def discover_streams(*, connection: Connection, by: Actor) -> list[StreamInfo]:
    """The streams that the connection can read. Raises SourceError, SecretsUnreadable."""
    require(by, Operation.SOURCES_MANAGE)
    return kind_named(connection.kind).discover(settings_of(connection))


def with_kept_secrets(connection: Connection, typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, with the stored secrets where nothing was, unless they would go to another host."""
    fields = kind_named(connection.kind).fields
    places = [field.name for field in fields if field.is_place]
    if any(typed.get(name, "").strip() != connection.settings.get(name, "") for name in places):
        return dict(typed)  # or a secret could be had by pointing its connection at a host of one's own
    try:
        kept = unseal(connection.secrets)
    except SecretsUnreadable:
        return dict(typed)
    renewed = {field.name for field in fields if typed.get(field.name) or typed.get(field.goes_with)}
    return {**typed, **{key: value for key, value in kept.items() if key not in renewed}}


def kept_secrets(connection: Connection) -> frozenset[str]:
    """The names of the secrets that are stored, and stay when nothing is typed."""
    try:
        return frozenset(unseal(connection.secrets))
    except SecretsUnreadable:
        return frozenset()


def _checked(kind: SourceKind, name: str, typed: Mapping[str, str], *, source: str = "any") -> Settings:
    problems: dict[str, str] = {}
    if not 0 < len(name.strip()) <= MAX_NAME:
        problems["name"] = f"Give the connection a name of at most {MAX_NAME} characters, such as “CRM”."
    if not source.strip():
        problems["source"] = "Say which source the rows are from: choose one, or name a new one."
    settings, wrong = filled(kind.fields, typed)
    problems |= wrong
    if problems:
        raise ConnectionInvalid(problems)
    return settings


def _parted(kind: SourceKind, settings: Settings) -> tuple[dict[str, str], dict[str, str]]:
    """The settings that may be shown, and the secrets."""
    secret = {field.name for field in kind.fields if field.is_secret}
    shown = {key: value for key, value in settings.items() if key not in secret and value}
    return shown, {key: value for key, value in settings.items() if key in secret and value}
