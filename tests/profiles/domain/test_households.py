"""Groups, households and shared values: who belongs to them, what may be seen, and that membership follows people."""

from datetime import timedelta

import pytest

from compliance.models import AuditEntry
from profiles.domain.queries.household import household, household_in_full, household_members
from profiles.domain.queries.household_rows import HouseholdKind, UnknownHousehold
from profiles.domain.queries.households import household_written, households, households_of
from profiles.domain.queries.identifiers import identifiers
from profiles.models import Household, Identifier
from tests.profiles.builder.driver import START, event
from tests.profiles.people import ALL, MARKETER, person_of

MANY = """
INSERT INTO profiles_profile (id, public_id, traits, provenance, lifecycle, first_seen, incarnation, version)
SELECT 1000000 + n, gen_random_uuid(), '{}', '{}', 'visitor', now(), 1, 1 FROM generate_series(1, %(count)s) n;
INSERT INTO profiles_identifier (id, namespace_id, value, profile_id, shared, first_seen)
SELECT 1000000 + n, (SELECT id FROM profiles_namespace WHERE key = 'user_id'), 'user ' || n, 1000000 + n, false, now()
FROM generate_series(1, %(count)s) n;
INSERT INTO profiles_evidence
    (key, a_id, b_id, rule, source_id, import_id, event_time, message_id, state, refused_by)
SELECT int8send(n), 1000000 + n, %(group)s, 'event', 1, 0, now(), 'm' || n, 'attached', ''
FROM generate_series(1, %(count)s) n
"""


@pytest.fixture
def family(builder):
    """Ann and Bob: one household, one shared e-mail, and Ann's company."""
    traits = {"email": "both@example.com", "household": "h1"}
    builder.send(event("identify", anonymous_id="a", user_id="ann", traits={**traits, "name": "Ann"}))
    builder.send(event("identify", user_id="bob", minutes=1, traits={**traits, "name": "Bob"}))
    builder.send(
        event("group", user_id="ann", group_id="acme", minutes=2, traits={"name": "Acme Ltd", "phone": "1"})
    )
    return builder


def id_of(value: str):
    return Household.objects.get(identifier__value=value).public_id


def names(page) -> list[str]:
    return [each.person.name for each in page.items]


def test_there_are_households_groups_and_shared_values_the_newest_first(family):
    found = households(ALL).items
    assert {(each.kind, each.value, each.name, each.members) for each in found} == {
        (HouseholdKind.SHARED, "both@example.com", "", 2), (HouseholdKind.HOUSEHOLD, "h1", "", 2),
        (HouseholdKind.GROUP, "acme", "Acme Ltd", 1),
    }  # fmt: skip
    assert [each.row for each in found] == sorted((each.row for each in found), reverse=True)
    for kind in HouseholdKind:
        assert {each.kind for each in households(ALL, kind=kind).items} == {kind}


def test_members_are_who_is_linked_to_it_now(family):
    assert names(household_members(ALL, id_of("h1"))) == ["Ann", "Bob"]
    assert names(household_members(ALL, id_of("both@example.com"))) == ["Ann", "Bob"]
    family.send(event(anonymous_id="new", context={"traits": {"household": "h1"}}, minutes=3))
    assert household(ALL, id_of("h1")).members == 3
    family.send(event(anonymous_id="new", user_id="bob", minutes=4))  # the third was Bob
    assert names(household_members(ALL, id_of("h1"))) == ["Ann", "Bob"]


def test_when_a_person_is_taken_apart_each_part_takes_its_household_along(builder):
    builder.send(
        event("identify", anonymous_id="a", traits={"email": "both@example.com", "household": "h1"}),
        event("identify", user_id="ann", minutes=1, traits={"email": "both@example.com", "household": "h2"}),
    )
    assert [household(ALL, id_of(each)).members for each in ("h1", "h2")] == [1, 1]
    builder.send(event("identify", user_id="bob", minutes=2, traits={"email": "both@example.com"}))
    assert {each.value for each in households_of(ALL, person_of("anonymous_id", "a").public_id).items} == {
        "h1", "both@example.com",
    }  # fmt: skip
    assert {each.value for each in households_of(ALL, person_of("user_id", "ann").public_id).items} == {
        "h2", "both@example.com",
    }  # fmt: skip


def test_the_owner_of_a_shared_tablet_does_not_live_with_everybody_who_used_it(builder):
    builder.send(event("identify", anonymous_id="tablet", user_id="ann"))
    builder.send(
        event("identify", anonymous_id="tablet", user_id="bob", minutes=1, traits={"household": "h1"})
    )
    assert names(household_members(ALL, id_of("h1"))) == [""]
    assert [each.value for each in households_of(ALL, person_of("user_id", "bob").public_id).items] == ["h1"]
    assert households_of(ALL, person_of("user_id", "ann").public_id).items == []


def test_what_a_person_belongs_to_and_since_when(family):
    found = households_of(ALL, person_of("user_id", "bob").public_id).items
    assert {(each.value, each.since) for each in found} == {
        ("both@example.com", START + timedelta(minutes=1)), ("h1", START + timedelta(minutes=1)),
    }  # fmt: skip
    assert {each.first_seen for each in found} == {START}
    links = {
        each.value: each.household for each in identifiers(ALL, person_of("user_id", "bob").public_id).items
    }
    assert links["h1"] == id_of("h1")
    assert links["bob"] is None


def test_its_page_has_its_own_traits_what_members_do_and_who_they_are(family):
    found = household_in_full(ALL, id_of("acme"), now=START + timedelta(days=1))
    assert [(each.key, each.value, each.source) for each in found.traits] == [
        ("name", "Acme Ltd", "source 1"), ("phone", "1", "source 1"),
    ]  # fmt: skip
    assert (names(found.members), found.events, found.is_partial) == (["Ann"], 2, False)
    assert (found.household.members, found.customers) == (1, 0)
    family.send(event(user_id="ann", name="Order Completed", minutes=1))
    assert household_in_full(ALL, id_of("acme"), now=START + timedelta(days=1)).customers == 1
    assert found.last_seen == START + timedelta(minutes=2)
    later = household_in_full(ALL, id_of("acme"), now=START + timedelta(days=40))
    assert (later.events, later.last_seen) == (0, found.last_seen)


def test_an_address_or_an_email_names_it_only_to_who_may_see_contact_data(family):
    shared = household(MARKETER, id_of("both@example.com"))
    assert (shared.value, shared.name) == (None, "")
    acme = household_in_full(MARKETER, id_of("acme"), now=START)
    assert (acme.household.value, acme.household.masked) == ("acme", ["phone"])
    assert [each.value for each in acme.traits if each.key == "phone"] == [None]


def test_reads_are_kept_with_the_members_they_show(family):
    household_in_full(ALL, id_of("h1"), now=START)
    rows = AuditEntry.objects.order_by("id").values_list("action", "subjects", "target")
    told = {action: (len(subjects), target) for action, subjects, target in rows}
    assert told["household.read"] == (2, str(id_of("h1")))
    assert told["household.members"][0] == 2


def test_an_identifier_of_several_people_leads_to_what_they_share(family):
    found = household_written(ALL, "email:BOTH@example.com")
    assert found is not None
    assert found.id == id_of("both@example.com")
    assert household_written(ALL, "acme").id == id_of("acme")  # type: ignore[union-attr]
    assert household_written(ALL, "user_id:ann") is None
    assert household_written(MARKETER, "both@example.com") is None


def test_lists_come_in_pages_and_back(family):
    for page in (lambda **at: households(ALL, **at), lambda **at: household_members(ALL, id_of("h1"), **at)):
        first = page(limit=1)
        second = page(limit=1, cursor=first.next)
        assert first.items != second.items
        assert page(limit=1, cursor=second.previous).items == first.items
    who = person_of("user_id", "ann").public_id
    first = households_of(ALL, who, limit=2)
    assert len(households_of(ALL, who, cursor=first.next, limit=2).items) == 1


def test_an_id_that_nobody_gave_is_unknown(family):
    with pytest.raises(UnknownHousehold):
        household(ALL, person_of("user_id", "ann").public_id)


def test_ten_thousand_members_take_as_many_statements_as_one(family, django_assert_max_num_queries):
    acme = Identifier.objects.get(value="acme").id
    family.connection.execute(MANY.replace("%(count)s", "10000").replace("%(group)s", str(acme)))
    family.connection.commit()
    with django_assert_max_num_queries(9):
        found = household_in_full(ALL, id_of("acme"), now=START)
    assert (found.household.has_more_members, found.is_partial) == (True, True)
    assert found.household.members >= 9_999
    assert len(found.members.items) == 50
    assert (
        household_members(ALL, id_of("acme"), cursor=found.members.next).items[0] not in found.members.items
    )
