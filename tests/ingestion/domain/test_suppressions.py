"""Which events are not kept because somebody they name is suppressed."""

import pytest

from compliance import suppression
from ingestion.domain.events import Envelope, accept_item
from ingestion.domain.suppressions import Verdict, is_suppressed, may_name_suppressed
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
        ({"userId": "u2", "traits": EMAIL}, True),
        ({"type": "track", "event": "E", "userId": "u2", "context": {"traits": EMAIL}}, True),
        ({"userId": "u2", "traits": {"phone": 4930123456}}, False),
        ({"userId": "u2", "traits": {"phone": True}}, False),
        ({"userId": "guest", "anonymousId": "a1"}, True),
        ({"userId": " NULL ", "anonymousId": "a1"}, True),
        ({"userId": "guest", "anonymousId": "a2"}, False),
        ({"type": "alias", "userId": "u2", "previousId": "a1"}, False),
        ({"type": "alias", "userId": "guest", "previousId": "a1"}, True),
        ({"type": "group", "userId": "u2", "groupId": "g", "traits": EMAIL}, False),
        ({"type": "group", "userId": "u2", "groupId": "g", "context": {"traits": EMAIL}}, True),
    ],
)
def test_who_is_named_decides(suppressions, fields, stopped):
    assert is_suppressed(event(**fields), suppressions) is stopped


def test_a_verdict_is_found_once_for_each_user_of_a_snapshot(suppressions):
    verdicts: dict[str, Verdict] = {}
    for _ in range(2):
        assert is_suppressed(event(userId="u1"), suppressions, verdicts)
        assert not is_suppressed(event(userId="u2"), suppressions, verdicts)
    assert verdicts == {"u1": Verdict.SUPPRESSED, "u2": Verdict.SOMEBODY}


@pytest.mark.parametrize(
    ("item", "stopped"),
    [
        ({"userId": "u1"}, True),
        ({"userId": "u2", "anonymousId": "a2"}, False),
        ({"userId": "u2", "anonymousId": "a1"}, True),
        ({"userId": "u2", "previousId": "u1"}, True),
        ({"userId": "u2", "previousId": "a1"}, True),
        ({"traits": EMAIL}, True),
        ({"context": {"traits": {"phone": "+4930123456"}}}, True),
        ({"traits": {"plan": "gold"}, "context": {"page": {"url": "/"}}}, False),
        ({"userId": None, "anonymousId": "", "traits": None, "context": [], "previousId": False}, False),
        ({"userId": ["u1"]}, True),
        ({"userId": "u2", "traits": '{"email": "jane@example.com"}'}, True),
        ({"userId": "u2", "traits": [EMAIL]}, True),
        ({"userId": "u2", "context": "email=jane@example.com"}, True),
        ({"userId": "u2", "context": {"traits": [EMAIL]}}, True),
        ("u1", True),
        ([{"userId": "u1"}], True),
        (None, True),
    ],
    ids=str,
)
def test_a_rejected_item_that_may_name_somebody_suppressed(suppressions, item, stopped):
    assert may_name_suppressed(item, Envelope(source_id=1, received_at=NOW), suppressions) is stopped


@pytest.mark.parametrize(
    "shared", [{"anonymous_id": "a1"}, {"context": {"traits": {"email": "jane@example.com"}}}], ids=str
)
def test_what_a_request_says_of_all_its_items_counts_for_a_rejected_one(suppressions, shared):
    assert may_name_suppressed(
        {"userId": "u2"}, Envelope(source_id=1, received_at=NOW, **shared), suppressions
    )


def test_nobody_is_suppressed_by_default(db):
    assert not suppression.snapshot()
