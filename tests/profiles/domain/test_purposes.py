"""What the catalogue limits a single key to goes with the facts, and whoever reads for a purpose gets only what it may."""

from typing import Any

import orjson

from compliance.access import Actor
from compliance.classification import Decided, use_decided
from compliance.enums import ActorKind, Category, Operation
from profiles.domain.queries import timeline, trait_history
from profiles.models import Profile, TimelineEvent, TraitVersion
from tests.profiles.builder.driver import event
from tests.profiles.people import ALL, declares, person_of, seen

EVERYTHING = frozenset(Category)
LIMITS = {
    "traits.plan": ["service"], "traits.address.city": ["service"], "properties.total": ["service"],
    "properties.items[].sku": ["analytics"],
}  # fmt: skip
TRAITS = {"plan": "gold", "address": {"city": "Leeds"}, "shoe": 38}
PROPERTIES = {"total": 5, "items": [{"sku": "a", "price": 1}, {"sku": "b"}]}


def token(purpose):
    return Actor(ActorKind.TOKEN, "reports", frozenset(Operation), EVERYTHING, purpose=purpose)


def send(builder):
    told = event(
        "identify", user_id="u", traits=TRAITS, purposes=["service", "analytics"], key_purposes=LIMITS
    )
    bought = event(name="Ordered", user_id="u", minutes=1, properties=PROPERTIES, key_purposes=LIMITS)
    builder.send(told, bought)
    return consenting()


def consenting():
    """The person, who consents to analytics."""
    found = person_of("user_id", "u").public_id
    declares(found, "analytics")
    return found


def test_a_limit_goes_with_the_value_of_the_trait_and_with_the_event(builder):
    send(builder)
    provenance = Profile.objects.get().provenance
    assert provenance["plan"]["purposes"] == ["only", "service", "analytics", "=service"]
    assert provenance["address"]["purposes"] == ["only", "service", "analytics", "=service"]
    assert provenance["shoe"]["purposes"] == ["only", "service", "analytics"]
    assert TraitVersion.objects.get(key="plan").purposes == ["only", "service", "analytics", "=service"]
    assert "properties.total=service" in (TimelineEvent.objects.latest("timestamp").purposes or [])
    assert published_limits(builder) == LIMITS


def published_limits(builder):
    """What is published of the order says it too."""
    told = [orjson.loads(each.value) for each in builder.published if each.topic == "profiles.events"]
    return told[-1]["event"]["key_purposes"]


def test_whoever_reads_for_a_purpose_gets_only_what_it_may_have(builder):
    id_ = send(builder)
    assert set(seen(token("service"), id_).traits) == {"plan", "address", "shoe"}
    assert set(seen(token("analytics"), id_).traits) == {"shoe"}
    assert [each.is_masked for each in trait_history(token("analytics"), id_, "plan")] == [True]


def test_of_an_event_too(builder):
    id_ = send(builder)
    order = timeline(token("service"), id_).items[0]
    assert order.properties == {"total": 5, "items": [{"price": 1}, {}]}
    assert order.masked == ["properties.items.sku"]
    assert timeline(ALL, id_).items[0].properties == PROPERTIES


def test_what_people_decided_of_a_nested_property_masks_it(builder):
    id_ = send(builder)
    reader = Actor(ALL.kind, "reader", frozenset(Operation), EVERYTHING - {Category.SPECIAL})
    try:
        use_decided(Decided(properties={"items[].sku": Category.SPECIAL}))
        order = timeline(reader, id_).items[0]
    finally:
        use_decided(Decided())
    assert order.properties == {"total": 5, "items": [{"price": 1}, {}]}
    assert order.masked == ["properties.items.sku"]


def test_what_stands_under_ids_is_limited_whatever_the_ids_are(builder):
    prices = {"4711": {"amount": 5, "note": "a"}, "sku-4712": {"amount": 6}}
    limits = {"properties.prices.*.amount": ["analytics"], "traits.*": ["analytics"]}
    said: dict[str, Any] = {"user_id": "u", "key_purposes": limits, "purposes": ["service", "analytics"]}
    told = event("identify", traits={"20261130": 1, "plan": "gold"}, **said)
    builder.send(told, event(name="Ordered", minutes=1, properties={"prices": prices}, **said))
    id_ = consenting()
    order = timeline(token("service"), id_).items[0]
    assert order.properties == {"prices": {"4711": {"note": "a"}, "sku-4712": {}}}
    assert order.masked == ["properties.prices.4711.amount", "properties.prices.sku-4712.amount"]
    assert set(seen(token("service"), id_).traits) == {"plan"}
    assert set(seen(token("analytics"), id_).traits) == {"plan", "20261130"}
