"""`manage.py rotate_secrets`."""

import pytest
from django.core.management import CommandError, call_command

from compliance.access import Actor
from compliance.secrets import seal, unseal
from ingestion.domain.sources import create_source
from ingestion.models import Connection
from tests.ingestion.admin.conftest import NOW

OLD, NEW = "o" * 40, "n" * 40


def test_passwords_are_encrypted_with_the_newest_key(db, settings, capsys):
    settings.SECRETS_KEYS = [OLD]
    source = create_source(name="CRM", by=Actor.system("tests"), now=NOW)
    made = Connection.objects.create(
        name="CRM", kind="sql", source=source, secrets=seal({"password": "p"}), created_at=NOW
    )
    settings.SECRETS_KEYS = [NEW, OLD]
    call_command("rotate_secrets")
    assert "connections: 1\n" in capsys.readouterr().out
    settings.SECRETS_KEYS = [NEW]
    made.refresh_from_db()
    assert unseal(made.secrets) == {"password": "p"}
    settings.SECRETS_KEYS = [OLD]
    with pytest.raises(CommandError, match="bring back SECRETS_KEY"):
        call_command("rotate_secrets")
