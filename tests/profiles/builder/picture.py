"""All that the builder stored, told by values instead of row numbers: equal pictures are equal people and facts."""

from collections import defaultdict

from profiles.models import (
    Anchor,
    DailyCounter,
    Evidence,
    Identifier,
    Profile,
    ProfileName,
    TimelineEvent,
    TraitVersion,
)

TABLES = (
    "profiles_identifier", "profiles_evidence", "profiles_anchor", "profiles_profile", "profiles_profilename",
    "profiles_cluster", "profiles_merge", "profiles_daily_counter", "profiles_trait_version", "profiles_timeline",
    "profiles_builder_minute", "profiles_suppressed_message", "profiles_split", "profiles_review", "profiles_rulechange",
    "profiles_blockproposal", "profiles_blockedhit", "profiles_degree", "profiles_degreemark", "profiles_household",
    "profiles_group_trait_version", "profiles_consent", "profiles_handover", "profiles_consent_day", "profiles_declaration",
)  # fmt: skip


def clear(connection) -> None:
    """Empty what the builder writes."""
    weeks = connection.execute("SELECT to_char(starts_on, 'YYYYMMDD') FROM message_seen_week").fetchall()
    tables = [*TABLES, *(f"message_seen_{week}" for (week,) in weeks)]
    connection.execute("; ".join(f"DELETE FROM {table}" for table in tables))
    connection.commit()


def identifiers() -> dict[int, tuple[str, str]]:
    return {row.pk: (row.namespace.key, row.value) for row in Identifier.objects.select_related("namespace")}


def people() -> dict[int, frozenset[tuple[str, str]]]:
    """The identifiers of each profile row."""
    found = defaultdict(set)
    for row in Identifier.objects.select_related("namespace").filter(profile__isnull=False):
        found[row.profile_id or 0].add((row.namespace.key, row.value))
    return {row: frozenset(values) for row, values in found.items()}


def check_sources() -> None:
    """The anchors know the sources that their events tell, and no others."""
    told: dict[int, set[int]] = defaultdict(set)
    for anchor, source in TimelineEvent.objects.values_list("anchor_id", "source_id"):
        told[anchor].add(source)
    known = dict(Anchor.objects.values_list("id", "sources"))
    assert known == {anchor: sorted(told[anchor]) for anchor in known}


def picture() -> dict[str, object]:
    """Everything, comparable."""
    check_sources()
    named, who = identifiers(), people()
    names = dict(ProfileName.objects.values_list("profile_id", "name"))
    anchors = {
        row.id: tuple(named.get(end or 0) for end in (row.anonymous_id, row.user_id, row.other_id))
        for row in Anchor.objects.all()
    }
    # Someone known by links only has an anchor without facts; which of the links came first decides which.
    with_facts = set(TimelineEvent.objects.values_list("anchor_id", flat=True))
    return {
        "people": {
            who.get(row.id): (row.traits, row.provenance, row.lifecycle, row.first_seen, row.last_purchase, names.get(row.id))
            for row in Profile.objects.all()
        },
        "shared": {named[row.id] for row in Identifier.objects.filter(shared=True)},
        "first seen": {named[row.id]: row.first_seen for row in Identifier.objects.all()},
        "anchors": {
            anchors[row.id]: (who.get(row.profile_id or 0), named.get(row.home_id or 0)) for row in Anchor.objects.all()
            if row.id in with_facts
        },
        "sources": {anchors[row.id]: row.sources for row in Anchor.objects.all() if row.id in with_facts},
        "evidence": {
            (frozenset((named[row.a_id], named[row.b_id])), row.rule, row.source_id, named.get(row.via_id or 0)): (
                row.event_time, row.message_id, row.state, row.refused_by,
            )
            for row in Evidence.objects.all()
        },
        "counters": {
            (anchors[row.anchor_id], row.day, row.event.name): (row.count, row.first_at, row.last_at)
            for row in DailyCounter.objects.select_related("event")
        },
        "traits": {
            (anchors[row.anchor_id], row.key, row.source_id): (row.value, row.timestamp, row.message_id)
            for row in TraitVersion.objects.all()
        },
        "timeline": sorted(
            (row.message_id, row.source_id, row.timestamp.isoformat(), str(anchors[row.anchor_id]), row.event.name, len(row.evidence or []))
            for row in TimelineEvent.objects.select_related("event")
        ),
    }  # fmt: skip
