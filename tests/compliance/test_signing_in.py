import pytest

from compliance.identifiers import pseudonym
from compliance.models import AuditEntry
from tests.compliance.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def post(client, username, password):
    return client.post("/admin/login/", {"username": username, "password": password}, REMOTE_ADDR="10.0.0.7")


def test_who_signs_in_is_recorded(client, marketer):
    post(client, "mia", PASSWORD)
    entry = AuditEntry.objects.get(action="sign_in.done")
    assert (entry.actor_kind, entry.actor, entry.address, entry.target) == (
        "staff",
        "mia",
        "10.0.0.7",
        "user:mia",
    )


def test_who_fails_is_recorded_without_what_was_typed(client, marketer):
    post(client, "my secret password", "wrong")
    entry = AuditEntry.objects.get(action="sign_in.failed")
    assert (entry.actor_kind, entry.address, entry.target) == ("anonymous", "10.0.0.7", "user")
    assert entry.subjects == [pseudonym("user:my secret password")]
    assert "secret" not in str(AuditEntry.objects.filter(pk=entry.pk).values())
