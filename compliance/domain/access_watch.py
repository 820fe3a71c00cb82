"""What counts as unusual access: whoever may say so says so, and the trail keeps it."""

from dataclasses import asdict, dataclass
from datetime import time

from django.db import transaction

from compliance.access import AccessDenied, require
from compliance.actors import Actor
from compliance.audit import record_change, record_denial
from compliance.enums import Operation
from compliance.identifiers import pseudonym
from compliance.models import AccessWatch
from compliance.subjects import subjects_of

MOST_VIPS = 10_000


@dataclass(frozen=True, slots=True)
class Rules:
    """What is watched for, as AccessWatch describes it."""

    people_an_hour: int
    opens_at: time | None
    closes_at: time | None
    weekends_are_unusual: bool
    times_usual: int | None = 3
    usual_from: int = 20
    token_people_an_hour: int | None = 5000
    tokens_keep_hours: bool = False


class TooManyVips(ValueError):
    """The list is full."""


def access_watch(actor: Actor) -> AccessWatch:
    """The rules as they are. Raises AccessDenied."""
    require(actor, Operation.AUDIT_VIEW)
    return AccessWatch.objects.get_or_create(pk=1)[0]


def set_rules(rules: Rules, *, by: Actor) -> None:
    """Watch for these from now on. Raises AccessDenied."""
    require(by, Operation.AUDIT_WATCH)
    with transaction.atomic():
        AccessWatch.objects.get_or_create(pk=1)
        AccessWatch.objects.filter(pk=1).update(**asdict(rules))
        detail = {
            name: value.isoformat() if isinstance(value, time) else value
            for name, value in asdict(rules).items()
        }
        record_change(by, action="audit.watch", target="", detail=detail)


def look_after(person: str, *, by: Actor, is_wanted: bool) -> None:
    """Take whoever has this id or identifier into the list, or out of it. Raises AccessDenied, TooManyVips."""
    require(by, Operation.AUDIT_WATCH)
    subjects = subjects_of(by, person)
    if not subjects:
        record_denial(by, operation=Operation.AUDIT_WATCH)
        raise AccessDenied(
            f"{by.name} may not see identifiers of this kind, so they name nobody: use the person's id"
        )
    named = {pseudonym(each) for each in subjects}
    with transaction.atomic():
        AccessWatch.objects.get_or_create(pk=1)
        watch = AccessWatch.objects.select_for_update().get(pk=1)
        kept = set(watch.vips) | named if is_wanted else set(watch.vips) - named
        if len(kept) > MOST_VIPS:
            raise TooManyVips(f"The list holds at most {MOST_VIPS:,} ids: take others out of it first.")
        AccessWatch.objects.filter(pk=1).update(vips=sorted(kept))
        record_change(
            by,
            action="audit.look_after" if is_wanted else "audit.look_after_end",
            target="",
            subjects=subjects[:2],
        )
