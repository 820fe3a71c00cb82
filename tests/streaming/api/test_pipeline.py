import pytest

from compliance.models import AuditEntry
from streaming.contracts.records import TopicSpec
from streaming.domain import dead_letters
from streaming.event_log import event_log
from streaming.models import DeadLetter
from tests.profiles.builder.driver import START

LIST = "/api/v1/dead-letters/"
CONSUMERS = ("profiles", "sessions")


def post(client, path, body, **headers):
    return client.post(path, body, content_type="application/json", headers=headers)


@pytest.fixture
def letters(fresh_database) -> list[int]:
    rows = [
        DeadLetter.objects.create(
            consumer=CONSUMERS[number % 2], topic="events.t", partition=0, offset=number, key=b"k", value=b"secret",
            reason="it is broken", appended_at=START, created_at=START,
        )
        for number in range(5)
    ]  # fmt: skip
    return [row.pk for row in rows]


def test_dead_letters_are_listed_newest_first_without_their_payload(api, letters):
    answer = api.get(LIST, {"page_size": 2})
    page = answer.json()
    assert [each["id"] for each in page["results"]] == letters[::-1][:2]
    assert page["results"][0]["reason"] == "it is broken"
    assert page["results"][0]["size"] == 7
    assert "secret" not in answer.content.decode()
    rest = api.get(page["next"]).json()
    assert [each["id"] for each in rest["results"]] == letters[::-1][2:4]
    last = api.get(rest["next"]).json()
    assert ([each["id"] for each in last["results"]], last["next"]) == (letters[:1], None)
    whole = api.get(LIST, {"page_size": 5}).json()
    assert ([each["id"] for each in whole["results"]], whole["next"]) == (letters[::-1], None)
    assert [each["id"] for each in api.get(LIST, {"consumer": CONSUMERS[1]}).json()["results"]] == [
        letters[3],
        letters[1],
    ]


def test_dead_letters_are_discarded_once_and_under_a_name(api, letters):
    assert post(api, f"{LIST}discard/", {"ids": letters[:2]}).json() == {"decided": 2}
    assert post(api, f"{LIST}discard/", {"ids": letters[:2]}).json() == {"decided": 0}
    discarded = api.get(LIST, {"state": "discarded"}).json()["results"]
    assert [(each["id"], each["decided_by"]) for each in discarded] == [
        (letters[1], "test"),
        (letters[0], "test"),
    ]


@pytest.mark.parametrize("decision", ["resubmit", "discard"])
def test_a_decision_that_is_sent_again_is_answered_as_the_first_one_was(api, letters, decision):
    address, key = f"{LIST}{decision}/", {"Idempotency-Key": "k"}
    first = post(api, address, {"ids": letters[:2]}, **key)
    again = post(api, address, {"ids": letters[:2]}, **key)
    assert (first.json(), again.json()) == ({"decided": 2}, {"decided": 2})
    assert (first.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert AuditEntry.objects.filter(action=f"dead_letters.{decision}").count() == 1
    assert post(api, address, {"ids": letters[:3]}, **key).status_code == 422
    assert DeadLetter.objects.filter(state="open").count() == 3


def test_a_decision_that_died_between_its_parts_goes_on_with_the_same_key(api, letters, monkeypatch):
    monkeypatch.setattr(dead_letters, "_AT_ONCE", 2)
    decide, left = dead_letters._decide, [1]

    def dying(*arguments, **options):
        if not left.pop():
            raise KeyboardInterrupt
        left.append(0)
        return decide(*arguments, **options)

    monkeypatch.setattr(dead_letters, "_decide", dying)
    with pytest.raises(KeyboardInterrupt):
        post(api, f"{LIST}discard/", {"ids": letters}, **{"Idempotency-Key": "k"})
    monkeypatch.setattr(dead_letters, "_decide", decide)
    assert DeadLetter.objects.filter(state="open").count() == 3
    again = post(api, f"{LIST}discard/", {"ids": letters}, **{"Idempotency-Key": "k"})
    assert (again.json(), again.get("Idempotency-Replayed")) == ({"decided": 3}, None)


def test_a_key_of_a_decision_that_failed_may_be_used_again(api, letters):
    DeadLetter.objects.filter(pk=letters[0]).update(consumer="former")
    key = {"Idempotency-Key": "k"}
    assert post(api, f"{LIST}resubmit/", {"ids": letters[:1]}, **key).status_code == 400
    assert post(api, f"{LIST}resubmit/", {"ids": letters[1:2]}, **key).json() == {"decided": 1}


def test_letters_of_a_consumer_that_is_no_more_are_not_sent_back(api, letters):
    DeadLetter.objects.update(consumer="former")
    answer = post(api, f"{LIST}resubmit/", {"ids": letters[:1]})
    assert answer.status_code == 400
    assert "there is no consumer 'former'" in answer.content.decode()
    assert DeadLetter.objects.get(pk=letters[0]).state == "open"


def test_reasons_are_hidden_from_who_may_not_see_them_and_every_look_is_recorded(client_with, api, letters):
    blind = client_with("pipeline.view", categories=["behaviour"])
    answer = blind.get(LIST, {"page_size": 2})
    assert {each["reason"] for each in answer.json()["results"]} == {None}
    assert "broken" not in answer.content.decode()
    api.get(LIST)
    looks = AuditEntry.objects.filter(action="dead_letters.list").order_by("id")
    assert [(each.actor_kind, each.categories, each.detail) for each in looks] == [
        ("token", [], {"found": 3}),  # with the one that says that there are more
        ("token", ["unclassified"], {"found": 5}),
    ]


def test_a_decision_of_a_program_is_in_the_audit_trail(api, letters):
    post(api, f"{LIST}discard/", {"ids": letters[:2]})
    post(api, f"{LIST}resubmit/", {"ids": [letters[2]]})
    trail = AuditEntry.objects.filter(action__startswith="dead_letters.").order_by("id")
    assert [(each.actor, each.action, each.target, each.detail["ids"]) for each in trail] == [
        ("test", "dead_letters.discard", "dead letters", letters[:2]),
        ("test", "dead_letters.resubmit", f"dead letter {letters[2]}", [letters[2]]),
    ]


def test_dead_letters_are_sent_back(api, letters):
    assert post(api, f"{LIST}resubmit/", {"ids": [letters[0]]}).json() == {"decided": 1}
    assert DeadLetter.objects.get(pk=letters[0]).state == "resubmitted"


@pytest.mark.parametrize(
    "body", [{}, {"ids": []}, {"ids": ["1"]}, {"ids": [True]}, {"ids": [0]}, {"ids": [1], "all": True}]
)
def test_a_wrong_choice_decides_nothing(body, api, letters):
    assert post(api, f"{LIST}discard/", body).status_code == 400
    assert DeadLetter.objects.filter(state="open").count() == 5


@pytest.mark.parametrize(
    "query", ["state=lost", "cursor=x", "cursor=-1", "page_size=501", "reason=x", "consumer=%00"]
)
def test_a_wrong_parameter_is_refused(query, api):
    assert api.get(f"{LIST}?{query}").status_code == 400


def test_looking_and_deciding_take_different_scopes(client_with, letters):
    viewer = client_with("pipeline.view")
    assert viewer.get(LIST).status_code == 200
    assert post(viewer, f"{LIST}discard/", {"ids": letters}).status_code == 403
    assert client_with("people.view").get("/api/v1/topics/").status_code == 403


def test_topics_are_listed_with_what_they_hold(api):
    event_log().create_topics([TopicSpec("events.order_completed", 2)])
    (topic,) = [
        each
        for each in api.get("/api/v1/topics/").json()["results"]
        if each["name"] == "events.order_completed"
    ]
    assert [each["partition"] for each in topic["partitions"]] == [0, 1]
    assert (topic["records"], topic["cleanup"], topic["seconds_to_loss"]) == (0, "delete", None)
    assert topic["readers"] == ["catalogue", "profiles"]
