"""Splitting an identifier off."""

import pytest

from compliance.access import AccessDenied, Actor
from compliance.enums import Operation
from profiles.builder import closure
from profiles.domain.decisions import (
    AlreadyDecided,
    Undecidable,
    UnknownLink,
    deciding,
    foresee_split,
    foresee_withdrawal,
    split_off,
    withdraw,
)
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


@pytest.fixture
def many(jane, monkeypatch):
    """Jane hangs together with more than is decided at once, and nothing of it is tried out."""
    jane.send(event(anonymous_id="lonely"), event(anonymous_id="phone", user_id="ben"))
    jane.send(event(user_id="jane", anonymous_id="other"))
    withdraw(ALL, id_of("jane"), [link("jane", "other").pk], why="", now=NOW)
    jane.send(*(event(user_id="jane", anonymous_id=f"d{number}", minutes=3) for number in range(4)))
    monkeypatch.setattr(closure, "MOST_EDGES", 6)

    def refuse(*_arguments, **_options):
        raise AssertionError("it was tried out")

    monkeypatch.setattr(deciding, "reconsidered", refuse)


def test_what_is_left_to_the_background_is_not_tried_out(many):
    found = foresee_withdrawal(ALL, id_of("jane"), [link("jane", "a2").pk], now=NOW)
    assert (found.deferred, found.parts) == (True, [])
    assert [each.id for each in found.links] == [link("jane", "a2").pk]
    split = foresee_split(ALL, id_of("jane"), Identifier.objects.get(value=EMAIL).pk, now=NOW)
    assert split.deferred
    assert split.identifier is not None
    assert split.identifier.written == EMAIL


def test_what_cannot_be_withdrawn_is_said_before_it_is_left_to_the_background(many):
    with pytest.raises(UnknownLink):
        foresee_withdrawal(ALL, id_of("jane"), [Evidence.objects.latest("id").pk + 1], now=NOW)
    with pytest.raises(AlreadyDecided):
        foresee_withdrawal(ALL, id_of("jane"), [link("jane", "other").pk], now=NOW)
    with pytest.raises(UnknownLink):
        foresee_split(ALL, id_of("jane"), Identifier.objects.get(value="lonely").pk, now=NOW)


def test_a_person_of_few_identifiers_is_tried_out(many):
    with pytest.raises(AssertionError, match="tried out"):
        foresee_withdrawal(ALL, id_of("ben"), [link("phone", "ben").pk], now=NOW)
