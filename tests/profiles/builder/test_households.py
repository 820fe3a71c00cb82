"""What the builder keeps of groups, households and shared values."""

import random
from importlib import import_module
from typing import Any

from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.models import GroupTraitVersion, Household, Identifier, Namespace, Profile
from tests.profiles.builder.driver import Driver, event
from tests.profiles.builder.picture import clear, identifiers
from tests.profiles.builder.test_concurrency import work


def told() -> dict[str, dict[str, Any]]:
    """The traits of each household, by the value of its identifier."""
    named = identifiers()
    return {named[row.identifier_id][1]: row.traits for row in Household.objects.all()}


def group(value: str, minutes: float = 0, **fields: Any) -> Any:
    return event("group", minutes=minutes, group_id=value, **{"user_id": "ann", **fields})


def test_a_group_call_tells_of_the_group_and_not_of_who_sent_it(builder):
    builder.send(group("acme", traits={"name": "Acme Ltd", "employees": 120}))
    assert told() == {"acme": {"name": "Acme Ltd", "employees": 120}}
    assert Profile.objects.get().traits == {}
    builder.send(event("identify", user_id="ann", group_id="acme", minutes=1, traits={"name": "Ann"}))
    assert told()["acme"]["name"] == "Acme Ltd"


def test_the_newest_value_counts_and_null_deletes(builder):
    builder.send(group("acme", minutes=5, traits={"plan": "gold", "city": "Leeds"}))
    builder.send(
        group("acme", minutes=2, user_id="bob", source_id=2, traits={"plan": "free", "name": "Acme"})
    )
    builder.send(group("acme", minutes=9, traits={"city": None}))
    assert told() == {"acme": {"plan": "gold", "name": "Acme"}}
    row = Household.objects.get()
    assert (row.provenance["plan"]["source"], row.provenance["name"]["source"]) == (1, 2)
    assert row.version == 3
    assert set(GroupTraitVersion.objects.values_list("key", "source_id", "value")) == {
        ("plan", 1, "gold"), ("plan", 2, "free"), ("name", 2, "Acme"), ("city", 1, None),
    }  # fmt: skip


def test_a_group_without_traits_and_one_that_identifies_nobody(builder):
    builder.send(
        group("acme"),
        group("null", traits={"name": "nobody"}),
        event("group", group_id="solo", traits={"a": 1}),
    )
    assert told() == {"acme": {}, "solo": {"a": 1}}


def test_a_household_has_traits_of_its_own_where_group_calls_name_households(builder):
    Namespace.objects.filter(key="group_id").update(paths=[])
    Namespace.objects.filter(key="household").update(paths=["group_id", "traits.household"])
    builder.send(
        group("h1", traits={"size": 4}), event("identify", user_id="bob", traits={"household": "h1"})
    )
    assert told() == {"h1": {"size": 4}}


def test_whoever_is_seen_with_a_household_gives_it_an_id_that_stays(builder):
    builder.send(event("identify", user_id="ann", traits={"household": "h1"}))
    first = Household.objects.get()
    assert first.public_id.version == 7
    builder.send(event("identify", user_id="bob", minutes=-5, traits={"household": "h1"}))
    assert Household.objects.get().public_id == first.public_id


def test_an_email_becomes_a_household_when_it_turns_out_to_be_shared(builder):
    builder.send(event("identify", user_id="ann", traits={"email": "both@example.com"}))
    assert not Household.objects.exists()
    builder.send(event("identify", user_id="bob", minutes=1, traits={"email": "both@example.com"}))
    assert told() == {"both@example.com": {}}


@st.composite
def calls(draw) -> list[dict[str, Any]]:
    value = st.sampled_from([None, "x", 1, ["y"]])
    return [
        group(
            draw(st.sampled_from(["g1", "g2"])),
            minutes=draw(st.integers(0, 4)),
            message_id=f"m{number}",
            source_id=draw(st.sampled_from([1, 2])),
            user_id=draw(st.sampled_from(["ann", "bob"])),
            traits=draw(st.dictionaries(st.sampled_from(["plan", "name"]), value, max_size=2)),
        )
        for number in range(draw(st.integers(1, 7)))
    ]


def _expected(events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The newest value of each trait by (time, source, message)."""
    ordered = sorted(events, key=lambda each: (each["timestamp"], each["source_id"], each["message_id"]))
    found: dict[str, dict[str, Any]] = {each["group_id"]: {} for each in events}
    for each in ordered:
        found[each["group_id"]] |= each["traits"]
    return {
        name: {key: value for key, value in traits.items() if value is not None}
        for name, traits in found.items()
    }


def _stored(driver: Driver, batches: list[list[dict[str, Any]]]) -> tuple[dict[str, Any], set[Any]]:
    clear(driver.connection)
    for batch in batches:
        driver.send(*batch)
    named = identifiers()
    versions = {
        (named[row.identifier_id], row.key, row.source_id, str(row.value), row.message_id)
        for row in GroupTraitVersion.objects.all()
    }
    return told(), versions


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=calls(), seed=st.integers(0, 2**32))
def test_any_order_and_any_repetition_of_group_calls_makes_the_same_groups(builder, events, seed):
    first = _stored(builder, [events])
    assert first[0] == _expected(events)
    chance = random.Random(seed)
    deck = events + chance.sample(events, chance.randint(0, len(events)))
    chance.shuffle(deck)
    assert _stored(builder, [[each] for each in deck]) == first


def test_builders_that_fold_the_same_groups_at_once_lose_nothing_and_never_lock_each_other_out(database):
    chance = random.Random(7)
    shares = [
        [
            [
                group(
                    f"g{chance.randrange(4)}",
                    minutes=chance.randrange(50),
                    user_id=f"{worker} {number}",
                    traits={chance.choice("abc"): number},
                )
                for number in range(3 * batch, 3 * batch + 3)
            ]
            for batch in range(10)
        ]
        for worker in range(3)
    ]
    workers = work(database, shares)
    assert told() == _expected([each for share in shares for batch in share for each in batch])
    assert [worker.retries for worker in workers] == [0, 0, 0]


def test_what_was_there_before_gets_its_row_from_the_migration(builder):
    builder.send(
        event("identify", user_id="ann", group_id="acme", traits={"email": "both@example.com"}),
        event("identify", user_id="bob", minutes=1, traits={"email": "both@example.com"}),
    )
    Household.objects.all().delete()
    migration = import_module("profiles.migrations.0010_households")
    for _ in range(2):
        with connection.schema_editor(atomic=False) as editor:
            migration.give_rows(None, editor)
        assert told() == {"acme": {}, "both@example.com": {}}


def test_an_address_that_only_a_text_names_is_no_household_yet(builder):
    note = {"note": "Wants it sent to 52 High Street, M8 2BJ, Manchester."}
    builder.send(event(user_id="u", name="Call Answered", properties=note))
    found = Identifier.objects.get(namespace__key="address")
    assert not Household.objects.exists()
    address = {"postal_code": "M8 2BJ", "house_number": 52, "country": "GB"}
    builder.send(event("identify", user_id="v", minutes=1, traits={"address": address}))
    assert Household.objects.get().identifier_id == found.pk
