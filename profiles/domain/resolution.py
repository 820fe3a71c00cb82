"""From an id or an identifier to the person who holds it now; set-based."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from profiles.models import Anchor, Identifier, Profile


def resolve_ids(ids: Collection[UUID]) -> dict[UUID, Profile]:
    """The live profile of each id: any id ever given leads to whoever now holds its birth anchor.

    Ids that were never given, and those whose anchor belongs to nobody, are absent.
    """
    anchors = Anchor.objects.filter(birth_id__in=ids, profile__isnull=False).select_related("profile")
    return {anchor.birth_id: anchor.profile for anchor in anchors if anchor.profile is not None}


def resolve_id(profile_id: UUID) -> Profile | None:
    """The live profile of one id, or None."""
    return resolve_ids([profile_id]).get(profile_id)


def was_given(profile_id: UUID) -> bool:
    """Whether this id was ever given and not erased since."""
    return Anchor.objects.filter(birth_id=profile_id).exists()


def resolve_identifiers(identifiers: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], Profile]:
    """The live profile of each (namespace key, normalised value).

    Values that nobody has, and those that join nobody (blocked, shared, group, household), are absent.
    """
    wanted = set(identifiers)
    rows = Identifier.objects.filter(
        namespace__key__in={namespace for namespace, _ in wanted},
        value__in={value for _, value in wanted},
        profile__isnull=False,
    ).select_related("namespace", "profile")
    found = {(row.namespace.key, row.value): row.profile for row in rows if row.profile is not None}
    return {identifier: profile for identifier, profile in found.items() if identifier in wanted}


def resolve_identifier(namespace: str, value: str) -> Profile | None:
    """The live profile of one normalised identifier, or None."""
    return resolve_identifiers([(namespace, value)]).get((namespace, value))
