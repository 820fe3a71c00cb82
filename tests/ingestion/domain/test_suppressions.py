"""Which events are not kept because somebody they name is suppressed."""

import pytest

from compliance import suppression
from ingestion.domain.events import Envelope, accept_item
from ingestion.domain.suppressions import is_suppressed
from tests.ingestion.domain.conftest import BY, NOW

pytestmark = pytest.mark.django_db
EMAIL = {"email": "Jane@Example.com "}


@pytest.fixture
def suppressions(db):
    for namespace, value in (
        ("user_id", "u1"),
        ("anonymous_id", "a1"),
        ("email", "jane@example.com"),
        ("phone", "+4930123456"),
    ):
        suppression.suppress(namespace, value, by=BY, now=NOW)
    return suppression.snapshot()


def event(**fields):
    return accept_item({"type": "identify", **fields}, Envelope(source_id=1, received_at=NOW))


@pytest.mark.parametrize(
    ("fields", "stopped"),
    [
        ({"userId": "u1"}, True),
        ({"userId": "u1", "anonymousId": "a2"}, True),
        ({"userId": "u2"}, False),
        ({"anonymousId": "a1"}, True),
        ({"anonymousId": "a2"}, False),
        ({"userId": "u2", "anonymousId": "a1"}, False),
        ({"type": "alias", "userId": "u2", "previousId": "u1"}, True),
        ({"anonymousId": "a2", "traits": EMAIL}, True),
        ({"anonymousId": "a2", "context": {"traits": EMAIL}}, True),
        ({"anonymousId": "a2", "traits": {"phone": "+49 30 123456"}}, True),
        ({"anonymousId": "a2", "traits": {"email": 5, "phone": ["x"]}}, False),
        ({"anonymousId": "a2", "context": {"traits": "x"}}, False),
        ({"userId": "u2", "traits": EMAIL}, False),
    ],
)
def test_who_is_named_decides(suppressions, fields, stopped):
    assert is_suppressed(event(**fields), suppressions) is stopped


def test_a_verdict_is_found_once_for_each_user_of_a_snapshot(suppressions):
    verdicts: dict[str, bool] = {}
    for _ in range(2):
        assert is_suppressed(event(userId="u1"), suppressions, verdicts)
        assert not is_suppressed(event(userId="u2"), suppressions, verdicts)
    assert verdicts == {"u1": True, "u2": False}


def test_nobody_is_suppressed_by_default(db):
    assert not suppression.snapshot()
