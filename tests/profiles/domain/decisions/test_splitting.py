"""Splitting an identifier off."""

import pytest

from compliance.access import AccessDenied, Actor
from compliance.enums import Operation
from profiles.domain.decisions import Undecidable, UnknownLink, foresee_split, foresee_withdrawal, split_off
from profiles.domain.namespaces import UnreadableIdentifier
from profiles.models import Evidence, Identifier
from tests.profiles.builder.driver import event
from tests.profiles.builder.picture import people, picture
from tests.profiles.domain.decisions.stored import NOW, id_of, link, who
from tests.profiles.people import ALL, MARKETER

EMAIL = "jane@x.org"


@pytest.fixture
def jane(builder):
    """Jane on two devices, with an e-mail."""
    builder.send(event("identify", anonymous_id="a1", traits={"email": EMAIL, "plan": "gold"}))
    builder.send(event("identify", anonymous_id="a1", user_id="jane", minutes=1, traits={"email": EMAIL}))
    builder.send(event("identify", anonymous_id="a2", user_id="jane", minutes=2, traits={"plan": "free"}))
    return builder


def groups() -> set[frozenset[str]]:
    return {frozenset(value for _, value in each) for each in people().values()}


def test_an_identifier_goes_with_the_facts_that_live_with_it_and_stays_off(jane):
    decided = split_off(ALL, id_of("jane"), f"email: {EMAIL.upper()}", why="a typing error", now=NOW)
    assert groups() == {frozenset({EMAIL}), frozenset({"jane", "a1", "a2"})}
    assert not decided.still_one
    jane.send(
        event("identify", anonymous_id="a1", user_id="jane", minutes=9, source_id=5, traits={"email": EMAIL})
    )
    assert groups() == {frozenset({EMAIL}), frozenset({"jane", "a1", "a2"})}
    assert Evidence.objects.filter(rule="keep_apart").count() == 2


def test_splitting_off_the_centre_leaves_each_device_with_its_own(jane):
    split_off(ALL, id_of("jane"), "user_id:jane", why="", now=NOW)
    assert groups() == {frozenset({"jane"}), frozenset({"a1", EMAIL}), frozenset({"a2"})}
    assert who("a1").traits["plan"] == "gold"
    assert who("jane").traits["plan"] == "free"  # told while signed in: it is hers


def test_what_they_do_not_have_or_is_all_they_have_cannot_be_split_off(jane):
    jane.send(event(user_id="bob"))
    for unknown in ("user_id:bob", "user_id:nobody", Identifier.objects.get(value="bob").pk):
        with pytest.raises(UnknownLink):
            split_off(ALL, id_of("jane"), unknown, why="", now=NOW)
    with pytest.raises(UnreadableIdentifier):
        split_off(ALL, id_of("jane"), "jane", why="", now=NOW)
    with pytest.raises(Undecidable):
        split_off(ALL, id_of("bob"), "user_id:bob", why="", now=NOW)


def test_a_kind_that_is_hidden_from_the_actor_is_split_off_by_number_only(jane):
    some = Actor(ALL.kind, "some", MARKETER.operations | {Operation.IDENTITY_DECIDE}, MARKETER.categories)
    with pytest.raises(AccessDenied):
        split_off(some, id_of("jane"), f"email:{EMAIL}", why="", now=NOW)
    foreseen = foresee_split(some, id_of("jane"), Identifier.objects.get(value=EMAIL).pk, now=NOW)
    assert foreseen.identifier is not None
    assert (foreseen.identifier.name, foreseen.identifier.written) == ("E-mail", None)


def test_what_is_foreseen_is_what_happens_and_changes_nothing(jane):
    before, evidence = picture(), link("jane", "a2").pk
    foreseen = foresee_withdrawal(ALL, id_of("jane"), [evidence], now=NOW)
    assert picture() == before
    assert [[each.written for each in part.identifiers] for part in foreseen.parts] == [
        ["jane", EMAIL, "a1"],
        ["a2"],
    ]
    assert not foreseen.still_one
    foreseen = foresee_withdrawal(ALL, id_of("jane"), [link("jane", "a1").pk], now=NOW)
    assert foreseen.still_one
    assert [each.id for each in foreseen.because] == sorted([link("a1", EMAIL).pk, link("jane", EMAIL).pk])
