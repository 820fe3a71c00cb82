"""Splitting one identifier off a person."""

from datetime import datetime
from uuid import UUID

from compliance.access import AccessDenied, Actor, category_of_namespace, masked
from profiles.domain.decisions import evidence
from profiles.domain.decisions.deciding import Deciding, decided
from profiles.domain.decisions.evidence import StoredLink
from profiles.domain.decisions.outcome import Decided, Undecidable, UnknownLink
from profiles.domain.decisions.unmerging import take_apart
from profiles.domain.namespaces import read_identifier
from profiles.domain.queries.finding import holder_of, values_of
from profiles.models import Identifier


def split_off(actor: Actor, profile_id: UUID, identifier: str | int, *, why: str, now: datetime) -> Decided:
    """Withdraw all that links this identifier with the others of the person.

    It is written `namespace:value`, or named by the number of its row. It goes on as somebody else, with the facts of
    the anchors that live with it, and stays so as after `withdraw`. Raises UnknownLink when the person does not have
    it, Undecidable when it is all they have, UnreadableIdentifier, UnknownPerson, Gone, AccessDenied (also for a
    written identifier of a kind that the actor may not see), Busy.
    """
    if isinstance(identifier, str) and masked(actor, category_of_namespace(identifier.partition(":")[0])):
        raise AccessDenied("Splitting off an identifier by its value takes the right to see such data.")
    return decided(actor, lambda deciding: _split_off(deciding, profile_id, identifier), why=why, now=now)


def _split_off(deciding: Deciding, profile_id: UUID, identifier: str | int) -> Decided:
    deciding.lock({holder_of(profile_id).row})
    row = holder_of(profile_id).row
    deciding.check({row})
    node, chosen = splittable(row, identifier)
    outcome = take_apart(deciding, chosen)
    deciding.record(
        "identity.split_off",
        target=f"profile:{profile_id}",
        detail={"identifier": node.pk, "evidence": sorted(link.id for link in chosen)},
    )
    return outcome


def splittable(row: int, identifier: str | int) -> tuple[Identifier, list[StoredLink]]:
    """The identifier of the person of this row, and what links it with others of them. Raises UnknownLink, Undecidable."""
    node = _identifier_of(row, identifier)
    chosen = evidence.links_inside(row, node.pk)
    if not chosen:
        raise Undecidable("Nothing links it with others of this person, so there is nothing to split it off.")
    return node, chosen


def _identifier_of(row: int, identifier: str | int) -> Identifier:
    theirs = Identifier.objects.filter(profile_id=row)
    if isinstance(identifier, int):
        found = theirs.filter(pk=identifier).first()
    else:
        written = read_identifier(identifier)
        values = values_of(written.namespace, written.value)
        found = theirs.filter(namespace__key=written.namespace, value__in=values).first()
    if found is None:
        raise UnknownLink("identifier")
    return found
