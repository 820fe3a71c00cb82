"""Whoever has a copy of the database has no secret of it, and a new key reaches every secret that is kept."""

import json
from collections.abc import Iterator

import pytest
from django.conf import settings as live
from django.core.management import call_command
from django.db import connection
from django.test import Client

from cdp_site.doctor.finding import Verdict
from cdp_site.doctor.identifiers import check_identifier_key
from compliance.domain.second_factors import begin_enrolment
from compliance.domain.tokens import create_token
from compliance.domain.users import create_staff
from compliance.models import User
from compliance.sealed_columns import SealedColumn, sealed_columns
from compliance.secrets import seal, unseal
from compliance.suppression import suppress
from ingestion.domain.webhooks.setting_up import Wanted, create_webhook
from ingestion.models import Connection, Source, WebhookPayload
from tests.ingestion.admin.conftest import BY, NOW, administrator, client_of, source  # noqa: F401 -- fixtures
from tests.ingestion.admin.test_webhooks import MAPPING

PASSWORD, LOGIN, HOOK = "harbour-lights-Q7-42", "marker-login-Q7", "marker-hook-Q7"
EMAIL = "marker.suppressed@example.com"
OLD, NEW = "o" * 40, "n" * 40
FERNET = "gAAAAA"


def _dump() -> Iterator[tuple[str, str]]:
    """Each row of each table as text, bytes in hexadecimal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            yield from ((table, row) for (row,) in cursor.fetchall())


def _keep_logins(of: Source) -> str:
    """A connection with a login, and a webhook with a payload; the webhook's secret."""
    Connection.objects.create(
        name="CRM", kind="sql", source=of, secrets=seal({"password": LOGIN}), created_at=NOW
    )
    webhook, hook_secret = create_webhook(
        wanted=Wanted("Payments", "stripe", json.dumps(MAPPING)),
        source=of.name,
        secret=HOOK,
        by=BY,
        now=NOW,
    )
    WebhookPayload.objects.create(webhook=webhook, received_at=NOW, status=200, body=seal({"body": LOGIN}))
    return hook_secret


@pytest.fixture
def secrets(administrator, source) -> list[str]:  # noqa: F811
    """Secrets of every kind, as they are made by the product."""
    user = create_staff(username="ada", password=PASSWORD, role="administrator", by=BY, now=NOW)
    enrolment = begin_enrolment(user)
    _, token = create_token(name="desk", by=BY, now=NOW, scopes=["people.view"])
    hook_secret = _keep_logins(source)
    suppress("email", EMAIL, by=BY, now=NOW)
    client = Client()
    assert client.post("/admin/login/", {"username": "ada", "password": PASSWORD}).status_code in (200, 302)
    return [
        PASSWORD,
        enrolment.secret,
        token,
        LOGIN,
        HOOK,
        hook_secret,
        EMAIL,
        live.SECRET_KEY,
        live.IDENTIFIER_KEY,
    ]


def test_a_dump_of_the_database_has_none_of_them(secrets):
    wanted = [form for each in secrets if each for form in (each.lower(), each.encode().hex())]
    rows = list(_dump())
    assert len(rows) > 50
    assert [(table, form) for table, row in rows for form in wanted if form in row.lower()] == []


def test_every_column_with_a_sealed_value_is_renewed(secrets):
    known = {each.model._meta.db_table for each in sealed_columns()}
    sealed = {table for table, row in _dump() if FERNET in row}
    assert sealed
    assert sealed <= known


@pytest.mark.usefixtures("administrator")
def test_a_new_key_reaches_all_of_them_and_the_old_one_may_go(source, settings):  # noqa: F811
    settings.SECRETS_KEYS = [OLD]
    _keep_logins(source)
    begin_enrolment(User.objects.get(username="administrator"))
    before = {each.words: _values(each) for each in sealed_columns()}
    assert all(before.values())
    settings.SECRETS_KEYS = [NEW, OLD]
    call_command("rotate_secrets")
    settings.SECRETS_KEYS = [NEW]
    assert {each.words: _values(each) for each in sealed_columns()} == before


def _values(sealed: SealedColumn) -> list[dict[str, str]]:
    rows = sealed.model._base_manager.order_by("pk")
    return [unseal(value) for value in rows.values_list(sealed.column, flat=True)]


def test_sessions_hold_over_a_new_key_until_the_former_one_is_left_out(client_of, settings):  # noqa: F811
    client = client_of("administrator")
    former = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [former]
    assert client.get("/admin/sources/").status_code == 200
    other = client_of("marketer")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "k" * 50, []
    assert other.get("/admin/sources/").status_code == 302


def test_another_identifier_key_is_noticed(db, settings):
    suppress("email", EMAIL, by=BY, now=NOW)
    assert check_identifier_key().verdict is Verdict.GOOD
    settings.IDENTIFIER_KEY = NEW
    found = check_identifier_key()
    assert found.verdict is Verdict.WRONG
    assert "1 suppressions were made with another key" in found.text
