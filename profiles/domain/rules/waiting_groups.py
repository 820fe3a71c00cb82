"""Groups of people that are decided in the background, and having that done at once."""

from compliance.access import Actor, require
from compliance.audit import record_change
from compliance.enums import Operation
from profiles.models import Cluster


def hurry_waiting_groups(actor: Actor) -> int:
    """Note that the actor has them decided now; returns how many wait. Somebody has to run `recompute_clusters`.

    Raises AccessDenied.
    """
    require(actor, Operation.IDENTITY_RULES)
    groups = Cluster.objects.filter(due_at__isnull=False).count()
    if groups:
        record_change(actor, action="identity.recompute", target="waiting groups", detail={"groups": groups})
    return groups
