from datetime import UTC, datetime

import pytest

from compliance import erasers, stores
from compliance.enums import Category
from compliance.erasers import Erased, Identifier, erase_everywhere, register_eraser, registered_erasers
from compliance.stores import Store, register_store

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _empty(monkeypatch):
    monkeypatch.setattr(stores, "_stores", {})
    monkeypatch.setattr(erasers, "_erasers", {})
    register_store(Store("box", "Things", "table:box", {"name": Category.IDENTITY}))


def test_each_eraser_is_asked_until_it_is_done():
    asked = []

    def erase(identifiers, place, now):
        asked.append((identifiers, place, now))
        return Erased(2, place + 5 if place < 10 else None)

    register_eraser("box", erase)
    register_eraser("box", erase)
    people = [Identifier("user_id", "42")]
    assert erase_everywhere(people, now=NOW) == {"box": 6}
    assert asked == [(people, 0, NOW), (people, 5, NOW), (people, 10, NOW)]
    assert list(registered_erasers()) == ["box"]


def test_an_eraser_needs_a_store_and_is_the_only_one_of_it():
    with pytest.raises(ValueError, match="there is no store 'chest'"):
        register_eraser("chest", lambda *_: Erased(0, None))
    register_eraser("box", lambda *_: Erased(0, None))
    with pytest.raises(ValueError, match="two erasers"):
        register_eraser("box", lambda *_: Erased(1, None))
