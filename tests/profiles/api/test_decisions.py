"""Unmerging, splitting, merging, keeping apart and reviewing by programs."""

from uuid import uuid4

import pytest

from profiles.models import Evidence, Review
from streaming.models import KeptAnswer
from tests.profiles.builder.driver import event
from tests.profiles.people import person_of, reads

pytestmark = pytest.mark.usefixtures("changes_topic")

PROFILES, REVIEWS = "/api/v1/profiles/", "/api/v1/reviews/"


@pytest.fixture
def tablet(builder):
    """Ann and Bob, who share a tablet."""
    builder.send(event(anonymous_id="tablet", user_id="ann"))
    builder.send(event(anonymous_id="tablet", user_id="bob", minutes=1))
    return builder


def post(client, path: str, body: object, **headers: str):
    return client.post(path, body, content_type="application/json", headers=headers)


def of(user: str, tail: str = "") -> str:
    return f"{PROFILES}{person_of('user_id', user).public_id}/{tail}"


def test_a_link_is_withdrawn_under_the_number_that_the_explanation_gives(api, tablet):
    ann = str(person_of("user_id", "ann").public_id)
    (held,) = api.get(of("ann", "explain/")).json()["holding"]
    answer = post(api, of("ann", "unmerge/"), {"evidence": [held["id"]], "why": "not hers"})
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert (found["still_one"], found["because"], found["deferred"]) == (False, [], False)
    assert len(found["profiles"]) == 2
    assert ann in found["profiles"]
    assert post(api, of("ann", "unmerge/"), {"evidence": [held["id"]]}).status_code == 409
    withdrawn = api.get(of("ann", "explain/")).json()["withdrawn"]
    assert held["id"] in [each["id"] for each in withdrawn]


def test_the_history_tells_of_splits_as_of_merges(api, jane):
    (merge,) = api.get(of("42", "merges/")).json()["results"]
    assert (merge["kind"], merge["cause"], merge["undone"]) == ("merge", "event", False)
    assert merge["sentence"].endswith(
        "User id 42 was seen on both: with anonymous id a2: an identify call of source 1, 1 March 2026, 12:03 UTC; "
        "rule: both stood in one event."
    )
    post(api, of("42", "split/"), {"identifier": "anonymous_id:a2", "why": "a friend's"})
    split, merge = api.get(of("42", "merges/")).json()["results"]
    assert (split["kind"], split["cause"], split["decided_by"]) == ("split", "decision", "test")
    assert "test decided so: a friend's." in split["sentence"]
    assert merge["undone"]


def test_two_people_are_merged_and_kept_apart(api, tablet):
    ann, bob = (str(person_of("user_id", user).public_id) for user in ("ann", "bob"))
    merged = post(api, of("ann", "merge/"), {"with": bob}).json()
    assert (merged["profiles"], merged["still_one"]) == ([ann], True)
    assert post(api, of("ann", "merge/"), {"with": bob}).status_code == 409
    assert post(api, of("ann", "keep-apart/"), {"from": bob}).status_code == 409
    assert api.get(f"{PROFILES}{bob}/").json()["id"] == ann
    decision = Evidence.objects.get(rule="merge").pk
    assert post(api, of("ann", "unmerge/"), {"evidence": [decision]}).json()["still_one"] is False
    assert post(api, of("ann", "keep-apart/"), {"from": str(uuid4())}).status_code == 404


def test_pairs_are_reviewed(api, tablet):
    (review,) = api.get(REVIEWS).json()["results"]
    assert [each["identifiers"][0]["value"] for each in review["profiles"]] == ["ann", "bob"]
    assert "User id, which is unique" in review["link"]["refusal"]
    address = f"{REVIEWS}{review['id']}/"
    assert post(api, f"{address}decide/", {"decision": "apart", "note": "two sisters"}).status_code == 200
    assert api.get(REVIEWS).json()["results"] == []
    again = post(api, f"{address}decide/", {"decision": "merge"})
    assert again.status_code == 409
    assert "test keeps them apart" in again.json()["detail"]
    assert post(api, f"{address}undo/", {}).status_code == 200
    later = {"decision": "later", "until": "2999-01-01T00:00:00Z"}
    assert post(api, f"{address}decide/", later).status_code == 200
    assert Review.objects.filter(until__year=2999).count() == 1
    assert ("test", "identity.keep_apart", 2) in reads()


WRONG = [
    ("unmerge/", {}, "evidence"), ("unmerge/", {"evidence": []}, "evidence"), ("unmerge/", {"evidence": [0]}, "evidence"),
    ("unmerge/", {"evidence": [True]}, "evidence"), ("unmerge/", {"evidence": [2**63]}, "evidence"),
    ("unmerge/", {"evidence": [1], "x": 1}, "evidence"), ("unmerge/", {"evidence": [1], "why": "x" * 201}, "why"),
    ("split/", {"identifier": 7}, "identifier"), ("merge/", {"with": "jane@x.org"}, "with"), ("merge/", {"with": 3}, "with"),
    ("keep-apart/", {"with": str(uuid4())}, "from"),
]  # fmt: skip
INDECISIVE = [
    {}, {"decision": "maybe"}, {"decision": "apart", "until": "2999-01-01T00:00:00Z"}, {"decision": "later", "until": "soon"},
    {"decision": "later", "until": "2001-01-01T00:00:00Z"}, {"decision": "later", "note": 7}, {"decision": ["apart"]},
]  # fmt: skip


def test_what_is_wrong_with_a_body_is_said_by_field(api, tablet):
    for tail, body, field in WRONG:
        answer = post(api, of("ann", tail), body)
        assert answer.status_code == 400, (tail, body)
        assert [each["field"] for each in answer.json()["errors"]] == [field], (tail, body)
        assert "jane" not in answer.content.decode()
    review = Evidence.objects.get(state="refused").pk
    for body in INDECISIVE:
        assert post(api, f"{REVIEWS}{review}/decide/", body).status_code == 400, body


def test_what_does_not_exist_is_not_found(api, tablet):
    assert post(api, of("ann", "split/"), {"identifier": "user_id:bob"}).status_code == 404
    assert post(api, f"{PROFILES}{uuid4()}/unmerge/", {"evidence": [1]}).status_code == 404
    for number in (10**6, 10**30):
        assert post(api, f"{REVIEWS}{number}/decide/", {"decision": "apart"}).status_code == 404


def test_deciding_takes_a_scope_of_its_own(client_with, tablet):
    viewer = client_with("people.view")
    for tail in ("unmerge/", "split/", "merge/", "keep-apart/"):
        assert post(viewer, of("ann", tail), {}).status_code == 403
    assert viewer.get(REVIEWS).status_code == 403
    assert post(viewer, f"{REVIEWS}1/decide/", {"decision": "apart"}).status_code == 403


def test_a_request_sent_again_with_its_key_has_its_effect_once(api, client_with, tablet):
    body = {"with": str(person_of("user_id", "bob").public_id)}
    where = of("ann", "merge/")
    first = post(api, where, body, **{"Idempotency-Key": "k1"})
    second = post(api, where, body, **{"Idempotency-Key": "k1"})
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert (first.get("Idempotency-Replayed"), second["Idempotency-Replayed"]) == (None, "true")
    assert Evidence.objects.filter(rule="merge").count() == 1
    other = post(api, where, {**body, "why": "x"}, **{"Idempotency-Key": "k1"})
    assert other.status_code == 422
    another = client_with("identity.decide")  # has keys of its own
    assert post(another, where, body, **{"Idempotency-Key": "k1"}).status_code == 409


def test_a_request_that_failed_may_be_tried_again_with_its_key(api, tablet):
    where, key = of("ann", "merge/"), {"Idempotency-Key": "k2"}
    assert post(api, where, {"with": str(uuid4())}, **key).status_code == 404
    assert not KeptAnswer.objects.exists()
    assert post(api, where, {"with": str(person_of("user_id", "bob").public_id)}, **key).status_code == 200
    for wrong in ("", "x" * 201, "k\u00e9"):
        assert post(api, where, {}, **{"Idempotency-Key": wrong}).status_code == 400
