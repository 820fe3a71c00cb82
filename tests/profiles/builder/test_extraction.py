"""What of an event becomes identifiers, links and facts: bad input, parts, verified values, groups."""

import pytest
from django.db.models import F

from profiles.models import Evidence, Identifier, Namespace, Profile, TimelineEvent
from tests.profiles.builder.driver import event
from tests.profiles.builder.model import book_of
from tests.profiles.builder.picture import people
from tests.profiles.builder.reading import arrival_of


def values() -> set[str]:
    return set(Identifier.objects.values_list("value", flat=True))


def groups() -> set[frozenset[str]]:
    return {frozenset(value for _, value in each) for each in people().values()}


@pytest.mark.parametrize(
    "nobody",
    [
        "null", "NULL", " undefined ", "None", "nan", "[object Object]", "{}", "0", "-1", "0000-00", "guest", '"null"',
        "'undefined'", '\\"null\\"', "''", "{{user_id}}", "{{ user.id }}", "${userId}", "{id}", "%s", "%USER_ID%", "<nil>",
        "(null)", "(not set)", "N/A", "unknown", "00000000-0000-0000-0000-000000000000", "\u200bnull\u200b",
    ],
    ids=ascii,
)  # fmt: skip
def test_values_that_sources_send_for_nobody_join_nobody(nobody, database):
    with database.connect() as connection:
        book = book_of(connection)
    rule = book.namespaces.by_key["user_id"]
    arrival = arrival_of(book, event(user_id=nobody, anonymous_id="a"))
    assert all(rule.blocks(each.value) for each in arrival.identifiers if each.namespace == rule.id)
    assert arrival.home is not None
    assert arrival.home.value == "a"


@pytest.mark.parametrize(
    ("key", "value", "is_blocked"),
    [
        ("email", "undefined@x.org", True),
        ("email", "no-email@x.org", True),
        ("email", "test@test.com", True),
        ("email", "jane@none.com", True),
        ("email", "jane@example.com", False),
        ("email", "none.smith@x.org", False),
        ("phone", "+310000000", True),
        ("phone", "+31111111111", True),
        ("phone", "+31612345678", False),
        ("session_id", "1700000000", True),
        ("session_id", "1700000000123", True),
        ("session_id", "s-1700000000", False),
        ("user_id", "1700000000", False),
        ("user_id", "1", False),
        ("user_id", "annull", False),
    ],
)
def test_each_namespace_knows_its_placeholders(key, value, is_blocked, database):
    with database.connect() as connection:
        assert book_of(connection).namespaces.by_key[key].blocks(value) is is_blocked


@pytest.mark.parametrize(
    ("value", "is_shared"),
    [
        ("info@shop.test", True), ("No-Reply@shop.test", True), ("accounts@shop.test", True),
        ("jane@shop.test", False), ("informal@shop.test", False), ("jane.info@shop.test", False),
    ],
)  # fmt: skip
def test_mailboxes_that_several_people_read_are_shared(value, is_shared, database):
    with database.connect() as connection:
        assert book_of(connection).namespaces.by_key["email"].shares(value) is is_shared


def test_a_shared_mailbox_joins_nobody(builder):
    for user in ("ann", "bob"):
        builder.send(event("identify", anonymous_id=user, traits={"email": "Info@shop.test"}))
    assert groups() == {frozenset({"ann"}), frozenset({"bob"})}


def test_plus_tags_and_capitals(builder):
    builder.send(
        event("identify", anonymous_id="a", traits={"email": "Jane@SHOP.Test"}),
        event("identify", anonymous_id="b", traits={"email": "jane@shop.test "}),
        event("identify", anonymous_id="c", traits={"email": "jane+x@shop.test"}),
    )
    assert groups() == {frozenset({"a", "b", "jane@shop.test"}), frozenset({"c", "jane+x@shop.test"})}


def test_values_that_are_too_long_or_no_values_leave_the_event_without_them(builder):
    builder.send(
        event(anonymous_id="a", user_id="x" * 10_240),
        event(
            "identify", anonymous_id="b", traits={"email": {"a": 1}, "phone": True, "customer_number": 1.5}
        ),
        event("identify", anonymous_id="c", traits={"phone": "06 12345678"}),  # of which country?
        event(anonymous_id="d\x00", user_id="u\u200b1"),
    )
    assert values() == {"a", "b", "c", "d\ufffd", "u1"}
    assert TimelineEvent.objects.count() == 4


def circle() -> list[dict]:
    return [
        event("alias", user_id="u", previous_id="u"),
        event("alias", 1, user_id="u", previous_id="v"),
        event("alias", 2, user_id="v", previous_id="w"),
        event("alias", 3, user_id="w", previous_id="u"),
        event("alias", 4, anonymous_id="w", previous_id="w"),
    ]


def test_an_alias_to_oneself_and_in_a_circle_ends_and_joins_no_two_users(builder):
    builder.send(*circle())
    assert all(len({value for kind, value in each if kind == "user_id"}) <= 1 for each in people().values())
    assert {("user_id", name) for name in "uvw"} <= {each for group in people().values() for each in group}
    assert not Evidence.objects.filter(a_id=F("b_id")).exists()
    before = people(), Evidence.objects.count()
    builder.send_each(reversed(circle()))
    assert (people(), Evidence.objects.count()) == before


def test_an_address_attaches_a_household_whatever_way_it_is_written(builder):
    builder.send(
        event(
            "identify",
            user_id="ann",
            traits={"postcode": "1234 ab", "house_number": 12, "country": "Nederland"},
        ),
        event(
            "identify", user_id="bob", traits={"address": {"postalCode": "1234AB", "street": "Kerkstraat 12"}}
        ),
        event("identify", user_id="eve", traits={"postal_code": "1234 AB"}),
    )
    address = Identifier.objects.get(namespace__key="address")
    assert (address.value, address.profile_id) == ("NL|1234AB|12", None)
    assert Evidence.objects.filter(state="attached").count() == 2
    assert Profile.objects.count() == 3


def test_a_landline_is_of_a_household_and_not_of_a_person(builder):
    for user in ("ann", "bob"):
        builder.send(event("identify", user_id=user, traits={"landline": "+31 20 794 6012"}))
    assert Identifier.objects.get(namespace__key="landline").profile_id is None
    assert Profile.objects.count() == 2


def test_an_email_that_the_event_calls_verified(builder):
    traits = {"email": "jane@x.org", "email_verified": True, "phone": "+31612345678"}
    builder.send(event("identify", user_id="u", traits=traits))
    rules = {
        row.b.value if row.a.value == "u" else row.a.value: row.rule
        for row in Evidence.objects.select_related("a", "b")
    }
    assert (rules["jane@x.org"], rules["+31612345678"]) == ("verified", "event")


@pytest.mark.parametrize("said", [False, None, "no", 0])
def test_an_email_that_is_not_verified(said, builder):
    builder.send(event("identify", user_id="u", traits={"email": "jane@x.org", "email_verified": said}))
    assert Evidence.objects.get().rule == "event"


def test_what_a_group_call_says_of_the_group(database):
    with database.connect() as connection:
        book = book_of(connection)
    call = event(
        "group", user_id="u", group_id="g", traits={"name": "Acme", "email": "x@y.org", "k" * 300: 1}
    )
    arrival = arrival_of(book, call)
    assert arrival.group_traits is not None
    group, traits = arrival.group_traits
    assert (group.value, traits) == ("g", {"name": "Acme", "email": "x@y.org"})
    assert arrival.traits is None
    assert {each.value for each in arrival.identifiers} == {"u", "g"}
    for other in (
        event("group", user_id="u", group_id="null", traits={"a": 1}),
        event("group", user_id="u", traits=[]),
    ):
        assert arrival_of(book, other).group_traits is None


def test_a_pattern_that_nobody_can_read_stops_nothing(builder):
    Namespace.objects.filter(key="user_id").update(blocked_patterns=["(", "gue.t", r"(a+)+b(?=c)"])
    builder.send(event(user_id="guest", anonymous_id="a"), event(user_id="a" * 500, anonymous_id="b"))
    assert frozenset({"a"}) in groups()
