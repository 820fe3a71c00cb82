"""What one actor may see of values."""

from dataclasses import replace

from compliance.actors import Actor
from compliance.enums import ActorKind, Category
from compliance.masking import Mask

NONE = Actor(ActorKind.STAFF, "mia")
CLEAR = replace(NONE, categories=frozenset({Category.CONTACT}))
HASHED = replace(NONE, hashed=frozenset({Category.CONTACT}))
HIDDEN = replace(NONE, hidden=frozenset({Category.CONTACT}))


def test_each_form_shows_what_it_says():
    assert Mask(CLEAR).value(Category.CONTACT, "jane@example.com") == "jane@example.com"
    pseudonym = Mask(HASHED).value(Category.CONTACT, "jane@example.com")
    assert pseudonym.startswith("#")
    assert Mask(NONE).value(Category.CONTACT, "jane@example.com") is None
    assert Mask(HIDDEN).value(Category.CONTACT, "jane@example.com") is None


def test_only_what_is_clear_is_not_hidden_and_only_what_is_hidden_is_omitted():
    assert [Mask(each).hides(Category.CONTACT) for each in (CLEAR, HASHED, NONE, HIDDEN)] == [
        False,
        True,
        True,
        True,
    ]
    assert [Mask(each).omits(Category.CONTACT) for each in (CLEAR, HASHED, NONE, HIDDEN)] == [
        False,
        False,
        False,
        True,
    ]


def test_what_shows_anything_counts_as_seen():
    for actor, seen in ((CLEAR, True), (HASHED, True), (NONE, False), (HIDDEN, False)):
        mask = Mask(actor)
        mask.value(Category.CONTACT, "jane@example.com")
        assert bool(mask.seen) is seen
