"""Identifiers in texts: what is found, what it is evidence of, and what it never does."""

from compliance.access import Actor
from compliance.suppression import suppress
from profiles.models import Evidence, Identifier, Namespace, Profile, TimelineEvent
from streaming.contracts.profiles import EVENTS_TOPIC, decode_profile_event
from tests.profiles.builder.driver import START, event
from tests.profiles.builder.picture import people


def note(text: str, minutes: float = 0, **fields):
    return event(
        name="Call Ended",
        minutes=minutes,
        user_id="u",
        properties={"notes": text, "agent": "x@y.org"},
        **fields,
    )


def content() -> set[tuple[str, str, str, str]]:
    named = {row.pk: row for row in Identifier.objects.select_related("namespace")}
    found = set()
    for each in Evidence.objects.filter(rule="content"):
        far = named[each.b_id] if named[each.a_id].value == "u" else named[each.a_id]
        found.add((far.namespace.key, far.value, each.state, each.place))
    return found


def test_what_stands_in_a_note_is_proposed_with_its_place(builder):
    builder.send(
        note("Wants mail at Jane@X.org, lives at Kerkstraat 12a, 1234 AB Utrecht, tel +31 6 12345678")
    )
    place = "properties.notes"
    assert content() == {
        ("email", "jane@x.org", "proposed", place),
        ("phone", "+31612345678", "proposed", place),
        ("address", "NL|1234AB|12|A", "proposed", place),
    }
    assert [set(each) for each in people().values()] == [{("user_id", "u")}]


def test_a_proposal_joins_nobody_and_makes_no_person(builder):
    builder.send(event("identify", user_id="jane", traits={"email": "jane@x.org"}))
    builder.send(note("ask jane@x.org or bob@x.org"), note("ask bob@x.org", 1))
    assert Profile.objects.count() == 2
    assert set(people().values()) == {
        frozenset({("user_id", "jane"), ("email", "jane@x.org")}), frozenset({("user_id", "u")}),
    }  # fmt: skip
    builder.send(event("identify", 2, anonymous_id="a", traits={"email": "bob@x.org"}))
    assert frozenset({("anonymous_id", "a"), ("email", "bob@x.org")}) in set(people().values())


def test_a_namespace_that_joins_by_content_joins(builder):
    Namespace.objects.filter(key="email").update(content="join")
    builder.send(event("identify", anonymous_id="a", traits={"email": "jane@x.org"}), note("jane@x.org", 1))
    assert content() == {("email", "jane@x.org", "accepted", "properties.notes")}
    assert Profile.objects.count() == 1


def test_a_customer_number_is_found_by_the_pattern_of_its_namespace(builder):
    Namespace.objects.filter(key="customer_number").update(
        content="propose", content_patterns=[r"\bK-(\d{6})\b"]
    )
    builder.send(note("about K-123456 and K-12, thanks"))
    assert content() == {("customer_number", "123456", "proposed", "properties.notes")}


def test_only_texts_are_searched_and_in_forms_every_field(builder):
    plain = {"coupon": "jane@x.org", "title": "bob@x.org"}
    builder.send(event(user_id="u", properties=plain))
    assert content() == set()
    builder.send(event(user_id="u", name="Form Submitted", properties={"Your address": "jane@x.org"}))
    assert content() == {("email", "jane@x.org", "proposed", "properties.Your address")}


def test_what_the_event_says_itself_is_no_finding_and_five_of_a_kind_are_enough(builder):
    builder.send(
        note(" ".join(f"p{n}@x.org" for n in range(9)), traits={}, context={"traits": {"email": "p0@x.org"}})
    )
    assert {value for _, value, _, _ in content()} == {f"p{n}@x.org" for n in range(1, 6)}


def test_a_suppressed_person_in_a_text_is_blanked_and_the_event_stays(builder):
    suppress("email", "jane@x.org", by=Actor.system("test"), now=START)
    builder.send(note(" ".join(f"p{n}@x.org" for n in range(9)) + " Jane@X.org, jane@x.org!"))
    kept = TimelineEvent.objects.get().properties["notes"]
    assert kept.endswith("p8@x.org •••, •••!")
    (record,) = [record for record in builder.published if record.topic == EVENTS_TOPIC]
    assert decode_profile_event(record.value)["event"]["properties"]["notes"] == kept
    assert not Identifier.objects.filter(value="jane@x.org").exists()


def test_an_event_that_names_nobody_else_finds_nobody(builder):
    builder.send(event(name="Call Ended", properties={"notes": "jane@x.org"}))
    assert not Evidence.objects.exists()
