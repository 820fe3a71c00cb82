"""Which events are not kept because somebody they name is suppressed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance import suppression
from compliance.identifiers import Places, keyed_hash
from ingestion.domain.events import Envelope, accept_item
from ingestion.domain.suppressions import (
    Verdict,
    is_suppressed,
    may_be_suppressed,
    may_name_suppressed,
)
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


@pytest.mark.parametrize(
    ("fields", "is_needed"),
    [
        ({"userId": "u1"}, True),
        ({"userId": "u2", "anonymousId": "a2"}, False),
        ({"userId": "u2", "anonymousId": "a1"}, True),
        ({"type": "alias", "userId": "u2", "previousId": "u1"}, True),
        ({"type": "alias", "userId": "guest", "previousId": "a1"}, True),
        ({"type": "alias", "userId": "u2", "previousId": "u3"}, False),
        ({"userId": "u2", "traits": EMAIL}, True),
    ],
)
def test_of_events_that_name_nobody_suppressed_none_has_to_be_asked_for(suppressions, fields, is_needed):
    others = [
        event(userId=f"u{number}", traits={"email": f"{number}@example.com"}) for number in range(7, 10)
    ]
    assert may_be_suppressed([*others, event(**fields)], suppressions) is is_needed
    assert not may_be_suppressed([], suppressions)


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


USERS = st.sampled_from([None, "u1", "u2", "guest", " NULL "])
OTHERS = st.sampled_from([None, "a1", "a2", "u1"])
MAILS = st.sampled_from([None, "jane@example.com", "JANE@example.com ", "joe@example.com", 5])
GONE = st.sets(
    st.sampled_from(
        [("user_id", "u1"), ("anonymous_id", "a1"), ("email", "jane@example.com"), ("phone", "+4930123456")]
    ),
    min_size=1,
)


def snapshot_of(gone, *, is_narrowed):
    spaces = {"user_id": True, "anonymous_id": False, "email": True}
    persons, others = (
        Places((f"traits.{key}" if key == "email" else key, key) for key, is_one in spaces.items() if is_one is wanted)
        for wanted in (True, False)
    )  # fmt: skip
    return suppression.Suppressions(
        frozenset(keyed_hash(*each) for each in gone), {"email": "email"},
        lambda _, normal: normal.lower() in ("guest", "null"), persons, others,
        frozenset(namespace for namespace, _ in gone) if is_narrowed else None,
    )  # fmt: skip


@given(gone=GONE, user=USERS, anonymous=OTHERS, previous=OTHERS, mail=MAILS)
def test_looking_only_for_what_anybody_has_finds_the_same(gone, user, anonymous, previous, mail):
    kind = {"type": "alias", "previousId": previous} if previous else {"type": "identify"}
    item = {**kind, "userId": user, "anonymousId": anonymous, "traits": {"email": mail}}
    if user is None and anonymous is None:
        return
    made = event(**item)
    whole, narrowed = (snapshot_of(gone, is_narrowed=each) for each in (False, True))
    found = {is_suppressed(made, each) for each in (whole, narrowed)}
    found |= {is_suppressed(made, each, {}) for each in (whole, narrowed)}
    assert len(found) == 1
    assert all(
        may_be_suppressed([event(userId="u9"), made], each) for each in (whole, narrowed)
    ) or found == {False}
    envelope = Envelope(source_id=1, received_at=NOW)
    assert may_name_suppressed(item, envelope, whole) is may_name_suppressed(item, envelope, narrowed)
