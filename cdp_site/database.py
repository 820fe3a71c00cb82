"""The state that a server's database must be in before it serves."""

import logging

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

logger = logging.getLogger(__name__)


class NotMigrated(Exception):
    """The database has not the tables that this version needs."""


def pending_migrations() -> list[str]:
    """The migrations that the database lacks. Raises OperationalError when it does not answer."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def unknown_migrations() -> list[str]:
    """Those of our apps that were applied and that this version does not have: a newer one migrated."""
    loader = MigrationExecutor(connection).loader
    unknown = loader.applied_migrations.keys() - loader.disk_migrations.keys()
    ours = {app for app, _ in loader.disk_migrations} & {config.label for config in apps.get_app_configs()}
    return sorted(
        f"{app}.{name}" for app, name in unknown if app in ours and not _was_squashed(loader, app, name)
    )


def _was_squashed(loader: MigrationLoader, app: str, name: str) -> bool:
    return any((app, name) in migration.replaces for migration in loader.disk_migrations.values())


def prepare_database() -> None:
    """Migrate the embedded database; of any other only see that it is migrated, for others may be using it.

    A database that does not answer is no obstacle: the collector spools until it does. Raises NotMigrated.
    """
    try:
        pending = pending_migrations()
    except OperationalError:
        logger.warning("the database does not answer: the collector keeps events in the spool until it does")
        return
    finally:
        connection.close()
    if pending and settings.EMBEDDED_POSTGRES:
        call_command("migrate", verbosity=0, interactive=False)
        connection.close()
    elif pending:
        raise NotMigrated(f"the database lacks {len(pending)} migrations: run `manage.py migrate` first")
