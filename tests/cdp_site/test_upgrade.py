"""Migrations work under what runs: they only add, can be taken back, and hold no consumer up."""

import threading

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import OperationalError, connection, migrations, models
from django.db.migrations.loader import MigrationLoader

from cdp_site.database import pending_migrations, unknown_migrations
from tests.profiles.builder.driver import Driver, event
from tests.waiting import eventually

OURS = ("cdp_site", "compliance", "ingestion", "profiles", "streaming")
# What the release before has: later ones must leave its processes working.
BEFORE = {
    "cdp_site": "0004_spools_elsewhere", "compliance": "0001_initial", "ingestion": "0003_visit_timeout",
    "profiles": "0010_households", "streaming": "0008_kept_answer",
}  # fmt: skip
# Of these apps no newer table is needed by a consumer that builds profiles.
TAKEN_BACK = ("ingestion", "compliance")
BREAKING = (
    migrations.RemoveField, migrations.DeleteModel, migrations.RenameField, migrations.RenameModel,
    migrations.AlterModelTable,
)  # fmt: skip


def ours():
    found = MigrationLoader(None).disk_migrations
    return {key: migration for key, migration in sorted(found.items()) if key[0] in OURS}


@pytest.mark.parametrize("key", ours(), ids=".".join)
def test_each_migration_can_be_taken_back(key):
    assert all(operation.reversible for operation in ours()[key].operations)


def breaks(operation, made) -> str:
    """Why processes of the release before could not go on after it; `made` are models that came after that."""
    if isinstance(operation, BREAKING):
        return f"{operation.describe()}: leave it to the release after the one that stops using it"
    if isinstance(operation, migrations.AddField) and operation.model_name.lower() not in made:
        field = operation.field
        has_default = field.db_default is not models.NOT_PROVIDED
        if not (field.null or has_default or field.many_to_many):
            return f"{operation.describe()}: give it a db_default, or old processes cannot add rows"
    return ""


def test_processes_of_the_release_before_go_on():
    wrong = []
    for app in OURS:
        later = [each for (label, name), each in ours().items() if label == app and name > BEFORE[app]]
        made: set[str] = set()
        for migration in later:
            for operation in migration.operations:
                if isinstance(operation, migrations.CreateModel):
                    made.add(operation.name.lower())
                if why := breaks(operation, made):
                    wrong.append(f"{app}.{migration.name}: {why}")
    assert wrong == []


@pytest.mark.parametrize(
    "operation",
    [
        migrations.RemoveField("source", "name"),
        migrations.RenameField("source", "name", "title"),
        migrations.DeleteModel("source"),
        migrations.AddField("source", "colour", models.TextField(default="")),
    ],
)
def test_what_would_stop_them_is_found(operation):
    assert breaks(operation, set())
    assert not breaks(migrations.AddField("source", "colour", models.TextField(db_default="")), set())


@pytest.fixture
def people(fresh_database):
    driver = Driver(fresh_database)
    yield driver
    driver.close()


class _Building(threading.Thread):
    """A consumer that goes on, batch after batch, and tries again as the runtime does; `committed` are its people."""

    def __init__(self, driver: Driver) -> None:
        super().__init__()
        self.driver, self.committed, self.ended = driver, 0, threading.Event()

    def run(self) -> None:
        while not self.ended.is_set():
            try:
                self.driver.send(event(user_id=f"u{self.committed}"))
            except psycopg.OperationalError:
                continue
            self.committed += 1

    def goes_on(self) -> None:
        """Wait until one more batch is committed."""
        so_far = self.committed
        eventually(lambda: self.committed > so_far, seconds=60)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join(60)


def migrate(*arguments):
    """A migration that met a lock has done nothing, and is made again (docs/guides/upgrade.md)."""
    try:
        call_command("migrate", *arguments, verbosity=0)
    except OperationalError:
        connection.close()
        call_command("migrate", *arguments, verbosity=0)


def test_a_consumer_commits_while_the_database_is_upgraded_and_taken_back(people, fresh_database):
    for app in TAKEN_BACK:
        migrate(app, BEFORE[app])
    lacking = pending_migrations()
    assert lacking
    with _Building(people) as building:
        building.goes_on()
        migrate()
        assert pending_migrations() == unknown_migrations() == []
        building.goes_on()
        for app in TAKEN_BACK:
            migrate(app, BEFORE[app])
        building.goes_on()
    assert pending_migrations() == lacking
    with fresh_database.connect() as session:
        known = session.execute("SELECT count(*) FROM profiles_profile").fetchone()
    assert known == (building.committed,)


def test_every_app_of_ours_is_looked_at():
    with_migrations = {label for label, _ in ours()}
    assert with_migrations == set(OURS)
    assert {config.label for config in apps.get_app_configs()} >= set(OURS)
