"""Kinds of sources: ours, and those of other packages."""

from typing import cast

import pytest

from ingestion.sources import registry
from ingestion.sources.contract import Column, DataType, SourceKind, StreamInfo
from ingestion.sources.proposal import propose


class Brought:
    """What another package brings."""

    key = "brought"
    title = "A kind of another package"
    fields = ()
    stream_fields = ()


class Point:
    """Its entry point."""

    def load(self):
        return Brought


@pytest.fixture
def kinds(monkeypatch):
    """The registry, as it was afterwards."""
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    registry._load_brought.cache_clear()
    yield registry._kinds
    registry._load_brought.cache_clear()


def test_another_package_brings_a_kind_by_entry_point(kinds, monkeypatch):
    monkeypatch.setattr(
        registry, "entry_points", lambda group: [Point()] if group == "headwater.sources" else []
    )
    assert "brought" in [kind.key for kind in registry.registered_kinds()]
    assert isinstance(registry.kind_named("brought"), Brought)
    with pytest.raises(ValueError, match="two kinds"):
        registry.register_kind(cast("SourceKind", Brought()))
    with pytest.raises(LookupError, match="install the package that brings it"):
        registry.kind_named("nowhere")


def _table(name: str, **columns: DataType) -> StreamInfo:
    return StreamInfo(name, tuple(Column(column, kind) for column, kind in columns.items()), ("id",))


def test_customers_are_proposed_as_people_and_orders_as_events():
    number, text, moment = DataType.INTEGER, DataType.TEXT, DataType.TIME
    people = propose(
        _table("customers", id=number, email=text, plan=text, created_at=moment, updated_at=moment)
    )
    assert (people.cursor, people.key, people.mode) == ("updated_at", ("id",), "incremental")
    assert people.mapping == {
        "type": "identify", "user_id": "id", "timestamp": "updated_at",
        "traits": {"email": "email", "plan": "plan", "created_at": "created_at"},
    }  # fmt: skip
    orders = propose(
        _table("shop orders", id=number, customer_id=number, total=DataType.NUMBER, placed_at=moment)
    )
    assert orders.mapping == {
        "type": "track", "event": "Shop Order Recorded", "user_id": "customer_id", "timestamp": "placed_at",
        "properties": {"id": "id", "total": "total"},
    }  # fmt: skip
    assert propose(_table("plans", id=text)).mode == "full"
