"""What holds people together: identifiers, merges, explanations."""

from dataclasses import replace
from typing import Any

import pytest

from compliance.enums import Category
from profiles.domain.queries import Merge, Standing, events_behind, explain, identifiers, lineage, tabs
from profiles.domain.queries.overview import known_person
from profiles.models import Evidence, Namespace, Profile, TimelineEvent
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
    found = lineage(ALL, jane.public_id).items
    assert len(found) == 1
    merge = found[0]
    assert isinstance(merge, Merge)
    assert merge.target == jane.public_id
    assert seen(ALL, merge.source).id == jane.public_id
    assert not merge.is_undone
    assert merge.sentence == (
        f"{merge.source} became part of {merge.target}. User id 42 was seen on both: with anonymous id a2: "
        "an identify call of source 1, 1 March 2026, 12:03 UTC; rule: both stood in one event."
    )


def test_a_merge_hides_what_the_actor_may_not_see(builder):
    builder.send(event(anonymous_id="a", context={"traits": {"email": "x@example.com"}}))
    builder.send(event(user_id="9"))
    builder.send(event(user_id="9", context={"traits": {"email": "x@example.com"}}))
    merge = lineage(MARKETER, person_of("user_id", "9").public_id).items[0]
    assert "e-mail (masked)" in merge.sentence.lower()
    assert "x@example.com" not in merge.sentence


def test_a_page_shows_the_earliest_links_and_says_that_there_are_more(builder, monkeypatch):
    monkeypatch.setattr(tabs, "LINKS_SHOWN", 2)
    builder.send(*(event(anonymous_id=f"a{number}", user_id="u", minutes=number) for number in range(3)))
    who = person_of("user_id", "u").public_id
    found = tabs.reasons(ALL, who).explanation
    assert [link.b.value for link in found.holding] == ["a0", "a1"]
    assert found.is_cut
    assert (len(explain(ALL, who).holding), explain(ALL, who).is_cut) == (3, False)


def test_a_namespace_is_called_as_staff_call_it(builder):
    Namespace.objects.filter(key="user_id").update(name="Login")
    builder.send(event("identify", anonymous_id="a", user_id="1"))
    builder.send(event("identify", anonymous_id="a", user_id="2"))
    who = person_of("user_id", "1").public_id
    found = explain(ALL, who)
    assert found.holding[0].reason.startswith("Login 1 and anonymous id a were seen together: ")
    assert "two values of Login, which is unique" in found.refused[0].refusal
    assert {each.name for each in identifiers(ALL, who).items} == {"Login", "Anonymous id"}
    assert known_person(ALL, who).identifiers[0].name == "Login"


def test_merges_come_in_pages(builder):
    for number in range(4):
        builder.send(event(anonymous_id=f"a{number}"))
        builder.send(event(anonymous_id=f"a{number}", user_id="u"))
    who = person_of("user_id", "u").public_id
    first = lineage(ALL, who, limit=2)
    second = lineage(ALL, who, cursor=first.next, limit=2)
    assert [len(first.items), len(second.items)] == [2, 1]
    assert second.next is None
    assert lineage(ALL, who, cursor=second.previous, limit=2).items == first.items


def test_an_explanation_has_what_holds_and_what_was_refused(builder):
    builder.send(event("identify", anonymous_id="a", user_id="1"))
    builder.send(event("identify", anonymous_id="a", user_id="2"))
    one, two = person_of("user_id", "1"), person_of("user_id", "2")
    assert one != two
    found = explain(ALL, one.public_id)
    assert [link.reason for link in found.holding] == [
        (
            "User id 1 and anonymous id a were seen together: an identify call of source 1, 1 March 2026, 12:00 UTC; "
            "rule: both stood in one event."
        )
    ]
    assert [link.refusal for link in found.refused] == [
        "Joining them would give one person two values of User id, which is unique."
    ]
    assert not found.is_cut
    assert reads() == [("test", "person.explain", 2)]  # the other person's identifier is shown too


def test_links_that_attach_are_told_apart(builder):
    builder.send(event("group", user_id="1", group_id="acme"))
    found = explain(ALL, person_of("user_id", "1").public_id)
    assert ([len(found.holding), len(found.refused)], len(found.attached)) == ([0, 0], 1)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("question", "queries"), [(explain, 6), (lineage, 6), (identifiers, 4)])
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


def test_a_link_tells_the_event_that_showed_it_as_long_as_it_is_kept(builder, monkeypatch):
    builder.send(event("identify", anonymous_id="a", traits={"email": "x@example.com"}))
    builder.send(event(anonymous_id="b", user_id="u", minutes=1, name="Order Completed"))
    builder.send(
        event("identify", anonymous_id="b", user_id="u", minutes=2, traits={"email": "x@example.com"}),
        event(
            "identify", anonymous_id="b", minutes=3, traits={"customer_number": "7", "phone": "+442071838750"}
        ),
    )
    who = person_of("user_id", "u").public_id
    told = {link.event for link in explain(ALL, who).holding}
    assert told == {"an identify call", "event Order Completed"}
    assert {
        link.event for link in explain(MARKETER, who).holding
    } == told  # behaviour is for marketers to see
    no_behaviour = replace(MARKETER, categories=MARKETER.categories - {Category.BEHAVIOUR})
    assert {link.event for link in explain(no_behaviour, who).holding} == {"an event"}
    TimelineEvent.objects.filter(message_id__in=Evidence.objects.values("message_id")).delete()
    assert {link.event for link in explain(ALL, who).holding} == {"an event that is no longer kept"}
    monkeypatch.setattr(events_behind, "MOST_ANCHORS", 1)  # as if they had more devices than are searched
    assert {link.event for link in explain(ALL, who).holding} == {"an event"}


def test_each_kind_of_links_is_cut_by_itself(builder):
    builder.send(
        *(event("identify", anonymous_id=f"a{each}", user_id="u", minutes=each) for each in range(3))
    )
    builder.send(
        event(anonymous_id="b", user_id="v"), event("alias", user_id="v", previous_id="u", minutes=9)
    )
    who = person_of("user_id", "u").public_id
    whole, cut = explain(ALL, who), explain(ALL, who, most=2)
    assert [link.id for link in cut.holding] == [link.id for link in whole.holding][:2]
    assert cut.refused == whole.refused
    assert (whole.is_cut, cut.is_cut) == (False, True)


def test_a_merge_through_a_new_identifier_names_what_both_had(builder):
    builder.send(event(anonymous_id="a"), event(user_id="u", minutes=-1))
    with_email: dict[str, Any] = {"context": {"traits": {"email": "x@example.com"}}}
    builder.send(
        event(anonymous_id="a", minutes=1, name="Signed Up", **with_email),
        event(user_id="u", minutes=2, name="Order Completed", source_id=2, **with_email),
    )
    merge = lineage(ALL, person_of("user_id", "u").public_id).items[0]
    assert merge.reason == (
        "E-mail x@example.com was seen on both: "
        "with user id u: event Order Completed of source 2, 1 March 2026, 12:02 UTC; rule: both stood in one event; "
        "with anonymous id a: event Signed Up of source 1, 1 March 2026, 12:01 UTC; rule: both stood in one event."
    )
