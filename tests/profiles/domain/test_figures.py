"""The figures of Home, and who is behind events that just arrived."""

from datetime import timedelta

import pytest

from compliance.access import AccessDenied
from profiles.builder.statistics import LATENCY_BOUNDS
from profiles.domain.queries import ArrivedIds, counts, latency, people_behind, people_count
from profiles.models import BuilderMinute
from tests.profiles.builder.driver import START, event
from tests.profiles.people import ALL, NOBODY, reads


def test_few_people_are_counted(builder):
    assert people_count(ALL).identified_share == 0
    builder.send(event(anonymous_id="a"), event(anonymous_id="b"), event(user_id="1"), event(user_id="2"))
    found = people_count(ALL)
    assert (found.total, found.identified, found.is_exact) == (4, 2, True)
    with pytest.raises(AccessDenied):
        people_count(NOBODY)


def test_many_people_are_estimated(builder, monkeypatch):
    builder.send(*(event(anonymous_id=f"a{number}") for number in range(300)))
    builder.send(*(event(user_id=f"u{number}") for number in range(100)))
    builder.connection.execute("ANALYZE profiles_profile")
    builder.connection.commit()
    monkeypatch.setattr(counts, "COUNTED_BYTES", 0)
    found = people_count(ALL)
    assert (found.total, found.identified, found.is_exact) == (400, 100, False)


def test_latency_is_that_of_the_last_minutes(builder):
    empty = latency(ALL, now=START)
    assert (empty.events, empty.p50) == (0, None)
    buckets = [0] * (len(LATENCY_BOUNDS) + 1)
    buckets[0], buckets[3], buckets[-1] = 90, 8, 2
    common = {"worker": 1, "applied": 100, "duplicates": 0, "suppressed": 0, "rejected": 0}
    BuilderMinute.objects.create(minute=START - timedelta(minutes=1), latency=buckets, **common)
    BuilderMinute.objects.create(minute=START - timedelta(hours=1), latency=[9] * len(buckets), **common)
    found = latency(ALL, now=START)
    assert (found.events, found.p50, found.p95, found.p99) == (100, 0.025, 0.15, 300.0)


def test_arriving_events_find_their_people_by_user_id_first(jane, builder):
    builder.send(event(anonymous_id="b"))
    known, unknown = ArrivedIds("42", "b"), ArrivedIds("new", None)
    device, blocked = ArrivedIds(None, "b"), ArrivedIds("null", "b")
    found = people_behind(ALL, [known, unknown, device, blocked])
    assert (found[known].id, found[known].name) == (jane.public_id, "Jane Miller")
    assert unknown not in found
    assert found[device] == found[blocked] != found[known]
    assert reads() == [("test", "people.behind_events", 2)]
