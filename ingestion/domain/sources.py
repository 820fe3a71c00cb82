"""Make, rotate and disable the sources that may send events."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from compliance.access import Actor, require
from compliance.audit import record_change
from compliance.enums import Operation
from compliance.sources import sees_source
from ingestion.domain.catalogue.deciding import check_purposes
from ingestion.models import Source, WriteKey

MAX_ACTIVE_KEYS = 2
LONGEST_VISIT_TIMEOUT = 24 * 60  # minutes
_WRITE_KEY = re.compile(r"[A-Za-z0-9_-]{6,64}")


class SourceError(ValueError):
    """The change cannot be made; the message says why and what to do."""


def create_source(
    *, name: str, by: Actor, now: datetime, write_key: str | None = None, description: str = ""
) -> Source:
    """Make a source with its first write key. Repeating it with the same name and key changes nothing."""
    require(by, Operation.SOURCES_MANAGE)
    with transaction.atomic():
        source, made = Source.objects.get_or_create(
            name=name.strip(), defaults={"created_at": now, "description": description}
        )
        if not made and (write_key is None or not source.write_keys.filter(key=write_key).exists()):
            raise SourceError(
                f"there is a source {source.name!r} already: choose another name, or rotate its key"
            )
        if made:
            _add_key(source, write_key, now)
            record_change(
                by, action="source.create", target=f"source:{source.pk}", detail={"name": source.name}
            )
    return source


def source_named(*, name: str, by: Actor, now: datetime) -> Source:
    """The source of this name, made (with a key nobody knows yet) when there is none: for imports.

    Raises SourceError, also for one that they may not see.
    """
    existing = Source.objects.filter(name=name.strip()).first()
    if existing is not None and not sees_source(by, existing.pk):
        raise SourceError("you may not send into a source of this name: choose one of those that you see")
    return existing or create_source(name=name, by=by, now=now)


def rotate_write_key(*, source: Source, by: Actor, now: datetime, write_key: str | None = None) -> WriteKey:
    """Give the source a second active key; the first works until it is disabled."""
    require(by, Operation.SOURCES_MANAGE)
    with transaction.atomic():
        Source.objects.select_for_update().get(pk=source.pk)
        if source.write_keys.filter(disabled_at=None).count() >= MAX_ACTIVE_KEYS:
            raise SourceError(f"{source.name} has {MAX_ACTIVE_KEYS} active write keys: disable one first")
        key = _add_key(source, write_key, now)
        record_change(
            by, action="source.rotate_key", target=f"source:{source.pk}", detail={"write_key": key.pk}
        )
    return key


def disable_write_key(*, key: WriteKey, by: Actor, now: datetime) -> None:
    """Stop taking events with this key, within a second or two. Requests with it are answered 401."""
    require(by, Operation.SOURCES_MANAGE)
    with transaction.atomic():
        if WriteKey.objects.filter(pk=key.pk, disabled_at=None).update(disabled_at=now):
            record_change(
                by,
                action="source.disable_key",
                target=f"source:{key.source_id}",
                detail={"write_key": key.pk},
            )
    key.refresh_from_db()


def disable_source(*, source: Source, by: Actor, now: datetime) -> None:
    """Stop taking this source's events, whatever the key. What it sent stays."""
    require(by, Operation.SOURCES_MANAGE)
    _set_disabled(source, by, now)


def enable_source(*, source: Source, by: Actor) -> None:
    """Take this source's events again."""
    require(by, Operation.SOURCES_MANAGE)
    _set_disabled(source, by, None)


def set_visit_timeout(*, source: Source, minutes: int, by: Actor) -> None:
    """Say after how many minutes without an event a visit there has ended. It holds for visits that go on, and new ones."""
    require(by, Operation.SOURCES_MANAGE)
    if not 1 <= minutes <= LONGEST_VISIT_TIMEOUT:
        raise SourceError(f"a visit ends after 1 to {LONGEST_VISIT_TIMEOUT} minutes without an event")
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(visit_timeout=minutes)
        record_change(
            by, action="source.visit_timeout", target=f"source:{source.pk}", detail={"minutes": minutes}
        )
    source.refresh_from_db()


def set_purposes(*, source: Source, purposes: Sequence[str], by: Actor) -> None:
    """Say what its data may be used for, where neither an event nor the catalogue does. It holds for what comes.

    Raises CatalogueError for a purpose that there is not.
    """
    require(by, Operation.SOURCES_MANAGE)
    check_purposes(purposes)
    chosen = sorted(set(purposes))
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(purposes=chosen)
        record_change(by, action="source.purposes", target=f"source:{source.pk}", detail={"purposes": chosen})
    source.refresh_from_db()


def set_purpose(*, source: Source, purpose: str, by: Actor) -> None:
    """Say what it collects for, or with an empty text that it collects for no purpose of its own. It holds for what comes.

    Events of people who may not be used for the purpose are not taken. Raises CatalogueError for one that there is not.
    """
    require(by, Operation.SOURCES_MANAGE)
    check_purposes([purpose] if purpose else [])
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(purpose=purpose)
        record_change(by, action="source.purpose", target=f"source:{source.pk}", detail={"purpose": purpose})
    source.refresh_from_db()


def _set_disabled(source: Source, by: Actor, at: datetime | None) -> None:
    action = "source.disable" if at else "source.enable"
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(disabled_at=at)
        record_change(by, action=action, target=f"source:{source.pk}", detail={})
    source.refresh_from_db()


def _add_key(source: Source, write_key: str | None, now: datetime) -> WriteKey:
    key = write_key or secrets.token_urlsafe(24)
    if not _WRITE_KEY.fullmatch(key):
        raise SourceError("a write key has 6 to 64 letters, digits, - and _")
    if WriteKey.objects.filter(key=key).exists():
        raise SourceError("this write key is or was another source's: choose another one, or leave it out")
    return source.write_keys.create(key=key, created_at=now)
