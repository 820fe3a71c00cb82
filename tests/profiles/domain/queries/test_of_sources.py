"""What sources know of people is what the events and the evidence say, in any order of events, merges and splits."""

import random
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from compliance.actors import Actor
from compliance.enums import LegalBasis
from compliance.models import Purpose
from profiles.domain.decisions import AlreadyDecided, Undecidable, UnknownLink, merge, split_off
from profiles.domain.queries import people, search
from profiles.domain.queries.of_sources import identifiers_among, known_to, told_of
from profiles.models import Identifier, Profile, SourceGap
from streaming.contracts.profiles import CHANGES_TOPIC, EVENTS_TOPIC
from streaming.contracts.records import TopicSpec
from streaming.event_log import close_event_log, event_log
from tests.profiles.builder.conftest import builder, database, shared_database  # noqa: F401 -- fixtures
from tests.profiles.builder.driver import START, event
from tests.profiles.builder.picture import check_sources, clear
from tests.profiles.builder.test_order import brief, histories, shuffled
from tests.profiles.people import ALL

NOW = START.replace(year=START.year + 1)
ROUND = "profiles_profilename"
# As it is told without what anchors know of it.
KNOWN = """
SELECT DISTINCT a.profile_id FROM profiles_timeline t JOIN profiles_anchor a ON a.id = t.anchor_id
WHERE a.profile_id IS NOT NULL AND t.source_id = ANY(%s)
"""
TOLD = """
SELECT a_id FROM profiles_evidence WHERE source_id = ANY(%(sources)s)
UNION SELECT b_id FROM profiles_evidence WHERE source_id = ANY(%(sources)s)
UNION SELECT a.home_id FROM profiles_timeline t JOIN profiles_anchor a ON a.id = t.anchor_id
    WHERE t.source_id = ANY(%(sources)s) AND a.home_id IS NOT NULL
"""


@pytest.fixture(autouse=True)
def topics(builder):  # noqa: F811
    event_log().create_topics([TopicSpec(topic, 1) for topic in (CHANGES_TOPIC, EVENTS_TOPIC)])
    clear(builder.connection)
    SourceGap.objects.all().delete()
    builder.now = NOW
    yield
    close_event_log()


def of(*sources: int) -> Actor:
    return replace(ALL, sources=frozenset(sources))


def fetched(query, parameters) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return {row for (row,) in cursor.fetchall()}


def check(sources: list[int]) -> None:
    everybody = list(Profile.objects.values_list("id", flat=True))
    every = list(Identifier.objects.values_list("id", flat=True))
    known, told = fetched(KNOWN, [sources]), fetched(TOLD, {"sources": sources})
    assert known_to(of(*sources), everybody) == known
    assert identifiers_among(of(*sources), every) == told
    found = told_of(of(*sources), everybody)
    assert found is not None
    assert found.known == known
    assert found.ids == {row for row in told if Identifier.objects.filter(pk=row, profile__isnull=False)}
    assert {person.row for person in people(of(*sources)).items} == known


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=histories(), seed=st.integers(0, 2**32))
def test_they_say_what_events_and_evidence_say(builder, events, seed):  # noqa: F811
    clear(builder.connection)
    chance = random.Random(seed)
    note("\n".join(map(brief, events)))
    for batch in shuffled(events, chance):
        builder.send(*batch)
        decide(chance)
        check_sources()
    for sources in ([1], [2], [1, 2], [3]):
        check(sources)
        SourceGap.objects.create()
        check(sources)
        SourceGap.objects.all().delete()


def decide(chance: random.Random) -> None:
    """Make two people one, or take one apart, where that may be done."""
    ids = list(Profile.objects.values_list("public_id", flat=True))
    chance.shuffle(ids)
    try:
        if chance.random() < 0.5 and len(ids) > 1:
            merge(ALL, ids[0], ids[1], why="", now=NOW)
        elif ids:
            held = list(Identifier.objects.filter(profile__public_id=ids[0]).values_list("id", flat=True))
            split_off(ALL, ids[0], chance.choice(held), why="", now=NOW)
    except (AlreadyDecided, Undecidable, UnknownLink):
        return


def test_a_search_for_who_few_of_them_know_fills_its_page_at_once(builder):  # noqa: F811
    told = [
        event("identify", user_id=f"u{n}", traits={"name": f"Anna {n}"}, source_id=2 if n % 40 == 0 else 1)
        for n in range(200)
    ]
    builder.send(*told)
    with CaptureQueriesContext(connection) as asked:
        found = search(of(2), "anna", limit=4)
    assert [each.name for each in found.items] == ["Anna 0", "Anna 40", "Anna 80", "Anna 120"]
    assert len([each for each in asked if ROUND in each["sql"]]) == 1
    assert [each.name for each in search(of(2), "anna", limit=4, cursor=found.next).items] == ["Anna 160"]
    assert search(of(3), "anna").items == []
    assert search(of(), "anna").items == []


def test_whoever_is_found_in_two_ways_is_there_once_for_a_source_and_for_a_purpose(builder):  # noqa: F811
    builder.send(event("identify", user_id="anna", traits={"name": "anna"}, source_id=2))
    actor = replace(of(2), purposes=frozenset({"service"}))
    assert [each.name for each in search(actor, "anna").items] == ["anna"]
    assert search(replace(actor, sources=frozenset({1})), "anna").items == []


def test_a_purpose_that_is_changed_counts_from_the_next_question_on(builder):  # noqa: F811
    builder.send(event("identify", user_id="anna", traits={"name": "anna"}, source_id=2))
    actor = replace(ALL, purposes=frozenset({"service"}))
    before = Purpose.objects.get(key="service")
    assert len(search(actor, "anna").items) == 1
    Purpose.objects.filter(key="service").update(needs_consent=True, legal_basis=LegalBasis.CONSENT.value)
    assert search(actor, "anna").items == []
    before.save()
    assert len(search(actor, "anna").items) == 1
    with CaptureQueriesContext(connection) as asked:
        search(actor, "anna")
    assert len([each for each in asked if "compliance_purpose" in each["sql"]]) == 1
