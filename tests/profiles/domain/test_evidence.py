"""What holds people together: identifiers, merges, explanations."""

import pytest

from profiles.domain.queries import Standing, explain, identifiers, merges
from profiles.models import Evidence, Profile
from tests.profiles.builder.driver import event
from tests.profiles.people import ALL, MARKETER, person_of, reads, seen


def test_identifiers_say_what_they_do_for_the_person(builder):
    builder.send(
        event(
            "identify", anonymous_id="a1", user_id="1", group_id="acme", traits={"email": "both@example.com"}
        ),
        event("identify", anonymous_id="a2", user_id="2", traits={"email": "both@example.com"}),
        event("identify", anonymous_id="a1", user_id="null"),
    )
    found = identifiers(ALL, person_of("user_id", "1").public_id).items
    assert [(each.namespace, each.value, each.standing) for each in found] == [
        ("user_id", "1", Standing.JOINS),
        ("user_id", "null", Standing.BLOCKED),
        ("email", "both@example.com", Standing.SHARED),
        ("anonymous_id", "a1", Standing.JOINS),
        ("group_id", "acme", Standing.ATTACHES),
    ]


def test_hidden_identifiers_show_that_they_are(jane):
    found = identifiers(MARKETER, jane.public_id).items
    assert [(each.namespace, each.value) for each in found] == [
        ("user_id", "42"), ("email", None), ("anonymous_id", "a1"), ("anonymous_id", "a2"),
    ]  # fmt: skip


def test_identifiers_come_in_pages(jane):
    first = identifiers(ALL, jane.public_id, limit=3)
    second = identifiers(ALL, jane.public_id, cursor=first.next, limit=3)
    assert [each.value for each in (*first.items, *second.items)] == ["42", "jane@example.com", "a1", "a2"]
    assert second.next is None
    assert identifiers(ALL, jane.public_id, cursor=second.previous, limit=3).items == first.items


def test_a_merge_tells_who_became_whom_and_why(jane):
    found = merges(ALL, jane.public_id).items
    assert len(found) == 1
    merge = found[0]
    assert merge.target == jane.public_id
    assert seen(ALL, merge.source).id == jane.public_id
    assert not merge.is_undone
    assert merge.sentence == (
        f"{merge.source} became part of {merge.target}. "
        "user_id 42 and anonymous_id a2 stood in one event of source 1."
    )


def test_a_merge_hides_what_the_actor_may_not_see(builder):
    builder.send(event(anonymous_id="a", context={"traits": {"email": "x@example.com"}}))
    builder.send(event(user_id="9"))
    builder.send(event(user_id="9", context={"traits": {"email": "x@example.com"}}))
    merge = merges(MARKETER, person_of("user_id", "9").public_id).items[0]
    assert "email (masked)" in merge.sentence
    assert "x@example.com" not in merge.sentence


def test_merges_come_in_pages(builder):
    for number in range(4):
        builder.send(event(anonymous_id=f"a{number}"))
        builder.send(event(anonymous_id=f"a{number}", user_id="u"))
    who = person_of("user_id", "u").public_id
    first = merges(ALL, who, limit=2)
    second = merges(ALL, who, cursor=first.next, limit=2)
    assert [len(first.items), len(second.items)] == [2, 1]
    assert second.next is None
    assert merges(ALL, who, cursor=second.previous, limit=2).items == first.items


def test_an_explanation_has_what_holds_and_what_was_refused(builder):
    builder.send(event("identify", anonymous_id="a", user_id="1"))
    builder.send(event("identify", anonymous_id="a", user_id="2"))
    one, two = person_of("user_id", "1"), person_of("user_id", "2")
    assert one != two
    found = explain(ALL, one.public_id)
    assert [link.reason for link in found.holding] == [
        "user_id 1 and anonymous_id a stood in one event of source 1."
    ]
    assert [link.refusal for link in found.refused] == [
        "Joining them would give one person two values of user_id, which is unique."
    ]
    assert not found.is_cut
    assert reads() == [("test", "person.explain", 2)]  # the other person's identifier is shown too


def test_links_that_attach_are_told_apart(builder):
    builder.send(event("group", user_id="1", group_id="acme"))
    found = explain(ALL, person_of("user_id", "1").public_id)
    assert ([len(found.holding), len(found.refused)], len(found.attached)) == ([0, 0], 1)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("question", "queries"), [(explain, 5), (merges, 5), (identifiers, 4)])
def test_questions_take_as_many_statements_however_much_there_is(
    question, queries, count, builder, django_assert_num_queries
):
    for number in range(count):
        builder.send(event(anonymous_id=f"a{number}"))
        builder.send(event(anonymous_id=f"a{number}", user_id="u"))
    assert Evidence.objects.count() == count
    who = Profile.objects.get().public_id
    with django_assert_num_queries(queries, exact=False):
        question(ALL, who)
