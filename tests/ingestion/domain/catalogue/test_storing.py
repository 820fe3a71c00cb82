"""What the catalogue learns from records of the log."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.db import connection as django_connection

from compliance.access import MASK, Actor
from compliance.classification import Decided, use_decided
from compliance.enums import Category
from ingestion.domain.catalogue import nesting, observing, storing, storing_keys
from ingestion.domain.catalogue.deciding import load_decided
from ingestion.domain.catalogue.listing import held_category
from ingestion.domain.catalogue.observing import observe
from ingestion.domain.catalogue.storing import store
from ingestion.domain.events import Envelope, ItemRejected, accept_item, encode_accepted
from ingestion.domain.masking import Mask
from ingestion.models import CatalogueEvent, CatalogueFinding, CatalogueKey, CatalogueUse, CatalogueVolume
from streaming.contracts.records import Record
from tests.ingestion.domain.conftest import BY

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def record(item, source, at=NOW):
    """The record of an item as the collector makes it."""
    item = {"type": "track", "event": "Order Completed", "userId": "u", **item}
    event = accept_item(item, Envelope(source_id=source.pk, received_at=at))
    return Record("events.x", 0, 0, b"u", encode_accepted(event, item), (), at)


def learn(*records):
    django_connection.ensure_connection()
    store(django_connection.connection, observe(records), now=NOW)


def use(name, event="Order Completed"):
    return CatalogueUse.objects.get(key__name=name, event__name=event)


def test_events_keys_types_and_volumes_add_up_over_batches(source):
    learn(
        record({"properties": {"total": 5, "plan": "gold"}}, source),
        record({"properties": {"total": 5.5}}, source),
    )
    learn(
        record({"properties": {"total": "7"}}, source, NOW + timedelta(days=1)),
        record({"type": "identify", "traits": {"plan": "x"}}, source),
    )
    order = CatalogueEvent.objects.get(name="Order Completed")
    assert (order.type, order.first_seen_at, order.last_seen_at) == ("track", NOW, NOW + timedelta(days=1))
    assert list(CatalogueVolume.objects.order_by("event__name", "day").values_list("event__name", "day", "events")) == [
        ("Order Completed", NOW.date(), 2), ("Order Completed", NOW.date() + timedelta(days=1), 1), ("identify", NOW.date(), 1),
    ]  # fmt: skip
    total = use("total")
    assert (total.events, total.types) == (3, {"integer": 1, "number": 1, "string": 1})
    assert total.examples == {"5": 1, "5.5": 1, '"7"': 1}
    assert sorted(CatalogueKey.objects.values_list("kind", "name")) == [
        ("property", "plan"), ("property", "total"), ("trait", "plan"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("properties", "proposed", "reason"),
    [
        ({"wibble": "jane@example.com"}, "contact", "1 of 1 values look like e-mail addresses"),
        ({"wibble": "+49 170 1234567"}, "contact", "1 of 1 values look like phone numbers"),
        ({"wibble": "192.0.2.7"}, "contact", "1 of 1 values look like IP addresses"),
        ({"wibble": "4111 1111 1111 1111"}, "special", "1 of 1 values look like card numbers"),
        ({"wibble": "DE89 3704 0044 0532 0130 00"}, "special", "1 of 1 values look like bank accounts"),
        ({"search": "jane@example.com"}, "contact", "1 of 1 values look like e-mail addresses"),
        ({"email": "hash"}, "contact", "its name is one of contact data"),
        ({"wibble": "2026-01-05T10:20:30Z"}, "unclassified", "neither its name nor its values give it away"),
        ({"health": "x@example.com"}, "special", "its name is one of special data"),
    ],
)
def test_name_and_content_propose_a_category_and_sensitive_values_are_never_kept(
    source, properties, proposed, reason
):
    learn(record({"properties": properties}, source))
    key = CatalogueKey.objects.get()
    assert (key.proposed, key.proposed_reason, key.category) == (proposed, reason, "")
    assert CatalogueUse.objects.get().examples == {}
    learn(record({"properties": dict.fromkeys(properties)}, source))
    key.refresh_from_db()
    assert key.proposed == proposed, "what was found in content is not forgotten"


def test_examples_vanish_when_people_decide_or_content_says_that_they_are_sensitive(source):
    learn(record({"properties": {"plan": "gold", "status": "new"}}, source))
    assert use("plan").examples == {'"gold"': 1}
    CatalogueKey.objects.filter(name="plan").update(category="special")
    learn(record({"properties": {"plan": "silver", "status": "jane@example.com"}}, source))
    assert use("plan").examples == {}
    assert use("status").examples == {}


def test_of_many_texts_only_their_shapes_are_kept(source):
    learn(*(record({"properties": {"path": f"/orders/{n}", "price": n}}, source) for n in range(30)))
    assert use("path").has_more
    assert set(use("path").examples) == {'"/a/9"'}
    assert use("price").has_more
    assert set(use("price").examples) <= {str(n) for n in range(30)}


def test_generated_names_are_capped_and_told_without_their_numbers(source, monkeypatch):
    monkeypatch.setattr(storing, "MAX_EVENTS_PER_SOURCE", 3)
    monkeypatch.setattr(storing_keys, "MAX_KEYS_PER_SOURCE", 4)
    learn(*(record({"event": f"Viewed {n}", "properties": {f"key {n}": 1}}, source) for n in range(10)))
    learn(*(record({"event": f"Viewed {n}", "properties": {f"key {n}": 1}}, source) for n in range(10)))
    assert CatalogueEvent.objects.count() == 3
    assert CatalogueKey.objects.count() <= 4
    finding = CatalogueFinding.objects.get(what="events")
    assert (finding.like, finding.names) == ("Viewed 9", 14)


def test_a_name_that_holds_somebody_is_not_kept(source):
    learn(
        record({"event": "Mail to jane@example.com", "properties": {"x": 1}}, source),
        record({"properties": {"+49 170 1234567": 1, "total": 1}}, source),
    )
    assert list(CatalogueEvent.objects.values_list("name", flat=True)) == ["Order Completed"]
    assert list(CatalogueKey.objects.values_list("name", flat=True)) == ["total"]
    assert sorted(CatalogueFinding.objects.values_list("what", "like")) == [
        ("events", "Aa a a@a.a"),
        ("keys", "+9 9 9"),
    ]


def test_what_is_sent_badly_costs_neither_the_batch_nor_memory(source, monkeypatch):
    monkeypatch.setattr(observing, "MAX_KEYS", 100)
    deep: dict[str, Any] = {"a": "x"}
    for _ in range(20):
        deep = {"a": deep}
    values: tuple[Any, ...] = (1, "1", [], {}, None, True, 1.5)
    flips = [record({"properties": {"total": value}}, source) for value in values]
    wide = record({"properties": {f"k{chr(97 + n % 26)}{n}": 1 for n in range(2000)}}, source)
    odd = record({"properties": {"żółć 🎉": "\u0000\ud83d"[:1], "deep": deep, "": 1}}, source)
    broken = [Record("events.x", 0, 1, b"", value, (), NOW) for value in (
        None, b"", b"[]", b"{}", b'{"v":1}', b'{"v":1,"source_id":[],"type":"track","event":"x","received_at":"2026-01-01"}',
        orjson.dumps({"v": 1, "source_id": 10**12, "type": "page", "event": None, "received_at": NOW.isoformat(),
                      "properties": {}, "traits": {}}),
    )]  # fmt: skip
    learn(*broken, *flips, odd, wide)
    assert use("total").types == {
        "integer": 1, "string": 1, "array": 1, "object": 1, "null": 1, "boolean": 1, "number": 1,
    }  # fmt: skip
    assert CatalogueKey.objects.filter(name="żółć 🎉").exists()
    assert not CatalogueKey.objects.filter(name="").exists()
    assert CatalogueKey.objects.filter(is_nested=False).count() == 100
    assert CatalogueKey.objects.filter(is_nested=True).count() == nesting.MAX_DEPTH
    assert CatalogueFinding.objects.get(what="keys").names > 1900
    with pytest.raises(ItemRejected):
        record({"event": "N" * 10_000}, source)
    with pytest.raises(ItemRejected):
        record({"properties": {"k" * 10_000: 1}}, source)


ORDER: dict[str, Any] = {
    "total": 5, "address": {"city": "Leeds", "note": "x@example.com"},
    "items": [{"sku": "A", "price": 1}, {"sku": "B", "price": 2.5, "gift": {"wrap": True}}],
}  # fmt: skip


def test_what_stands_within_values_is_known_by_its_path(source):
    learn(record({"properties": ORDER}, source), record({"properties": {"items": [{"sku": "A"}]}}, source))
    assert sorted(CatalogueKey.objects.filter(is_nested=True).values_list("name", "proposed")) == [
        ("address.city", "location"), ("address.note", "contact"), ("items[].gift", "unclassified"),
        ("items[].gift.wrap", "unclassified"), ("items[].price", "transactions"), ("items[].sku", "transactions"),
    ]  # fmt: skip
    assert (use("items[].sku").events, use("items[].sku").types, use("items[].sku").examples) == (
        2, {"string": 3}, {'"A"': 2, '"B"': 1},
    )  # fmt: skip
    assert use("address.city").examples == {}
    assert CatalogueKey.objects.filter(is_nested=False).count() == 3


def test_the_category_that_holds_of_a_nested_property_is_that_of_the_mask(source):
    learn(record({"properties": ORDER}, source))
    try:
        for name, category in (("items", "special"), ("items[].sku", "behaviour")):
            CatalogueKey.objects.filter(name=name).update(category=category)
        use_decided(load_decided())
        held = {key.name: held_category(key).value for key in CatalogueKey.objects.all()}
        shown = Mask(
            Actor(BY.kind, "ann", frozenset(), frozenset({Category.BEHAVIOUR, Category.LOCATION}))
        ).event({"properties": ORDER})["properties"]
    finally:
        use_decided(Decided())
    assert held == {
        "total": "transactions", "address": "contact", "address.city": "location", "address.note": "contact",
        "items": "special", "items[].sku": "behaviour", "items[].price": "transactions", "items[].gift": "special",
        "items[].gift.wrap": "special",
    }  # fmt: skip
    assert shown["address"] == {"city": "Leeds", "note": MASK}
    assert shown["items"] == [
        {"sku": "A", "price": MASK}, {"sku": "B", "price": MASK, "gift": {"wrap": MASK}},
    ]  # fmt: skip


def test_examples_of_a_nested_property_need_a_name_of_its_own_that_says_what_it_is(source):
    learn(
        record({"properties": {"plan": {"wibble": "gold", "status": "new"}, "user": {"status": "x"}}}, source)
    )
    assert (use("plan.wibble").examples, use("plan.status").examples) == ({}, {'"new"': 1})
    assert use("user.status").examples == {}


def test_nested_names_crowd_nothing_out(source, monkeypatch):
    monkeypatch.setattr(storing_keys, "MAX_KEYS_PER_SOURCE", 8)
    monkeypatch.setattr(storing_keys, "KEPT_FOR_THE_TOP", 5)
    monkeypatch.setattr(observing, "MAX_NESTED", 6)
    wide = {f"k{chr(97 + n)}": {chr(97 + n): n for n in range(26)} for n in range(3)}
    learn(record({"properties": {"prices": {f"p{chr(97 + n)}": n for n in range(26)}, **wide}}, source))
    assert CatalogueKey.objects.filter(is_nested=False).count() == 4
    assert not CatalogueKey.objects.filter(is_nested=True).exists(), (
        "the top alone takes more than is left for them"
    )
    learn(record({"event": "B", "properties": {"last": 1}}, source))
    assert CatalogueKey.objects.filter(name="last").exists()
    assert CatalogueFinding.objects.get(what="keys").names >= 50


PRICES: dict[str, Any] = {str(4000 + n): {"amount": n, "tax": [{"rate": 1}]} for n in range(50)}


def test_what_stands_under_ids_is_one_property_each(source):
    learn(
        record({"properties": {"prices": PRICES, "shop": {"rates": {f"sku-{n}": 1 for n in range(5000, 5040)}}}}, source),
        record({"properties": {"prices": {"00000000-0000-0000-0000-000000000007": {"amount": 1.5}}, "4711": {"a": 1}}}, source),
        record({"properties": {"4712": {"a": 1}, "4713": 5}}, source),
    )  # fmt: skip
    assert sorted(CatalogueKey.objects.values_list("name", "is_nested")) == [
        ("*", False), ("*.a", True), ("prices", False), ("prices.*", True), ("prices.*.amount", True),
        ("prices.*.tax", True), ("prices.*.tax[].rate", True), ("shop", False), ("shop.rates", True),
        ("shop.rates.*", True),
    ]  # fmt: skip
    assert (use("prices.*.amount").events, set(use("prices.*.amount").types)) == (2, {"integer", "number"})
    assert use("*").events == 2
    assert not CatalogueFinding.objects.exists()


def test_what_is_decided_of_each_masks_what_stands_under_every_id(source):
    document = {"prices": {"4711": {"amount": 5, "note": "x"}, "sku-4712": {"amount": 6}}, "4713": "y"}
    learn(record({"properties": document}, source))
    try:
        for name, category in (("prices", "behaviour"), ("prices.*.amount", "special"), ("*", "behaviour")):
            CatalogueKey.objects.filter(name=name).update(category=category)
        use_decided(load_decided())
        held = {key.name: held_category(key).value for key in CatalogueKey.objects.all()}
        seer = Actor(BY.kind, "ann", frozenset(), frozenset({Category.BEHAVIOUR}))
        shown = Mask(seer).event({"properties": document})["properties"]
    finally:
        use_decided(Decided())
    assert held == {
        "prices": "behaviour", "prices.*": "behaviour", "prices.*.amount": "special", "prices.*.note": "behaviour",
        "*": "behaviour",
    }  # fmt: skip
    assert shown == {
        "prices": {"4711": {"amount": MASK, "note": "x"}, "sku-4712": {"amount": MASK}}, "4713": "y",
    }  # fmt: skip


def test_a_name_with_a_dot_of_its_own_is_no_nested_one(source):
    learn(record({"properties": {"a.b": 1}}, source), record({"properties": {"a": {"b": 1}}}, source))
    assert sorted(CatalogueKey.objects.values_list("name", "is_nested")) == [("a", False), ("a.b", False)]
    assert use("a.b").events == 2
