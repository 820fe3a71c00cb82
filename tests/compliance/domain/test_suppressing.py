"""Suppressing all identifiers of a person at once, and lifting them at once."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection

from compliance.access import AccessDenied, Actor
from compliance.domain.suppressing import counts_together, lift_together, suppress_together
from compliance.enums import ActorKind
from compliance.identifiers import pseudonym
from compliance.models import AuditEntry, SuppressedIdentifier
from compliance.suppression import lift, snapshot, suppress
from tests.compliance.conftest import NOW, SYSTEM

JANE = UUID(int=7)
VALUES = [("user_id", "42"), ("email", "jane@example.com"), ("anonymous_id", "a1")]


def _suppress(values=VALUES) -> int:
    return suppress_together(values, subject=JANE, by=SYSTEM, now=NOW, reason="asked for it")


@pytest.mark.django_db
def test_all_are_suppressed_and_lifted_with_one_row_in_the_trail_each():
    suppress("user_id", "42", by=SYSTEM, now=NOW)
    assert _suppress() == 2
    assert all(snapshot().has(*each) for each in VALUES)
    before, added = SuppressedIdentifier.objects.order_by("id")[:2]
    assert before.together is None
    assert counts_together(SuppressedIdentifier.objects.all()) == {added.together: 2}
    assert lift_together(before.pk, by=SYSTEM) == 0
    assert lift_together(added.pk, by=SYSTEM) == 2
    assert [snapshot().has(*each) for each in VALUES] == [True, False, False]
    assert lift_together(added.pk, by=SYSTEM) == 0
    kept = list(AuditEntry.objects.order_by("id")[1:])
    assert [each.action for each in kept] == ["suppression.person", "suppression.lift_person"]
    assert kept[0].detail == {"reason": "asked for it", "identifiers": 2}
    assert kept[0].target == kept[1].target == f"suppression:{added.together}"
    assert {pseudonym(JANE), pseudonym("email:jane@example.com")} < set(kept[0].subjects)


@pytest.mark.django_db
def test_who_lifted_one_of_them_lifts_only_the_rest():
    _suppress()
    first, *_ = SuppressedIdentifier.objects.order_by("id")
    lift(first.pk, by=SYSTEM)
    assert lift_together(SuppressedIdentifier.objects.order_by("id")[0].pk, by=SYSTEM) == 2


@pytest.mark.django_db
def test_twice_is_once_and_leaves_one_row_in_the_trail():
    assert (_suppress(), _suppress()) == (3, 0)
    assert AuditEntry.objects.count() == 1


def test_two_at_once_suppress_each_identifier_once(fresh_database):
    def run(values: list[tuple[str, str]]) -> int:
        try:
            return _suppress(values)
        finally:
            connection.close()

    many = [("user_id", str(number)) for number in range(500)]
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(run, [many, many[::-1]]))
    assert sum(made) == SuppressedIdentifier.objects.count() == 500


@pytest.mark.django_db
def test_it_needs_the_right():
    nobody = Actor(ActorKind.STAFF, "mia")
    with pytest.raises(AccessDenied, match=r"suppressions\.manage"):
        suppress_together(VALUES, subject=JANE, by=nobody, now=NOW, reason="why")
    _suppress()
    with pytest.raises(AccessDenied):
        lift_together(SuppressedIdentifier.objects.order_by("id")[0].pk, by=nobody)
    assert SuppressedIdentifier.objects.count() == 3
