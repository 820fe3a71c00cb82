"""`consents/`, `objections/` and `restrictions/` over REST."""

from datetime import UTC, datetime

import pytest

from compliance.domain.purposes import add_text
from compliance.gate import may_use
from compliance.identifiers import pseudonym
from compliance.models import ApiToken, AuditEntry, Purpose
from profiles.models import Consent, Declaration
from streaming.contracts.events import OTHER_EVENTS_TOPIC
from streaming.contracts.records import TopicSpec
from streaming.event_log import close_event_log, event_log
from tests.profiles.api.test_facts import address
from tests.profiles.builder.driver import event
from tests.profiles.people import ALL, person_of

NOW = datetime.now(UTC)


@pytest.fixture
def events_topic(fresh_database):
    """A log that what is declared of people whom nobody knows goes through."""
    event_log().create_topics([TopicSpec(OTHER_EVENTS_TOPIC, 1)])
    yield
    close_event_log()


@pytest.fixture
def program(client_with, fresh_database):
    seen = ["behaviour", "contact", "identity", "unclassified"]
    return client_with("consents.manage", "people.view", categories=seen)


@pytest.fixture
def jo(builder):
    builder.send(
        event("identify", user_id="jo", anonymous_id="a1", traits={"email": "jo@example.com"}),
        event(user_id="jo", anonymous_id="a2"),
    )
    return person_of("user_id", "jo")


def post(client, path: str, body, **headers):
    return client.post(f"/api/v1/{path}/", body, content_type="application/json", headers=headers)


def give(client, granted=True, identifier="user_id:jo", **more):
    return post(
        client, "consents", {"identifier": identifier, "purpose": "marketing", "granted": granted, **more}
    )


def test_a_consent_counts_from_the_answer_on_and_so_does_its_withdrawal(program, jo):
    assert may_use("marketing", [jo.public_id]) == frozenset()
    answer = give(program, proof={"form": "https://example.com/f/7"}, text_version="3", reason="at the desk")
    assert (answer.status_code, answer.json()) == (201, {"recorded": True, "state": "counts"})
    assert may_use("marketing", [jo.public_id]) == {jo.public_id}
    assert give(program, granted=False).status_code == 201
    assert may_use("marketing", [jo.public_id]) == frozenset()


def test_a_refusal_is_taken_back_whatever_the_purpose_rests_on_by_now(program, jo, events_topic):
    give(program, granted=False)
    Purpose.objects.filter(key="marketing").update(legal_basis="contract", needs_consent=False)
    assert may_use("marketing", [jo.public_id]) == frozenset()
    both = [
        {"identifier": f"user_id:{who}", "purpose": "marketing", "granted": True} for who in ("jo", "nobody")
    ]
    assert post(program, "consents", {"consents": both}).status_code == 400, "nobody else has refused"
    assert give(program, granted=False).status_code == 400
    assert may_use("marketing", [jo.public_id]) == frozenset()
    assert give(program).status_code == 201
    assert may_use("marketing", [jo.public_id]) == {jo.public_id}
    again = give(program)
    assert (again.status_code, "nobody is asked for consent" in again.content.decode()) == (400, True)


def test_contact_data_is_found_in_the_body(program, jo):
    assert give(program, identifier="email: JO@example.com").status_code == 201
    assert may_use("marketing", [jo.public_id]) == {jo.public_id}
    row = AuditEntry.objects.get(action="consent.give")
    assert (row.target, row.subjects, row.detail) == (
        "purpose:marketing", [pseudonym(jo.public_id)], {"people": 1},
    )  # fmt: skip


@pytest.mark.parametrize("identifier", ["email:jo@example.com", "email:nobody@example.com"])
def test_whether_somebody_has_an_identifier_is_not_told_where_such_data_are_closed(
    client_with, jo, identifier
):
    blind = client_with("consents.manage", categories=["behaviour", "identity"])
    one = {"identifier": identifier, "purpose": "marketing", "granted": True}
    known = {**one, "identifier": "user_id:jo"}
    about = {"identifier": identifier, "holds": True}
    answers = [
        post(blind, "consents", one), post(blind, "consents", {"consents": [known, one]}),
        post(blind, "objections", {**about, "purpose": "marketing"}), post(blind, "restrictions", about),
    ]  # fmt: skip
    assert {each.status_code for each in answers} == {403}
    assert len({each.content for each in answers}) == 1
    assert b"contact" in answers[0].content
    assert not Declaration.objects.exists()
    denials = AuditEntry.objects.filter(action="access.denied", categories=["contact"])
    assert [row.target for row in denials] == ["consents.manage"] * 4
    assert post(blind, "consents", known).status_code == 201


def test_it_is_kept_with_each_anchor_and_in_the_history(program, jo):
    give(program, proof="paper 7", text_version="3", said_at="2026-03-01T10:00:00Z")
    assert Declaration.objects.count() == jo.anchors.count() == 2
    assert {row.anchor_id for row in Consent.objects.all()} == set(jo.anchors.values_list("id", flat=True))
    (said,) = program.get(address(jo, "consents/history")).json()["results"]
    assert {**said, "received_at": None} == {
        "kind": "consent", "purpose": "marketing", "holds": True, "since": "2026-03-01T10:00:00Z",
        "at": "2026-03-01T10:00:00Z", "received_at": None, "origin": "api", "source": "test", "import_id": 0,
        "text_version": "3", "reason": "", "proof": "paper 7",
    }  # fmt: skip


def test_the_history_pages_both_ways_and_masks_the_proof(program, client_with, jo, builder):
    for hour in range(4):
        give(program, granted=bool(hour % 2), proof="x", said_at=f"2026-03-01T1{hour}:00:00Z")
    preferences = {
        "consent": {"categoryPreferences": {"Marketing": True}, "version": "v2", "tcString": "raw string"}
    }
    builder.send(
        event(minutes=5, user_id="jo", anonymous_id="a1", context=preferences),
        event(minutes=1, user_id="jo", anonymous_id="a1", context=preferences),
    )
    proofs: dict[str, str] = {}
    found, where = [], f"{address(jo, 'consents/history')}?page_size=2"
    while where:
        page = program.get(where).json()
        found += [(each["origin"], each["at"][11:16], each["since"][11:16]) for each in page["results"]]
        proofs |= {each["origin"]: each["proof"] for each in page["results"]}
        where, previous = page["next"], page["previous"]
    assert found == [
        ("api", "13:00", "13:00"), ("event", "12:05", "12:01"), ("api", "12:00", "12:00"),
        ("api", "11:00", "11:00"), ("api", "10:00", "10:00"),
    ]  # fmt: skip
    assert proofs == {"api": "x", "event": "raw string"}
    assert [each["at"][11:16] for each in program.get(previous).json()["results"]] == ["12:00", "11:00"]
    masked = client_with("people.view", categories=["behaviour"]).get(address(jo, "consents/history"))
    assert {each["proof"] for each in masked.json()["results"]} == {"••••••"}
    blind = client_with("people.view", categories=[]).get(address(jo, "consents/history"))
    assert blind.json()["results"] == []


def test_many_at_once_in_a_bounded_number_of_statements(
    program, builder, events_topic, django_assert_max_num_queries
):
    builder.send(*(event(user_id=f"u{n}") for n in range(40)))
    many = [{"identifier": f"user_id:u{n}", "purpose": "marketing", "granted": True} for n in range(45)]
    with django_assert_max_num_queries(32):
        answer = post(program, "consents", {"consents": many})
    assert answer.status_code == 201
    states = [each["state"] for each in answer.json()["results"]]
    assert states == ["counts"] * 40 + ["on_its_way"] * 5
    people = [person_of("user_id", f"u{n}").public_id for n in range(40)]
    assert may_use("marketing", people) == set(people)
    assert sorted(len(row.subjects) for row in AuditEntry.objects.filter(action="consent.give")) == [5, 40]


def test_sent_again_with_its_key_it_is_kept_once(program, jo):
    body = {"identifier": "user_id:jo", "purpose": "marketing", "granted": True}
    first = post(program, "consents", body, **{"Idempotency-Key": "k"})
    again = post(program, "consents", body, **{"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code, again.headers["Idempotency-Replayed"]) == (201, 201, "true")
    assert Declaration.objects.values("act").distinct().count() == 1


@pytest.mark.parametrize(
    "less",
    [
        {"scopes": ["consents.manage"]}, {"categories": ["behaviour", "identity", "unclassified"]}, {"sources": []},
        {"hashed": ["contact"]}, {"hidden": ["contact"]},
    ],
)  # fmt: skip
def test_an_answer_that_was_kept_is_not_repeated_to_who_may_less_by_now(program, jo, less):
    body = {"identifier": "email:jo@example.com", "purpose": "marketing", "granted": True}
    assert post(program, "consents", body, **{"Idempotency-Key": "k"}).status_code == 201
    ApiToken.objects.update(**less)
    again = post(program, "consents", body, **{"Idempotency-Key": "k"})
    assert (again.status_code, again.get("Idempotency-Replayed")) == (422, None)
    assert "may do has changed since" in again.json()["detail"]
    assert Declaration.objects.values("act").distinct().count() == 1


def test_of_what_was_said_at_the_same_moment_the_refusal_counts(program, jo):
    at = {"said_at": "2026-03-01T10:00:00Z"}
    for granted in (False, True):
        give(program, granted=granted, **at)
    assert may_use("marketing", [jo.public_id]) == frozenset()
    give(program, said_at="2026-03-01T09:00:00Z")  # an older paper changes nothing
    assert may_use("marketing", [jo.public_id]) == frozenset()


def test_objection_and_restriction_hold_until_they_are_lifted(program, jo):
    give(program)
    for path, more in (("objections", {"purpose": "marketing"}), ("objections", {}), ("restrictions", {})):
        body = {"identifier": "user_id:jo", "holds": True, "reason": "by letter", **more}
        assert post(program, path, body).status_code == 201
        assert may_use("marketing", [jo.public_id]) == frozenset()
        assert post(program, path, {**body, "holds": False}).status_code == 201
        assert may_use("marketing", [jo.public_id]) == {jo.public_id}
    assert [row.action for row in AuditEntry.objects.filter(action__contains="strict").order_by("id")] == [
        "restriction.set", "restriction.lift",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("consents", {"purpose": "spying", "granted": True}, "no such purpose"),
        ("consents", {"purpose": "", "granted": True}, "no such purpose"),
        ("consents", {"purpose": "marketing", "granted": "yes"}, "true or false"),
        ("consents", {"purpose": "marketing"}, "true or false"),
        (
            "consents",
            {"purpose": "marketing", "granted": True, "text_version": "9"},
            "no text of this version",
        ),
        ("consents", {"purpose": "marketing", "granted": True, "said_at": "2999-01-01T00:00:00Z"}, "future"),
        ("consents", {"purpose": "marketing", "granted": True, "said_at": "yesterday"}, "its zone"),
        ("consents", {"purpose": "marketing", "granted": True, "proof": "x" * 2001}, "at most 2000"),
        ("consents", {"purpose": "marketing", "granted": True, "proof": "a\0"}, "at most 2000"),
        ("consents", {"purpose": "marketing", "granted": True, "shoe": 1}, "nothing else"),
        ("consents", {"purpose": "marketing", "granted": True, "identifier": "42"}, "namespace:value"),
        ("objections", {"purpose": "service", "holds": True}, "there is no right to object"),
        ("objections", {"purpose": "analytics", "holds": True}, "people give it and withdraw it"),
        ("consents", {"purpose": "service", "granted": False}, "rests on a contract"),
        ("consents", {"purpose": "service", "granted": True}, "nobody is asked for consent"),
        ("restrictions", {"purpose": "marketing", "holds": True}, "nothing else"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(program, jo, path, body, says):
    add_text("marketing", version="1", text="May we write?", since=NOW.date(), by=ALL)
    answer = post(program, path, {"identifier": "user_id:jo", **body})
    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert not Declaration.objects.exists()


@pytest.mark.parametrize("body", [{"consents": []}, {"consents": [1]}, {"consents": 1}, [], "x", None, {}])
def test_rubbish_is_refused(program, jo, body):
    assert post(program, "consents", body).status_code == 400


def test_who_may_not_record_is_refused(client_with, jo):
    assert give(client_with("people.view")).status_code == 403


def test_purposes_are_listed_with_their_basis_and_texts(program):
    add_text("marketing", version="1", text="May we write?", since=NOW.date(), by=ALL)
    found = {each["key"]: each for each in program.get("/api/v1/purposes/").json()["results"]}
    assert found["service"]["legal_basis"] == "contract"
    assert found["marketing"] == {
        "key": "marketing", "name": "Send marketing", "description": "Messages about offers, and choosing who gets which.",
        "legal_basis": "consent", "needs_consent": True, "objection_is_absolute": True,
        "names": ["Marketing", "marketingAndAnalytics"],
        "texts": [{"version": "1", "text": "May we write?", "since": NOW.date().isoformat()}],
    }  # fmt: skip
