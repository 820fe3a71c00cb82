"""Whoever reads for a purpose gets whom they may use at that moment, and is told nothing of the others."""

from uuid import UUID, uuid4

import pytest

from compliance.access import Actor
from compliance.enums import ActorKind, Category, Operation
from compliance.gate import may_use
from compliance.identifiers import pseudonym
from compliance.models import AuditEntry, Purpose
from profiles.domain import queries
from profiles.domain.queries import people, person, search, timeline
from profiles.domain.queries.people import people_identified
from profiles.domain.queries.permission import UseDenied
from profiles.domain.queries.stored import stored_traits
from tests.profiles.builder.driver import event
from tests.profiles.people import ALL, declares, person_of, seen


def token(purpose: str = "", **purposes) -> Actor:
    return Actor(
        ActorKind.TOKEN, "reports", frozenset(Operation), frozenset(Category), purpose=purpose, **purposes
    )


def says(minutes: float = 0, *, granted: dict, **ids):
    return event("track", minutes, context={"consent": {"categoryPreferences": granted}}, **ids)


@pytest.fixture
def five(builder) -> dict[str, UUID]:
    """Five people by what they did with marketing."""
    builder.send(
        *(
            event("identify", user_id=name, traits={"name": f"Jo {name}"})
            for name in ("silent", "grants", "refuses", "objects", "restricted")
        )
    )
    builder.send(
        says(1, user_id="grants", granted={"Marketing": True}),
        says(1, user_id="refuses", granted={"Marketing": False}),
        says(1, user_id="objects", granted={"Marketing": True}),
        says(1, user_id="restricted", granted={"Marketing": True}),
    )
    found = {
        name: person_of("user_id", name).public_id
        for name in ("silent", "grants", "refuses", "objects", "restricted")
    }
    declares(found["objects"], "marketing", kind="objection")
    declares(found["restricted"], "", kind="restriction")
    return found


def test_only_who_consents_may_be_used(five, django_assert_num_queries):
    with django_assert_num_queries(3):  # the purpose, the ids, and what was said: however many people
        found = may_use("marketing", list(five.values()))
    assert found == {five["grants"]}


def test_another_ground_needs_no_consent_and_minds_refusal_objection_and_restriction(five):
    Purpose.objects.filter(key="marketing").update(needs_consent=False, legal_basis="legitimate_interests")
    assert may_use("marketing", list(five.values())) == {five["silent"], five["grants"]}


@pytest.mark.parametrize(
    ("basis", "absolute", "heard"),
    [("contract", False, False), ("contract", True, True), ("public_task", False, True)],
)
def test_an_objection_counts_where_there_is_a_right_to_it(five, basis, absolute, heard):
    Purpose.objects.filter(key="marketing").update(
        needs_consent=False, legal_basis=basis, objection_is_absolute=absolute
    )
    assert (five["objects"] not in may_use("marketing", list(five.values()))) is heard


def test_an_objection_to_everything_leaves_what_a_contract_needs(five):
    declares(five["grants"], "", kind="objection")
    assert may_use("marketing", [five["grants"]]) == frozenset()
    assert may_use("service", [five["grants"]]) == {five["grants"]}


def test_what_is_unknown_is_denied(five):
    assert may_use("spying", list(five.values())) == frozenset()
    assert may_use("marketing", [uuid4()]) == frozenset()


READS = {
    "profile": person,
    "events": timeline,
    "traits": queries.traits,
    "history of a trait": lambda actor, id_: queries.trait_history(actor, id_, "name"),
    "identifiers": queries.identifiers,
    "explain": queries.explain,
    "lineage": queries.lineage,
    "stored": stored_traits,
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@pytest.mark.parametrize("who", ["silent", "refuses", "objects", "restricted"])
def test_each_read_of_one_person_is_denied_and_recorded(five, read, who):
    assert read(token("marketing"), five["grants"]) is not None
    with pytest.raises(UseDenied, match="may not be used for this purpose"):
        read(token("marketing"), five[who])
    row = AuditEntry.objects.latest("id")
    assert (row.action, row.target, row.subjects) == (
        "access.denied", "use:marketing", [pseudonym(five[who])],
    )  # fmt: skip


def test_a_withdrawal_counts_at_once(five):
    assert seen(token("marketing"), five["grants"])
    declares(five["grants"], "marketing", holds=False, minutes=2)
    with pytest.raises(UseDenied):
        person(token("marketing"), five["grants"])
    declares(five["grants"], "marketing", minutes=3)
    assert seen(token("marketing"), five["grants"])


def test_lists_searches_and_look_ups_leave_out_who_may_not_be_used(five):
    assert [each.id for each in people(token("marketing")).items] == [five["grants"]]
    assert [each.id for each in search(token("marketing"), "jo").items] == []  # too short
    assert [each.id for each in search(token("marketing"), "jo refuses").items] == []
    assert [each.id for each in search(token("marketing"), "jo grants").items] == [five["grants"]]
    assert people_identified(token("marketing"), "user_id:refuses") == []
    assert people_identified(token("marketing"), "user_id:nobody") == []
    assert len(people_identified(token("marketing"), "user_id:grants")) == 1


def test_pages_are_filled_and_tell_nothing_of_who_is_left_out(builder):
    builder.send(*(event("identify", user_id=f"u{n}", traits={"name": "Jo Doe"}) for n in range(12)))
    ids = [person_of("user_id", f"u{n}").public_id for n in range(12)]
    for n in (3, 7, 11):
        declares(ids[n], "marketing")
    found, sizes, cursor = [], [], None
    while True:
        page = search(token("marketing"), "jo doe", cursor=cursor, limit=1)
        found += [each.id for each in page.items]
        sizes.append(len(page.items))
        if (cursor := page.next) is None:
            break
        last = page
    assert (found, sizes) == ([ids[3], ids[7], ids[11]], [1, 1, 1])
    back = search(token("marketing"), "jo doe", cursor=last.previous, limit=1)
    assert [each.id for each in back.items] == [ids[3]]


def test_a_token_bound_to_nothing_is_stopped_by_a_restriction_alone(five):
    assert seen(token(), five["refuses"])
    with pytest.raises(UseDenied):
        person(token(), five["restricted"])
    with pytest.raises(UseDenied):
        timeline(token(), five["restricted"])
    assert five["restricted"] not in [each.id for each in people(token()).items]
    assert seen(ALL, five["restricted"]).is_restricted
    declares(five["restricted"], "", kind="restriction", holds=False, minutes=5)
    assert seen(token(), five["restricted"])


def test_staff_bound_to_purposes_see_whom_any_of_them_permits(five):
    staff = Actor(
        ActorKind.STAFF,
        "mia",
        frozenset(Operation),
        frozenset(Category),
        purposes=frozenset({"marketing", "service"}),
    )
    assert seen(staff, five["refuses"])
    with pytest.raises(UseDenied):
        person(staff, five["restricted"])


def test_who_is_bound_to_a_purpose_that_there_is_not_gets_nobody(five):
    with pytest.raises(UseDenied):
        person(token("spying"), five["grants"])
    assert people(token("spying")).items == []
    assert people_identified(token("spying"), "user_id:grants") == []
    assert AuditEntry.objects.filter(action="access.denied", target="use:spying").count() == 2
