"""Attack 24: two people who differ in closed values alone; no length, order, kind or count in an answer tells them apart."""

import re

import pytest

from compliance.enums import Category
from tests.attacks.planted import TWINS, plant
from tests.attacks.walking import plain, text_of
from tests.attacks.world import World, person_of, program, staff

CLOSED = (Category.CONTACT, Category.SPECIAL, Category.UNCLASSIFIED, Category.LOCATION)
OPEN = [category for category in Category if category not in CLOSED]
PARTS = (
    "",
    "events/",
    "identifiers/",
    "merges/",
    "explain/",
    "graph/",
    "households/",
    "consents/",
    "sessions/",
    "behaviour/",
    "social/",
)
PAGES = (
    "",
    "timeline/",
    "why/",
    "identifiers/",
    "merges/",
    "tab/graph/",
    "tab/visits/",
    "tab/consents/",
    "suppress/",
    "export/",
)
_IDS = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|twin-(?:device-)?[ab]|person [0-9a-f]{6}|hw-hue-\d+"
)
_NUMBERS = re.compile(
    r'"evidence":\[[\d,]*\]|(?:"id"|"anchor"|links?|identifier|events)[:=/]"?\d+|\d{4}-\d\d-\d\dt[\d:.z+-]+'
)
"""Ids, colours made of ids, and times."""


@pytest.fixture(scope="module", autouse=True)
def twins(world: World, database) -> tuple[str, str]:
    plant(world)
    for user in TWINS:
        world.wait_for("SELECT 1 FROM profiles_timeline WHERE message_id = %s", f"{user}-2")
    return person_of(TWINS[0]), person_of(TWINS[1])


def of_anyone(text: str) -> str:
    return plain(_NUMBERS.sub("…", _IDS.sub("…", text)))


@pytest.mark.parametrize("part", PARTS)
def test_answers_over_rest(twins, part):
    caller = program(categories=OPEN)
    one, other = (of_anyone(text_of(caller.get(f"/api/v1/profiles/{each}/{part}"))) for each in twins)
    assert one == other


@pytest.mark.parametrize("page", PAGES)
def test_pages(twins, page):
    actor = staff("sees twins", categories=OPEN)
    one, other = (of_anyone(text_of(actor.get(f"/admin/people/{each}/{page}"))) for each in twins)
    assert one == other
