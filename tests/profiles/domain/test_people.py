from datetime import timedelta
from uuid import uuid4

import pytest

from compliance.access import AccessDenied
from compliance.suppression import suppress
from profiles.domain.namespaces import UnreadableIdentifier
from profiles.domain.queries import Gone, InvalidCursor, people, people_identified, person
from profiles.enums import Level, Lifecycle
from profiles.models import Anchor, Identifier, Namespace
from tests.profiles.builder.driver import START, event
from tests.profiles.people import ALL, JANE, MARKETER, NOBODY, reads, seen


def test_a_person_has_traits_identifiers_and_times(jane):
    found = seen(ALL, jane.public_id)
    assert found.id == jane.public_id
    assert found.name == "Jane Miller"
    assert found.traits == {**JANE, "plan": "gold"}
    assert found.masked == []
    assert [(each.namespace, each.value) for each in found.identifiers] == [
        ("user_id", "42"), ("email", "jane@example.com"), ("anonymous_id", "a1"), ("anonymous_id", "a2"),
    ]  # fmt: skip
    assert found.identifier_count == 4
    assert found.identifiers[0].level is Level.PERSON
    assert found.lifecycle is Lifecycle.CUSTOMER
    assert (found.first_seen, found.last_seen) == (START, START + timedelta(minutes=3))


def test_any_id_ever_given_leads_to_who_holds_it_now(jane):
    ids = set(Anchor.objects.values_list("birth_id", flat=True))
    assert len(ids) == 4
    assert {seen(ALL, each).id for each in ids} == {jane.public_id}


def test_an_id_that_was_never_given_is_nobodys(jane):
    assert person(ALL, uuid4()) is None


def test_an_erased_id_is_gone(jane):
    erased = uuid4()
    suppress("profile_id", str(erased), by=ALL, now=START)
    with pytest.raises(Gone):
        person(ALL, erased)


def test_what_an_actor_may_not_see_is_hidden_and_named(jane):
    found = seen(MARKETER, jane.public_id)
    assert found.traits == {"name": "Jane Miller", "city": "Leeds", "plan": "gold"}
    assert sorted(found.masked) == ["diagnosis", "email", "shoe"]
    assert [each.value for each in found.identifiers] == ["42", None, "a1", "a2"]
    assert [each.is_masked for each in found.identifiers] == [False, True, False, False]


def test_inner_keys_are_hidden_by_their_own_category(builder):
    builder.send(
        event(
            "identify",
            user_id="7",
            traits={"company": {"name": "Acme", "phone": "1", "staff": [{"email": "x"}]}},
        )
    )
    found = people(MARKETER).items[0]
    assert found.traits == {"company": {"name": "Acme", "staff": [{}]}}
    assert found.masked == ["company.phone", "company.staff.email"]


def test_reading_needs_the_permission_and_leaves_a_row(jane):
    person(ALL, jane.public_id)
    assert reads() == [("test", "person.read", 1)]
    with pytest.raises(AccessDenied):
        person(NOBODY, jane.public_id)
    assert reads()[1:] == [("nobody", "access.denied", 0)]


def test_a_person_is_found_by_an_identifier_in_any_spelling(jane):
    assert [each.id for each in people_identified(ALL, "email: Jane@Example.COM ")] == [jane.public_id]
    assert people_identified(ALL, "user_id:43") == []
    assert reads() == [("test", "person.lookup", 1), ("test", "person.lookup", 0)]


def test_a_hidden_kind_of_identifier_cannot_be_looked_up(jane):
    with pytest.raises(AccessDenied):
        people_identified(MARKETER, "email:jane@example.com")


@pytest.mark.parametrize("text", ["42", "user_id:", "user_id: ", "shoe:42", "email:nobody", ":42"])
def test_what_is_no_identifier_is_refused_without_being_repeated(text, jane):
    with pytest.raises(UnreadableIdentifier) as caught:
        people_identified(ALL, text)
    assert "42" not in str(caught.value).replace("user_id:42", "")
    assert "nobody" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["email:jane@example.com", "phone:+442071838750", "user_id:jane@example.com"]
)
def test_contact_data_is_refused_in_an_address(text, jane):
    with pytest.raises(UnreadableIdentifier, match="profiles/lookup/"):
        people_identified(ALL, text, in_address=True)


def test_people_come_in_pages_forwards_and_backwards(builder):
    builder.send(*(event(user_id=f"u{number}", minutes=number) for number in range(5)))
    first = people(ALL, limit=2)
    second = people(ALL, cursor=first.next, limit=2)
    third = people(ALL, cursor=second.next, limit=2)
    pages = [[each.identifiers[0].value for each in page.items] for page in (first, second, third)]
    assert sorted(str(value) for page in pages for value in page) == ["u0", "u1", "u2", "u3", "u4"]
    assert (first.previous, third.next) == (None, None)
    assert people(ALL, cursor=third.previous, limit=2).items == second.items
    assert people(ALL, cursor=second.previous, limit=2).items == first.items


@pytest.mark.parametrize("cursor", ["x", "WzAsMV0:forged", "9" * 2000])
def test_a_cursor_that_was_not_given_out_is_refused(cursor, jane):
    with pytest.raises(InvalidCursor):
        people(ALL, cursor=cursor)


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_takes_as_many_statements_however_many_there_are(count, builder, django_assert_num_queries):
    builder.send(*(event("identify", user_id=f"u{each}", traits=JANE) for each in range(count)))
    with django_assert_num_queries(3):  # who, the page and the audit row
        assert len(people(ALL).items) == count


def test_an_identifier_is_read_by_the_rules_as_they_are_now(jane):
    assert people_identified(ALL, "user_id:JANE") == []
    Namespace.objects.filter(key="user_id").update(normaliser="lower")
    Identifier.objects.filter(value="42").update(value="jane")
    assert [each.id for each in people_identified(ALL, "user_id:JANE")] == [jane.public_id]
    Namespace.objects.filter(key="user_id").delete()
    with pytest.raises(UnreadableIdentifier):
        people_identified(ALL, "user_id:JANE")
    Namespace.objects.create(key="login", name="Login", level=Level.PERSON, priority=1)
    assert people_identified(ALL, "login:JANE") == []
