import pytest

from compliance import stores
from compliance.enums import Category
from compliance.stores import Store, register_store, registered_stores


@pytest.fixture(autouse=True)
def _empty(monkeypatch):
    monkeypatch.setattr(stores, "_stores", {})


def store(key="x.y", location="table:x_y", **fields):
    return Store(name=key, description="X", location=location, fields=fields)


def test_stores_are_listed_by_name():
    register_store(store("b"))
    register_store(store("a"))
    register_store(store("a"))
    assert [each.name for each in registered_stores()] == ["a", "b"]


def test_two_stores_cannot_share_a_name():
    register_store(store(location="table:x"))
    with pytest.raises(ValueError, match=r"two stores are registered as 'x\.y'"):
        register_store(store(location="table:y"))


@pytest.mark.parametrize("location", ["x_y", "row:x", "table:"])
def test_a_location_says_what_it_is(location):
    with pytest.raises(ValueError, match="should be one of table:NAME, topic:NAME"):
        store(location=location)


def test_a_store_is_personal_when_a_field_is():
    assert store(id=None, name=Category.IDENTITY).is_personal
    assert not store(id=None).is_personal
    assert (store().kind, store(location="topic:events.*").place) == ("table", "events.*")
