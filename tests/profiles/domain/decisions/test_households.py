"""Households follow what staff decide: members are whoever is linked to them afterwards."""

import pytest

from profiles.domain.decisions import merge, withdraw
from profiles.domain.queries.household import household_members
from profiles.domain.queries.household_rows import HouseholdKind
from profiles.domain.queries.households import households, households_of
from profiles.models import Household
from tests.profiles.builder.driver import event
from tests.profiles.domain.decisions.stored import NOW, id_of, link
from tests.profiles.people import ALL

EMAIL = "both@example.com"


@pytest.fixture
def family(builder):
    for minutes, name in enumerate(("ann", "bob")):
        traits = {"email": EMAIL, "household": "h1"}
        builder.send(event("identify", user_id=name, minutes=minutes, traits=traits))
    return builder


def members(value: str) -> set:
    household = Household.objects.get(identifier__value=value)
    return {each.person.id for each in household_members(ALL, household.public_id).items}


def test_whoever_is_no_longer_linked_to_a_household_does_not_belong_to_it(family):
    assert members("h1") == {id_of("ann"), id_of("bob")}
    withdraw(ALL, id_of("bob"), [link("bob", "h1").pk], why="moved out", now=NOW)
    assert members("h1") == {id_of("ann")}
    assert [each.value for each in households_of(ALL, id_of("bob")).items] == [EMAIL]
    family.send(event("identify", user_id="bob", minutes=9, source_id=2, traits={"household": "h1"}))
    assert members("h1") == {id_of("ann")}  # whatever another source says


def test_a_value_that_is_one_persons_again_is_no_household_until_it_is_shared_once_more(
    family,
):
    (shared,) = households(ALL, kind=HouseholdKind.SHARED).items
    withdraw(ALL, id_of("bob"), [link("bob", EMAIL).pk], why="a typing error", now=NOW)
    assert households(ALL, kind=HouseholdKind.SHARED).items == []
    assert EMAIL not in {each.value for each in households_of(ALL, id_of("ann")).items}
    family.send(event("identify", user_id="cara", minutes=9, traits={"email": EMAIL}))
    family.send(event("identify", user_id="bob", minutes=10, source_id=2, traits={"email": EMAIL}))
    (again,) = households(ALL, kind=HouseholdKind.SHARED).items
    assert (again.id, members(EMAIL)) == (shared.id, {id_of("ann"), id_of("cara")})


def test_two_members_whom_staff_make_one_are_one_member(family):
    merge(ALL, id_of("ann"), id_of("bob"), why="the same person", now=NOW)
    assert members("h1") == {id_of("ann")}
