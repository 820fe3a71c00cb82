"""Whose events staff want to watch: from what they type to a person, and from the person to the ids of events."""

from dataclasses import replace
from importlib import import_module
from uuid import UUID, uuid4

import pytest

from cdp_site.seeking import ids_of_person, person_named
from compliance.access import AccessDenied
from compliance.enums import Category
from ingestion.domain.people import SeveralPeople
from ingestion.domain.queries import LiveFilter
from ingestion.domain.queries.watching import watch
from ingestion.domain.sources import source_named
from ingestion.models import LiveEvent
from profiles.domain.handovers import hand_over
from profiles.models import Namespace
from streaming.contracts.combined import BEHAVIOUR_TOPIC, SESSIONS_TOPIC, SOCIAL_TOPIC
from streaming.contracts.events import encode_event
from streaming.contracts.profiles import CHANGES_TOPIC, EVENTS_TOPIC
from streaming.contracts.records import TopicSpec
from streaming.event_log import close_event_log, event_log
from tests.profiles.builder.driver import event
from tests.profiles.domain.decisions.stored import NOW
from tests.profiles.domain.handovers.test_handing_over import AFTER, BEFORE, DAY, USER, user_events
from tests.profiles.people import ALL, JANE, builder, person_of  # noqa: F401 -- fixture

NOBODY = replace(ALL, operations=frozenset())


@pytest.fixture
def jane(builder):  # noqa: F811 -- fixture
    builder.send(event("identify", anonymous_id="a1", user_id="42", traits=JANE, message_id="m1"))
    builder.send(event("track", anonymous_id="a2", user_id="42", message_id="m2"))
    found = person_named(ALL, "42")
    assert found is not None
    return found


def test_the_ids_that_a_persons_events_carry_are_known(jane):
    found = ids_of_person(ALL, jane.id)
    assert found is not None
    assert found.id == jane.id
    assert found.user_ids == ("42",)
    assert sorted(found.anonymous_ids) == ["a1", "a2"]


@pytest.mark.parametrize("written", ["Ann", "ANN", "  ann ", 'a"b'])
def test_events_are_found_whichever_way_their_source_writes_the_id(builder, written):  # noqa: F811 -- fixture
    Namespace.objects.filter(key="user_id").update(normaliser="lower")
    builder.send(event("identify", user_id=written, traits=JANE, message_id="m1"))
    person = person_named(ALL, written)
    assert person is not None
    source = source_named(name="Web shop", by=ALL, now=NOW)
    for name, user in (("Hers", written), ("His", "bob")):
        sent = event(user_id=user, name=name, source_id=source.pk)
        LiveEvent.objects.create(
            at=NOW, source=source, type="track", name=name, result="accepted", raw=encode_event(sent).decode()
        )
    ids = ids_of_person(ALL, person.id)
    assert [each.name for each in watch(ALL, filters=LiveFilter(person=person.id, ids=ids))] == ["Hers"]


def test_nobody_has_an_id_that_was_never_given(jane):
    assert ids_of_person(ALL, uuid4()) is None


def test_kinds_of_ids_that_may_not_be_seen_are_not_looked_for(jane):
    blind = replace(ALL, categories=frozenset(Category) - {Category.IDENTITY})
    found = ids_of_person(blind, jane.id)
    assert found is not None
    assert (found.user_ids, found.anonymous_ids) == ((), ())


def test_who_may_not_see_people_learns_nothing(jane):
    with pytest.raises(AccessDenied):
        person_named(NOBODY, "42")
    with pytest.raises(AccessDenied):
        ids_of_person(NOBODY, jane.id)


def test_several_are_several_however_many(jane, builder, monkeypatch):  # noqa: F811 -- fixture
    assert person_named(ALL, "nobody at all") is None
    builder.send(event("identify", user_id="43", traits={"name": "Jane Smith"}, message_id="m3"))
    with pytest.raises(SeveralPeople, match="Several people match"):
        person_named(ALL, "jane")
    monkeypatch.setattr(import_module("profiles.domain.queries.search"), "PATIENCE", "50ms")
    with builder.connection.transaction():  # so that the search takes longer than anybody waits
        builder.connection.execute("LOCK TABLE profiles_profilename IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(SeveralPeople):
            person_named(ALL, "jane")


@pytest.fixture
def handed_over(builder):  # noqa: F811 -- fixture
    """User 42 is Jane, with the device d1, and from DAY on Bob, with d2."""
    topics = (CHANGES_TOPIC, EVENTS_TOPIC, SESSIONS_TOPIC, BEHAVIOUR_TOPIC, SOCIAL_TOPIC)
    event_log().create_topics([TopicSpec(topic, 1) for topic in topics])
    builder.now = NOW
    builder.send(*user_events())
    hand_over(ALL, f"user_id:{USER}", DAY, why="", now=NOW)
    yield person_of("anonymous_id", "d1").public_id, person_of("anonymous_id", "d2").public_id
    close_event_log()


def test_events_with_an_id_that_was_given_to_another_are_each_holders_by_their_time(handed_over):
    jane, bob = handed_over
    assert jane != bob
    source = source_named(name="Web shop", by=ALL, now=NOW)
    for name, minutes in (("Hers", BEFORE), ("His", AFTER)):
        sent = event(user_id=USER, name=name, minutes=minutes, source_id=source.pk)
        LiveEvent.objects.create(
            at=NOW, source=source, type="track", name=name, result="accepted", raw=encode_event(sent).decode()
        )

    def shown(person: UUID) -> list[str]:
        ids = ids_of_person(ALL, person)
        assert ids is not None
        assert ids.user_ids == (USER,), "as sources send it"
        return [each.name for each in watch(ALL, filters=LiveFilter(person=person, ids=ids))]

    assert shown(jane) == ["Hers"]
    assert shown(bob) == ["His"]
    behind = {each.name: each.person and each.person.id for each in watch(ALL)}
    assert behind == {"Hers": jane, "His": bob}
