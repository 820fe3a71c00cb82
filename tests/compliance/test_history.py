"""What was changed of a row, and who did so."""

import pytest

from compliance.history import CHANGED, MADE, history, note
from compliance.models import Purpose

pytestmark = pytest.mark.django_db


@pytest.fixture
def purpose() -> Purpose:
    return Purpose.objects.create(key="quests", name="Quests")


def test_the_latest_change_stands_first_with_who_made_it(purpose):
    note(purpose, MADE, {}, by="ada")
    note(purpose, CHANGED, {"name": ("Quests", "Tours"), "shoe": ("7", "8")}, by="mia", change=4)
    assert [(past.by, past.changes) for past in history(purpose, names={"name": "Name"})] == [
        ("mia", [("Name", "Quests", "Tours"), ("shoe", "7", "8")]),
        ("ada", []),
    ]


def test_no_more_are_read_than_are_wanted_and_none_of_other_rows(purpose):
    other = Purpose.objects.create(key="tours", name="Tours")
    note(other, CHANGED, {"name": ("a", "b")}, by="eve")
    for number in range(4):
        note(purpose, CHANGED, {"name": (str(number), str(number + 1))}, by="ada")
    assert [past.changes[0][1:] for past in history(purpose, most=2)] == [("3", "4"), ("2", "3")]
