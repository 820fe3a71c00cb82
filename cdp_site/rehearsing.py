"""What rows of a file would do to people, as profiles finds it out, in the words of imports."""

from collections.abc import Sequence
from datetime import datetime

from compliance.access import Actor
from ingestion.imports.rehearsing import Overwriting, People, RehearsalBusy
from profiles.domain import rehearsing
from streaming.contracts.records import NewRecord


def rehearse(actor: Actor, events: Sequence[NewRecord], now: datetime) -> People:
    """See `ingestion.imports.rehearsing.Rehearse`."""
    try:
        found = rehearsing.rehearse(actor, events, now=now)
    except rehearsing.Busy as busy:
        raise RehearsalBusy(str(busy)) from busy
    return People(
        created=found.created, known=found.known, merged=found.merged, refused=found.refused, nobody=found.nobody,
        changed=found.changed, overwritten=found.overwritten,
        overwritings=[Overwriting(*each) for each in found.overwritings],
        mergings=[(each.stays, each.goes) for each in found.mergings],
    )  # fmt: skip
