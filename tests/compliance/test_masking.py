"""What one actor may see of values."""

from dataclasses import replace

from compliance.access import MASK, shown_as
from compliance.actors import Actor
from compliance.enums import ActorKind, Category
from compliance.forms import Form
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


def test_what_is_closed_is_not_closed_again():
    pseudonym = shown_as(Form.HASHED, "jane@example.com")
    assert [shown_as(form, pseudonym) for form in Form] == [pseudonym, pseudonym, MASK, None]
    assert [shown_as(form, MASK) for form in Form] == [MASK, MASK, MASK, None]
    assert shown_as(Form.HASHED, str(pseudonym)) != pseudonym, "what somebody sends is a value like any other"
