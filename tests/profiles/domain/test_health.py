"""How identity is: each figure, within bounds, and masked for whom it must be."""

from datetime import timedelta

import pytest

from compliance.access import AccessDenied
from profiles.domain.queries import health as healths
from profiles.domain.queries import sizes as sizing
from profiles.domain.queries.health import health
from profiles.domain.queries.sizes import SIZES
from profiles.domain.rules.proposals import measure_links
from profiles.models import BlockedHit, BuilderMinute, Cluster, Namespace
from tests.profiles.builder.driver import START, event
from tests.profiles.people import ALL, MARKETER, NOBODY, person_of, reads

NOW = START + timedelta(hours=3)


def test_nobody_yet_is_healthy(fresh_database):
    found = health(ALL, now=NOW)
    assert sum(found.sizes.counts) == sum(found.hours.merges) == found.waiting.links == 0
    assert (found.largest, found.blocked, found.suspicious, found.due) == ([], [], [], [])


def test_people_are_counted_by_how_many_identifiers_they_have(builder):
    builder.send(event(anonymous_id="alone"), *(event(anonymous_id=f"a{n}", user_id="u") for n in range(6)))
    found = health(ALL, now=NOW).sizes
    assert dict(zip(SIZES, found.counts, strict=True))["6 to 10"] == 1
    assert (found.counts[0], sum(found.counts), found.is_exact) == (1, 2, True)
    assert found.bars[0] == ("1", 1, 1.0)


def test_a_suspicious_value_is_told_to_whom_may_see_it(builder):
    Namespace.objects.filter(key="anonymous_id").update(limit=3)
    builder.send(*(event(anonymous_id=f"a{n}", user_id="everybody", minutes=n) for n in range(30)))
    while measure_links(now=NOW):
        pass
    (value,) = health(ALL, now=NOW).suspicious
    assert (value.value.namespace, value.value.text, value.people, value.links) == (
        "user_id", "everybody", 28, 30,
    )  # fmt: skip
    assert value.why == "27 of its links were refused"
    assert health(ALL, now=NOW).waiting.links == 27
    assert [(who.id, count) for who, count in health(ALL, now=NOW).largest] == []
    assert reads()[-1][:2] == ("test", "identity.health")


def test_the_largest_people_are_those_with_a_hub(builder):
    builder.send(*(event(anonymous_id=f"a{n}", user_id="u", minutes=n) for n in range(25)))
    while measure_links(now=NOW):
        pass
    (largest,) = health(ALL, now=NOW).largest
    assert (largest[0].id, largest[1]) == (person_of("user_id", "u").public_id, 26)


def test_contact_data_is_hidden_from_whom_may_not_see_it(fresh_database):
    mail = Namespace.objects.get(key="email")
    BlockedHit.objects.create(day=NOW.date(), namespace=mail, value="none@x.org", worker=1, hits=3)
    BlockedHit.objects.create(day=NOW.date(), namespace=mail, value="none@x.org", worker=2, hits=4)
    assert [(value.text, hits) for value, hits in health(ALL, now=NOW).blocked] == [("none@x.org", 7)]
    assert [(value.text, hits) for value, hits in health(MARKETER, now=NOW).blocked] == [(None, 7)]
    with pytest.raises(AccessDenied):
        health(NOBODY, now=NOW)


def test_merges_stand_in_their_hour(fresh_database):
    for minutes, merges in ((0, 2), (59, 3), (-70, 5), (60 * 30, 9)):
        BuilderMinute.objects.create(
            minute=NOW - timedelta(minutes=minutes), worker=1, applied=1, duplicates=0, suppressed=0, rejected=0,
            latency=[], merges=merges, splits=1, refused=4,
        )  # fmt: skip
    hours = health(ALL, now=NOW).hours
    assert hours.merges[-2:] == [3, 2]
    assert (sum(hours.merges), sum(hours.splits), sum(hours.refused)) == (5, 2, 8)


def test_groups_that_wait_show_how_far_they_are(fresh_database):
    Cluster.objects.create(edges=20_000, due_at=NOW, why="too many links", done=5, total=20)
    (group,) = health(ALL, now=NOW).due
    assert (group.links, group.fraction, group.why) == (20_000, 0.25, "too many links")


@pytest.mark.parametrize("count", [1, 3])
def test_it_takes_as_many_statements_however_much_there_is(builder, count, django_assert_num_queries):
    builder.send(*(event(anonymous_id=f"a{n}", user_id=f"u{m}") for n in range(22) for m in range(count)))
    while measure_links(now=NOW):
        pass
    with django_assert_num_queries(12):
        health(ALL, now=NOW)


def test_where_there_is_very_much_it_looks_at_some_of_it_and_says_so(builder, monkeypatch):
    monkeypatch.setattr(sizing, "_EXACT_BYTES", 0)
    monkeypatch.setattr(sizing, "_SAMPLED_BYTES", 2**40)  # all of them, by way of the sample
    monkeypatch.setattr(healths, "MOST_LOOKED_AT", 3)
    monkeypatch.setattr(sizing, "MOST_COUNTED", 25)
    Namespace.objects.filter(key="anonymous_id").update(limit=30)
    builder.send(*(event(anonymous_id=f"a{n}", user_id="u", minutes=n) for n in range(34)))
    while measure_links(now=NOW):
        pass
    found = health(ALL, now=NOW)
    assert found.waiting == (3, True)
    assert (found.sizes.is_exact, found.sizes.sampled) == (False, 5)
    assert [count for _, count in found.largest] == [25]
    monkeypatch.undo()
    assert health(ALL, now=NOW).waiting == (4, False)
