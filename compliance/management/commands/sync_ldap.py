"""`manage.py sync_ldap`: follow the directory now, as the periodic job does each LDAP_SYNC_S seconds."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance.domain.directory.configuration import directory

HELD = 2


class Command(BaseCommand):
    """Exits with 0 when it was followed, with 1 when it could not be read, with 2 when its answer was not believed."""

    help = (
        "Shut out who left the directory or lost every group with a role, end their sessions, revoke their tokens, follow "
        "changes of groups, and let in again who came back. Nothing changes while the directory cannot be read, or would "
        "shut out more than half of the people (5 at least) at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to believe everything."""
        parser.add_argument("--force", action="store_true", help="follow it however many people are shut out")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Do it once."""
        found = directory()
        if found is None:
            raise CommandError("there is no directory: set LDAP_URL and its companions")
        from compliance.domain.directory.syncing import SyncFailed, SyncHeld, sync  # noqa: PLC0415 -- imports ldap

        try:
            done = sync(found, now=datetime.now(UTC), force=options["force"])
        except SyncFailed as error:
            raise CommandError(f"nothing was changed: {error}") from error
        except SyncHeld as error:
            raise CommandError(f"nothing was changed. {error}", returncode=HELD) from error
        self.stdout.write(
            f"{done.known:,} accounts of the directory: {done.shut_out:,} shut out, {done.let_in:,} let in again, "
            f"{done.changed:,} with other roles; {done.sessions:,} sessions ended, {done.tokens:,} tokens revoked."
        )
