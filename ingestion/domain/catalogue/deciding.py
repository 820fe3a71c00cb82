"""What people say of events and keys: description, owner, category, purposes. Each change is audited and undone by another."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction

from compliance.access import Actor, form_of, require
from compliance.audit import record_change
from compliance.classification import Decided, use_decided
from compliance.enums import Category, Operation
from compliance.models import Purpose
from ingestion.domain.catalogue.examples import category_of, may_keep_examples
from ingestion.domain.catalogue.history import Changes, Entry, note
from ingestion.domain.catalogue.observing import Key
from ingestion.domain.catalogue.proposing import proposed_purposes
from ingestion.enums import KeyKind
from ingestion.models import CatalogueEvent, CatalogueKey, CatalogueUse
from ingestion.models.catalogue import MAX_OWNER

MAX_AT_ONCE = 500
MAX_DESCRIPTION = 2000

_Entry = TypeVar("_Entry", CatalogueEvent, CatalogueKey)
ValuesOf = Callable[[Any], Mapping[str, object]]


class CatalogueError(ValueError):
    """The change cannot be made; the message says why and what to do."""


def load_decided() -> Decided:
    """The categories that people decided on. Raises django.db.Error."""
    rows = CatalogueKey.objects.exclude(category="").values_list("kind", "name", "category")
    decided: dict[str, dict[str, Category]] = {KeyKind.TRAIT: {}, KeyKind.PROPERTY: {}}
    for kind, name, category in rows:
        decided[kind][name] = Category(category)
    return Decided(decided[KeyKind.TRAIT], decided[KeyKind.PROPERTY])


def describe(
    entry: Entry, *, description: str, owner: str, purposes: Sequence[str], by: Actor, now: datetime
) -> None:
    """Say what an event or key is, who to ask, and what its data may be used for. Raises CatalogueError, AccessDenied."""
    require(by, Operation.CATALOGUE_MANAGE)
    if len(description) > MAX_DESCRIPTION or len(owner) > MAX_OWNER:
        raise CatalogueError(f"a description has at most {MAX_DESCRIPTION} characters, an owner {MAX_OWNER}")
    check_purposes(purposes)
    values = {"description": description.strip(), "owner": owner.strip(), "purposes": sorted(set(purposes))}
    with transaction.atomic():
        if isinstance(entry, CatalogueEvent):
            _change([entry.pk], CatalogueEvent, lambda _: values, action="catalogue.describe", by=by, now=now)
        else:
            _change([entry.pk], CatalogueKey, lambda _: values, action="catalogue.describe", by=by, now=now)


def classify(key_ids: Collection[int], category: Category | None, *, by: Actor, now: datetime) -> int:
    """Decide on the category of these keys, or leave them to their names again (None); returns how many changed.

    It holds at once here, and within a second or two in every other web process. Nobody opens data to themselves by it.
    Raises CatalogueError, AccessDenied.
    """
    require(by, Operation.CATALOGUE_MANAGE)
    if category is Category.UNCLASSIFIED:
        raise CatalogueError("choose a category; what nobody classified counts as sensitive already")
    value = category.value if category else ""

    def decided(entry: CatalogueKey) -> dict[str, object]:
        _keep_closed(entry, value, by)
        return {"category": value}

    return _decide(key_ids, decided, by=by, now=now)


def _keep_closed(entry: CatalogueKey, decided: str, by: Actor) -> None:
    """Raises CatalogueError when the decision would show the actor more of the key than they see of it now."""
    key = Key(entry.kind, entry.name)
    now, then = (category_of(key, each, is_nested=entry.is_nested) for each in (entry.category, decided))
    if form_of(by, then).openness > form_of(by, now).openness:
        raise CatalogueError(
            f"{entry.name} counts as {now} data, which you do not see clear: somebody who does, such as the data "
            f"protection officer, has to say that it is {then}; a proposal can be accepted"
        )


def accept_proposals(key_ids: Collection[int], *, by: Actor, now: datetime) -> int:
    """Decide on these keys as proposed, their purposes too where none are set; returns how many changed."""
    require(by, Operation.CATALOGUE_MANAGE)
    known = known_purposes()

    def proposed(entry: CatalogueKey) -> dict[str, object]:
        if entry.proposed in ("", Category.UNCLASSIFIED):
            return {}
        purposes = entry.purposes or proposed_purposes(Category(entry.proposed), known)
        return {"category": entry.proposed, "purposes": purposes}

    return _decide(key_ids, proposed, by=by, now=now)


def known_purposes() -> frozenset[str]:
    """The keys of the purposes of this installation."""
    return frozenset(Purpose.objects.values_list("key", flat=True))


def check_purposes(purposes: Collection[str]) -> None:
    """Raises CatalogueError for a purpose that there is not."""
    if unknown := set(purposes) - known_purposes():
        raise CatalogueError(f"there is no purpose {min(unknown)!r}")


def _decide(key_ids: Collection[int], values: ValuesOf, *, by: Actor, now: datetime) -> int:
    if len(key_ids) > MAX_AT_ONCE:
        raise CatalogueError(f"at most {MAX_AT_ONCE} can be classified at once")
    with transaction.atomic():
        changed = _change(key_ids, CatalogueKey, values, action="catalogue.classify", by=by, now=now)
        sensitive = [
            entry.pk
            for entry in changed
            if not may_keep_examples(
                Key(entry.kind, entry.name), entry.category, {}, is_nested=entry.is_nested
            )
        ]
        CatalogueUse.objects.filter(key__in=sensitive).update(examples={}, has_more=False)
    use_decided(load_decided())
    return len(changed)


def _change(
    ids: Collection[int], model: type[_Entry], values: ValuesOf, *, action: str, by: Actor, now: datetime
) -> list[_Entry]:
    changed: list[tuple[_Entry, Changes]] = []
    for entry in model.objects.select_for_update().filter(pk__in=ids).order_by("pk"):
        changes = {
            field: (_shown(getattr(entry, field)), _shown(value))
            for field, value in values(entry).items()
            if getattr(entry, field) != value
        }
        for field in changes:
            setattr(entry, field, values(entry)[field])
        if changes:
            changed.append((entry, changes))
    if changed:
        fields = {field for _, changes in changed for field in changes}
        model.objects.bulk_update([entry for entry, _ in changed], sorted(fields))
        note(changed, by=by.name, now=now)
        _audit(changed, action, by)
    return [entry for entry, _ in changed]


def _audit(changed: Sequence[tuple[_Entry, Changes]], action: str, by: Actor) -> None:
    names = [entry.name for entry, _ in changed]
    first = changed[0][0]
    kind = "event" if isinstance(first, CatalogueEvent) else first.kind
    target = f"{kind}:{names[0]}" if len(names) == 1 else f"catalogue:{len(names)}"
    record_change(by, action=action, target=target, detail={"names": names[:20], "changed": len(names)})


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value or "")
