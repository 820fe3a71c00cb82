"""`manage.py rotate_secrets`: encrypt the passwords of connections with the newest key of SECRETS_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.secrets import SecretsUnreadable
from ingestion.sources.connections import renew_secrets


class Command(BaseCommand):
    """Every process must know the new key and the old one; afterwards the old one may go."""

    help = "Encrypt the passwords of connections with the first key of SECRETS_KEY."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        del args, options
        try:
            renewed = renew_secrets()
        except SecretsUnreadable as error:
            raise CommandError(str(error)) from error
        print(
            f"{renewed} connection{'s' if renewed != 1 else ''} encrypted with the newest key; the others may go now."
        )
