"""The database as the world tells of it, and what staff decided there, told to the world."""

from collections import Counter, defaultdict

from django.db import connection

from profiles.enums import EvidenceRule, EvidenceState
from profiles.identity.evidence import Identifier as Named
from profiles.identity.evidence import Link, OrderKey
from profiles.models import DailyCounter, Evidence, Identifier, Profile
from streaming.contracts.profiles import CHANGES_TOPIC, AnchorMapping, decode_change
from tests.profiles.builder.picture import people
from tests.profiles.machine.world import Name, Person, World


def stored_people() -> set[Person]:
    """The people of the database; a person twice would be one too few."""
    events: dict[int, Counter[str]] = defaultdict(Counter)
    for row in DailyCounter.objects.filter(anchor__profile__isnull=False).select_related("anchor", "event"):
        events[row.anchor.profile_id or 0][row.event.name] += row.count
    identifiers = people()
    rows = list(Profile.objects.all())
    assert {row.id for row in rows} == identifiers.keys()
    return {
        Person(identifiers[row.id], frozenset(row.traits.items()), frozenset(events[row.id].items()))
        for row in rows
    }


def stored_shared() -> set[Name]:
    """The values that are shared."""
    rows = Identifier.objects.filter(shared=True).select_related("namespace")
    return {(row.namespace.key, row.value) for row in rows}


def stored_outcomes() -> dict[bytes, tuple[EvidenceState, str]]:
    """What became of each link."""
    return {bytes(row.key): (EvidenceState(row.state), row.refused_by) for row in Evidence.objects.all()}


def tell_decisions(world: World) -> None:
    """Tell the world what staff said of links: which ones count no more, and what they added."""
    for row in Evidence.objects.select_related("a", "b"):
        is_withdrawn = row.state == EvidenceState.WITHDRAWN
        rule = EvidenceRule(row.rule)
        if rule.is_decision:
            a, b = (Named(end.namespace_id, end.value) for end in (row.a, row.b))
            order = OrderKey(row.event_time, row.source_id, row.message_id)
            world.decide(bytes(row.key), Link(a, b, rule), order, withdrawn=is_withdrawn)
        elif is_withdrawn:
            world.withdraw(bytes(row.key))


def published() -> list[AnchorMapping]:
    """Who has which anchor, as decisions and jobs have published it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.value FROM log_record r JOIN log_topic t ON t.id = r.topic_id WHERE t.name = %s",
            [CHANGES_TOPIC],
        )
        return [each for (value,) in cursor.fetchall() for each in decode_change(bytes(value))["anchors"]]
