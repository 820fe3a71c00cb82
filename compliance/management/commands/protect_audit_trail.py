"""`manage.py protect_audit_trail`: have the database's privileges keep the audit trail from changes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, transaction

from compliance.actors import COMMAND_LINE
from compliance.audit import record_change
from compliance.sealing.privileges import NoSuchRole, apply, protecting, releasing


class Command(BaseCommand):
    """Prints the statements; `--apply` runs them."""

    help = (
        "Give the audit trail to a role that nobody signs in as, so that the role of DATABASE_URL may only add rows, read "
        "them and seal them. Without --apply it prints the statements for whoever administers the database; with it, "
        "DATABASE_URL must be the administrator's for this once. --release gives the trail back before a migration that "
        "changes it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The roles."""
        parser.add_argument(
            "--application",
            required=True,
            metavar="ROLE",
            help="the role that Headwater's processes sign in as",
        )
        parser.add_argument(
            "--owner", default="headwater_audit", metavar="ROLE", help="the role that owns the trail; made when there is none"
        )  # fmt: skip
        parser.add_argument("--release", action="store_true", help="give the trail back to the application")
        parser.add_argument(
            "--apply", action="store_true", help="run the statements instead of printing them"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Print or run them."""
        application, owner = options["application"], options["owner"]
        if application == owner:
            raise CommandError(
                "the owner must be another role than the application's, or nothing is protected"
            )
        try:
            statements = releasing(application) if options["release"] else protecting(owner, application)
            if options["apply"]:
                self._apply(
                    statements, application, "audit.release" if options["release"] else "audit.protect"
                )
        except NoSuchRole as error:
            raise CommandError(str(error)) from error
        except Error as error:
            raise CommandError(
                f"the database refused: {str(error).splitlines()[0]}; let DATABASE_URL be an administrator's for this once"
            ) from error
        for statement in statements:
            self.stdout.write(f"{statement};")

    def _apply(self, statements: list[str], application: str, action: str) -> None:
        with transaction.atomic():
            record_change(COMMAND_LINE, action=action, target=f"role:{application}")
            apply(statements)
