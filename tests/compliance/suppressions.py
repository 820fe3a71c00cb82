"""Lifting a suppression in tests, by what was suppressed: the product knows it by its row only."""

from compliance import suppression
from compliance.actors import Actor
from compliance.identifiers import keyed_hash
from compliance.models import SuppressedIdentifier


def lift(namespace: str, normal: str, *, by: Actor) -> None:
    row = SuppressedIdentifier.objects.get(namespace=namespace, hash=keyed_hash(namespace, normal))
    assert suppression.lift(row.pk, by=by)
