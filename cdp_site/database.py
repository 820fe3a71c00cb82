"""The state that a server's database must be in before it serves."""

import logging

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

logger = logging.getLogger(__name__)


class NotMigrated(Exception):
    """The database has not the tables that this version needs."""


def pending_migrations() -> list[str]:
    """The migrations that the database lacks. Raises OperationalError when it does not answer."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


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
