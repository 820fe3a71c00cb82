"""The traits of a person with where each came from, and the values that others gave for one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from compliance.access import Actor, category_of_trait, require
from compliance.audit import record_read
from compliance.consent import in_words, narrowed
from compliance.enums import Category, Operation
from compliance.key_paths import shared_name
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.permission import holder_for
from profiles.domain.source_names import source_names
from profiles.models import Profile, TraitVersion

MAX_HISTORY = 200


@dataclass(frozen=True, slots=True)
class Trait:
    """A trait and its origin. `value` is None when it is masked, and when the trait was deleted."""

    key: str
    value: Any
    category: Category
    is_masked: bool
    source_id: int
    source: str
    at: datetime
    message_id: str
    purposes: list[str]
    import_id: int = 0

    @property
    def purposes_in_words(self) -> str:
        """What it may be used for, as it was recorded."""
        return in_words(self.purposes)


class _Origin(NamedTuple):
    source_id: int
    at: datetime
    message_id: str
    purposes: list[str]
    import_id: int = 0


def traits(actor: Actor, profile_id: UUID) -> list[Trait]:
    """The traits that count now, by category and key. Raises UnknownPerson, Gone, AccessDenied."""
    require(actor, Operation.PEOPLE_VIEW)
    held, mask = holder_for(actor, profile_id), Mask(actor)
    row = Profile.objects.get(pk=held.row)
    found = shown_traits(row.traits, row.provenance, mask)
    record_read(actor, action="person.traits", subjects=[held.id], categories=sorted(mask.seen))
    return found


def shown_traits(
    values: Mapping[str, Any], provenance: Mapping[str, dict[str, Any]], mask: Mask
) -> list[Trait]:
    """Values with where each came from, by category and key; whoever asks has asked for access, and records the read."""
    origins = {key: _origin(provenance[key]) for key in values}
    names = source_names({origin.source_id for origin in origins.values()})
    found = [
        _trait(mask, key, value, origins[key], names)
        for key, value in values.items()
        if mask.sees_source(origins[key].source_id) and not mask.omits(category_of_trait(key))
    ]
    return sorted(found, key=lambda each: (list(Category).index(each.category), each.key))


def trait_history(actor: Actor, profile_id: UUID, key: str) -> list[Trait]:
    """The newest value of one trait from each source, import and anchor, the newest of all first.

    A value of None that is not masked is a deletion. Raises UnknownPerson, Gone, AccessDenied.
    """
    require(actor, Operation.PEOPLE_VIEW)
    held = holder_for(actor, profile_id)
    versions = TraitVersion.objects.filter(key=key, anchor__profile_id=held.row)
    newest = versions.order_by("-timestamp", "-source_id", "-message_id")[:MAX_HISTORY]
    names = source_names({version.source_id for version in newest})
    mask = Mask(actor)
    is_omitted = mask.omits(category_of_trait(key))
    found = [
        _trait(
            mask,
            key,
            each.value,
            _Origin(
                each.source_id,
                each.timestamp,
                each.message_id,
                narrowed(each.purposes, (f"traits.{shared_name(key)}",)),
                each.import_id,
            ),
            names,
        )
        for each in newest
        if not is_omitted and mask.sees_source(each.source_id)
    ]
    record_read(actor, action="person.trait_history", subjects=[held.id], categories=sorted(mask.seen))
    return found


def _origin(provenance: dict[str, Any]) -> _Origin:
    return _Origin(
        provenance["source"],
        datetime.fromisoformat(provenance["at"]),
        provenance["message"],
        provenance.get("purposes", []),
    )


def _trait(mask: Mask, key: str, value: Any, origin: _Origin, names: Mapping[int, str]) -> Trait:
    visible, hidden = mask.traits({key: value}, {key: {"purposes": origin.purposes}})
    return Trait(
        key=key,
        value=visible.get(key),
        category=category_of_trait(key),
        is_masked=key in hidden,
        source=names[origin.source_id],
        **origin._asdict(),
    )
