"""`manage.py rotate_secrets`: encrypt stored secrets with the newest key of SECRETS_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.sealed_columns import renew
from compliance.secrets import SecretsUnreadable


class Command(BaseCommand):
    """Every process must know the new key and the old one; afterwards the old one may go."""

    help = "Encrypt all stored secrets with the first key of SECRETS_KEY."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        del args, options
        try:
            renewed = renew()
        except SecretsUnreadable as error:
            raise CommandError(str(error)) from error
        for words, count in renewed.items():
            print(f"{words}: {count}")
        print("All of them are encrypted with the newest key; the others may go now.")
