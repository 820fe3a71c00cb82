"""From an id to the row of the person who holds it now, or to the reason why nobody does."""

from typing import NamedTuple
from uuid import UUID

from compliance import suppression
from profiles.models import Anchor, Handover

ID_NAMESPACE = "profile_id"  # under which erasure suppresses the ids of the person

# The ids that this row holds. An array is looked up in an index, also within an OR: with a subquery in its place
# PostgreSQL reads all merges of everybody.
HELD_IDS = "ARRAY(SELECT birth_id FROM profiles_anchor WHERE profile_id = %(row)s)"


class UnknownPerson(LookupError):
    """This id was never given, or nobody holds it."""

    def __init__(self) -> None:
        super().__init__("No person has this id.")


class Gone(LookupError):
    """The person behind this id was erased."""

    def __init__(self) -> None:
        super().__init__("The person behind this id was erased.")


class Held(NamedTuple):
    """Who holds an id: the row of the profile, and its live id."""

    row: int
    id: UUID


def holder_of(profile_id: UUID) -> Held:
    """Who holds this id now. Raises UnknownPerson, Gone."""
    anchors = Anchor.objects.filter(birth_id=profile_id)
    row, live_id = anchors.values_list("profile_id", "live_id").first() or (None, None)
    if row is None or live_id is None:
        raise reason_for_absence(profile_id)
    return Held(row, live_id)


def reason_for_absence(profile_id: UUID) -> LookupError:
    """Gone when the id was erased, else UnknownPerson."""
    erased = suppression.snapshot().is_suppressed(ID_NAMESPACE, str(profile_id))
    return Gone() if erased else UnknownPerson()


def values_of(namespace: str, value: str) -> list[str]:
    """What a value is called that may have been given to others: as the first holder has it, then as later ones do."""
    later = Handover.objects.filter(namespace__key=namespace, value=value, taken_back_at__isnull=True)
    return [value, *later.order_by("day").values_list("label", flat=True)]
