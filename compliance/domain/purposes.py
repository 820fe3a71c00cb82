"""The purposes of the installation: listed, changed by staff with their history, and the texts that people are shown."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.enums import LegalBasis, Operation
from compliance.history import CHANGED, MADE, Past, history, note
from compliance.models import Purpose, PurposeText

MOST_TEXT = 20_000  # characters
MOST_NAME, MOST_DESCRIPTION, MOST_ALIAS, MOST_ALIASES, MOST_VERSION = 80, 400, 80, 50, 40
_NAMES = {
    "name": "Name", "description": "Description", "legal_basis": "Legal basis",
    "objection_is_absolute": "Objections are absolute", "aliases": "Names in events", "text": "Text",
}  # fmt: skip


class UnknownPurposeKey(LookupError):
    """There is no purpose of this key."""

    def __init__(self) -> None:
        super().__init__("There is no purpose of this key.")


class PurposeInUse(ValueError):
    """There is a purpose, or a text, of this key already."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a purpose is to be."""

    name: str
    description: str
    legal_basis: LegalBasis
    objection_is_absolute: bool
    aliases: Sequence[str]


def all_purposes() -> list[Purpose]:
    """All of them with their texts, by key. They are no personal data."""
    return list(Purpose.objects.prefetch_related("texts").order_by("key"))


def purpose_of(key: str) -> Purpose:
    """The purpose of this key, with its texts. Raises UnknownPurposeKey."""
    found = Purpose.objects.prefetch_related("texts").filter(key=key).first()
    if found is None:
        raise UnknownPurposeKey
    return found


def versions_of(keys: Collection[str]) -> Mapping[str, frozenset[str]]:
    """The versions of the texts of these purposes, of those that have any."""
    found: dict[str, set[str]] = defaultdict(set)
    if keys:
        rows = PurposeText.objects.filter(purpose__key__in=keys).values_list("purpose__key", "version")
        for key, version in rows:
            found[key].add(version)
    return {key: frozenset(versions) for key, versions in found.items()}


def make_purpose(key: str, wanted: Wanted, *, by: Actor) -> None:
    """Make a purpose. Raises PurposeInUse, AccessDenied."""
    require(by, Operation.PURPOSES_MANAGE)
    with transaction.atomic():
        row, is_new = Purpose.objects.get_or_create(key=key, defaults=_values(wanted))
        if not is_new:
            raise PurposeInUse("There is a purpose of this key already.")
        note(row, MADE, {}, by=by.name)
        record_change(by, action="purpose.make", target=f"purpose:{key}")


def change_purpose(key: str, wanted: Wanted, *, by: Actor) -> bool:
    """Have it be so; False when it is already. It holds from the next use on. Raises UnknownPurposeKey, AccessDenied."""
    require(by, Operation.PURPOSES_MANAGE)
    with transaction.atomic():
        row = Purpose.objects.select_for_update().filter(key=key).first()
        if row is None:
            raise UnknownPurposeKey
        changes = {
            field: (_word(getattr(row, field)), _word(value))
            for field, value in _values(wanted).items()
            if field in _NAMES and getattr(row, field) != value
        }
        if not changes:
            return False
        for field, value in _values(wanted).items():
            setattr(row, field, value)
        row.save()
        note(row, CHANGED, changes, by=by.name)
        record_change(
            by, action="purpose.change", target=f"purpose:{key}", detail={"changed": sorted(changes)}
        )
    return True


def add_text(key: str, *, version: str, text: str, since: date, by: Actor) -> None:
    """Keep a text that people are shown from a day on; it is never changed. Raises PurposeInUse, UnknownPurposeKey, AccessDenied."""
    require(by, Operation.PURPOSES_MANAGE)
    with transaction.atomic():
        row = Purpose.objects.select_for_update().filter(key=key).first()
        if row is None:
            raise UnknownPurposeKey
        if row.texts.filter(version=version).exists():
            raise PurposeInUse(
                f"The version {version} has a text already, which is never changed: name another one."
            )
        row.texts.create(version=version, text=text, since=since)
        added = ("—", f"version {version}, from {since.isoformat()} on")
        note(row, CHANGED, {"text": added}, by=by.name)
        record_change(by, action="purpose.text", target=f"purpose:{key}", detail={"version": version})


def past_of(row: Purpose) -> list[Past]:
    """The changes of this purpose in words, the latest first."""
    return history(row, names=_NAMES)


def _values(wanted: Wanted) -> dict[str, object]:
    return {
        "name": wanted.name,
        "description": wanted.description,
        "legal_basis": wanted.legal_basis.value,
        "needs_consent": wanted.legal_basis is LegalBasis.CONSENT,
        "objection_is_absolute": wanted.objection_is_absolute,
        "aliases": list(wanted.aliases),
    }


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value) or "—"
    return str(value).replace("_", " ") or "—"
