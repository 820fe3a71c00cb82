"""Under which ids the audit trail keeps rows about somebody, and that what is hidden finds nobody."""

from dataclasses import replace
from uuid import uuid4

from compliance.audit import record_read
from compliance.domain.trail.searching import Search, search_trail
from compliance.enums import Category
from compliance.subjects import named_in
from profiles.domain.queries import person
from profiles.domain.queries.subjects import subject_ids
from profiles.models import Anchor
from tests.profiles.people import ALL, MARKETER, builder, jane  # noqa: F401 -- fixtures


def test_an_identifier_and_an_id_lead_to_every_id_of_the_person(jane):  # noqa: F811
    ids = {str(each) for each in Anchor.objects.values_list("birth_id", flat=True)}
    assert len(ids) > 1
    for text in ("email: Jane@Example.com", "user_id:42", str(jane.public_id), *ids):
        assert ids <= set(subject_ids(ALL, text)), text
    assert "email:jane@example.com" in subject_ids(ALL, "email:Jane@Example.com")
    assert subject_ids(ALL, str(uuid4())) == []


def test_what_the_viewer_may_not_see_finds_nobody(jane):  # noqa: F811
    assert subject_ids(MARKETER, "email:jane@example.com") == []
    assert subject_ids(MARKETER, "user_id:42")


def test_who_accessed_somebody_is_found_by_any_of_their_identifiers(jane):  # noqa: F811
    person(MARKETER, jane.public_id)
    for text in ("email:jane@example.com", str(jane.public_id)):
        told = search_trail(ALL, Search(person=text)).rows
        assert [row.actor for row in told if row.action == "person.read"] == ["marketer"]
    assert search_trail(ALL, Search(person="email:other@example.com")).rows == []


def test_looks_at_items_that_name_somebody_are_found_by_their_id(jane):  # noqa: F811
    record_read(MARKETER, action="events.open", subjects=named_in({"userId": " 42 ", "event": "Order"}))
    for text in ("user_id:42", str(jane.public_id)):
        found = search_trail(ALL, Search(person=text)).rows
        assert [row.action for row in found if row.action != "audit.read"] == ["events.open"]
    blind = replace(ALL, categories=ALL.categories - {Category.IDENTITY})
    assert not [each for each in subject_ids(blind, str(jane.public_id)) if ":" in each]
