"""What people say in the catalogue, and what follows from it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from compliance.access import AccessDenied, Actor, category_of_property, category_of_trait
from compliance.classification import Decided, use_decided
from compliance.enums import Category
from compliance.history import history
from compliance.models import AuditEntry
from ingestion.domain.catalogue.deciding import CatalogueError, accept_proposals, classify, describe
from ingestion.domain.catalogue.expiring import expire
from ingestion.domain.plans.loading import load_rules
from ingestion.models import CatalogueEvent, CatalogueKey, CatalogueUse, CatalogueVolume
from tests.ingestion.domain.catalogue.test_storing import learn, record
from tests.ingestion.domain.conftest import BY

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOBODY = Actor(BY.kind, "nobody", frozenset(), frozenset())


@pytest.fixture(autouse=True)
def nothing_decided():
    yield
    use_decided(Decided())


def keys(*names):
    return list(CatalogueKey.objects.filter(name__in=names).values_list("pk", flat=True))


def test_a_decision_holds_for_masking_at_once_and_takes_the_examples_away(source):
    learn(
        record({"properties": {"plan": "gold"}}, source),
        record({"type": "identify", "traits": {"plan": "gold"}}, source),
    )
    [of_property] = CatalogueKey.objects.filter(kind="property").values_list("pk", flat=True)
    assert classify([of_property], Category.SPECIAL, by=BY, now=NOW) == 1
    assert category_of_property("plan") == Category.SPECIAL
    assert category_of_trait("plan") == Category.TRANSACTIONS
    assert CatalogueUse.objects.get(key=of_property).examples == {}
    assert CatalogueUse.objects.exclude(key=of_property).get().examples == {'"gold"': 1}
    assert classify([of_property], None, by=BY, now=NOW) == 1
    assert category_of_property("plan") == Category.TRANSACTIONS
    told = [(each.by, each.changes) for each in history(CatalogueKey.objects.get(pk=of_property))]
    assert sorted(told) == sorted(
        [("test", [("category", "special", "")]), ("test", [("category", "", "special")])]
    )
    assert AuditEntry.objects.filter(action="catalogue.classify").count() == 2


def test_proposals_are_accepted_in_bulk_with_purposes_and_unknown_ones_stay_sensitive(source):
    learn(record({"properties": {"contact_note": "jane@example.com", "plan": "gold", "wibble": "x"}}, source))
    CatalogueKey.objects.filter(name="plan").update(purposes=["marketing"])
    assert accept_proposals(keys("contact_note", "plan", "wibble"), by=BY, now=NOW) == 2
    assert sorted(CatalogueKey.objects.values_list("name", "category", "purposes")) == [
        ("contact_note", "contact", ["service", "marketing"]), ("plan", "transactions", ["marketing"]), ("wibble", "", []),
    ]  # fmt: skip
    assert category_of_property("wibble") == Category.UNCLASSIFIED


def test_purposes_that_people_set_reach_the_events(source):
    learn(record({"properties": {"total": 1}}, source))
    event, key = CatalogueEvent.objects.get(), CatalogueKey.objects.get()
    describe(event, description="An order", owner="Shop team", purposes=["service"], by=BY, now=NOW)
    describe(key, description="", owner="", purposes=["analytics"], by=BY, now=NOW)
    wire: Any = {"type": "track", "event": "Order Completed", "properties": {"total": 1}, "traits": {}}
    load_rules()[source.pk].apply(wire)
    assert (wire["purposes"], wire["key_purposes"]) == (["service"], {"properties.total": ["analytics"]})
    [change] = history(event)
    assert sorted(change.changes) == [
        ("description", "", "An order"), ("owner", "", "Shop team"), ("purposes", "", "service"),
    ]  # fmt: skip


def test_what_cannot_be_said_is_refused(source):
    learn(record({"properties": {"total": 1}}, source))
    event = CatalogueEvent.objects.get()
    with pytest.raises(CatalogueError, match="there is no purpose 'world_peace'"):
        describe(event, description="", owner="", purposes=["world_peace"], by=BY, now=NOW)
    with pytest.raises(CatalogueError, match="counts as sensitive already"):
        classify(keys("total"), Category.UNCLASSIFIED, by=BY, now=NOW)
    with pytest.raises(CatalogueError, match="at most 500"):
        classify(range(501), Category.SPECIAL, by=BY, now=NOW)
    with pytest.raises(AccessDenied):
        classify(keys("total"), Category.SPECIAL, by=NOBODY, now=NOW)
    with pytest.raises(AccessDenied):
        accept_proposals(keys("total"), by=NOBODY, now=NOW)


def test_nobody_opens_data_to_themselves_by_calling_them_something_else(source):
    learn(record({"properties": {"email": "a@example.com", "wobble": 5, "total": 5}}, source))
    engineer = Actor(
        BY.kind,
        "engineer",
        BY.operations,
        frozenset({Category.BEHAVIOUR, Category.TRANSACTIONS}),
        hidden=frozenset({Category.SPECIAL}),
    )
    for name, closed in (("email", "contact"), ("wobble", "unclassified")):
        with pytest.raises(
            CatalogueError, match=f"{name} counts as {closed} data, which you do not see clear"
        ):
            classify(keys(name), Category.BEHAVIOUR, by=engineer, now=NOW)
    assert classify(keys("total"), Category.BEHAVIOUR, by=engineer, now=NOW) == 1
    assert classify(keys("wobble", "total"), Category.SPECIAL, by=engineer, now=NOW) == 2
    with pytest.raises(CatalogueError, match="total counts as special data"):
        classify(keys("total"), None, by=engineer, now=NOW)
    assert classify(keys("wobble"), Category.BEHAVIOUR, by=BY, now=NOW) == 1


def test_examples_are_forgotten_within_thirty_days(source):
    learn(record({"properties": {"total": 1, "plan": "gold", "price": 2}}, source))
    for day in range(30):
        expire(now=NOW + timedelta(days=day))
    assert not CatalogueUse.objects.exclude(examples={}).exists()
    assert CatalogueVolume.objects.count() == 1
    expire(now=NOW + timedelta(days=401))
    assert not CatalogueVolume.objects.exists()


def test_ids_that_were_learned_as_names_are_forgotten_unless_somebody_spoke_of_them(source):
    learn(record({"properties": {"total": 1, "line2": 1, "v.12": 1, "prices": {"4711": {"a.b": 1}}}}, source))
    event, first = CatalogueEvent.objects.get(), {"first_seen_at": NOW, "last_seen_at": NOW}
    for name, nested, said in (
        ("4711", False, {}), ("prices.4711", True, {}), ("prices.4711.amount", True, {}),
        ("prices.4712", True, {"category": "special"}), ("sku-4713", False, {"purposes": ["service"]}),
    ):  # fmt: skip
        key = CatalogueKey.objects.create(kind="property", name=name, is_nested=nested, **said, **first)
        CatalogueUse.objects.create(event=event, source=source, key=key, events=1, **first)
    expire(now=NOW)
    assert sorted(CatalogueKey.objects.values_list("name", flat=True)) == [
        "line2", "prices", "prices.*", "prices.*.a.b", "prices.4712", "sku-4713", "total", "v.12",
    ]  # fmt: skip
    assert CatalogueUse.objects.count() == 8
