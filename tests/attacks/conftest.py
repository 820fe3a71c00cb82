"""One product for the session, in whose database the tests of a module work."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from streaming.event_log import close_event_log
from tests.attacks.planted import plant
from tests.attacks.world import World
from tests.conftest import Database, used_by_django
from tests.e2e.product import installed


@pytest.fixture(scope="session")
def world(migrated_template: Database) -> Iterator[World]:
    """The product, with one source."""
    with installed(migrated_template, "attacked", World) as world:
        world.start()
        yield world


@pytest.fixture(scope="module", autouse=True)
def database(world: World, django_db_blocker) -> Iterator[Database]:
    """The product's database, in which Django of this process works too, without limits of how often one may ask."""
    with used_by_django(world.database), django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        for name in settings.RATE_LIMITS:
            patch.setitem(settings.RATE_LIMITS, name, (1e6, 1e6))
        yield world.database
        close_event_log()


@pytest.fixture(scope="module")
def planted(world: World, database: Database) -> None:
    """The person with a mark in each category, and the twins."""
    plant(world)
    world.wait_for("SELECT 1 FROM profiles_timeline WHERE message_id = 'known-message'")
    world.wait_for("SELECT 1 FROM profiles_timeline WHERE message_id = 'twin-b-2'")


@pytest.fixture
def at_home(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this process keeps in files stands with the product's, and it starts no jobs."""
    settings.HEADWATER_HOME = world.home
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda *_args, **_options: None)
