"""Dead letters: who sees what of them, and deciding on them."""

from compliance.models import AuditEntry
from streaming.contracts.records import TopicPartition
from streaming.event_log import event_log
from streaming.models import DeadLetter

LIST = "/admin/dead-letters/"
DECIDE, DECIDED = f"{LIST}decide/", f"{LIST}decided/"


def _text(answer) -> str:
    return " ".join(answer.content.decode().split())


def _trail(actor: str) -> list[tuple[str, str]]:
    return list(AuditEntry.objects.filter(actor=actor).order_by("id").values_list("action", "target"))


def test_none_is_explained(signed_in):
    assert "No dead letters" in _text(signed_in("administrator").get(LIST))


def test_they_are_grouped_by_what_went_wrong(signed_in, refuse):
    for offset in range(3):
        refuse(offset)
    other = refuse(3, reason="the event is too old")
    client = signed_in("administrator")
    page = _text(client.get(LIST))
    assert page.index("The event has no name") < page.index("The event is too old")
    alike = client.get(LIST, {"like": other.pk}).context["found"]
    assert [row.id for row in alike.rows] == [other.pk]
    assert ("dead_letters.list", "dead letters") in _trail("administrator")


def test_pages_follow_each_other_by_id(signed_in, refuse):
    for offset in range(51):
        refuse(offset)
    client = signed_in("administrator")
    first = client.get(LIST).context
    second = client.get(LIST, {"before": first["next"]}).context
    assert (len(first["found"].rows), len(second["found"].rows), second["next"]) == (50, 1, None)


def test_the_message_shows_to_who_may_see_it_as_text_that_cannot_act(signed_in, refuse):
    letter = refuse()
    client = signed_in("administrator")
    assert "jane@example.com" not in _text(client.get(f"{LIST}{letter.pk}/"))
    shown = client.get(f"{LIST}{letter.pk}/payload/").content.decode()
    assert "jane@example.com" in shown
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown
    assert "7b 22 65 6d 61 69 6c 22" in shown
    assert "trace" in shown
    assert _trail("administrator")[-1] == ("payload.view", f"dead letter {letter.pk}")


def test_a_watcher_sees_that_there_are_some_but_no_reason_and_no_message(signed_in, refuse):
    letter = refuse()
    client = signed_in("watcher")
    for path in (LIST, f"{LIST}{letter.pk}/"):
        page = _text(client.get(path))
        assert "no name" not in page
        assert "hidden" in page
        assert 'value="resubmit"' not in page
    denied = _text(client.get(f"{LIST}{letter.pk}/payload/"))
    assert "jane" not in denied
    assert "administrator may look" in denied
    assert _trail("watcher")[-1] == ("access.denied", "payloads.view")


def test_who_may_only_look_decides_nothing(signed_in, refuse):
    letter = refuse()
    client = signed_in("watcher")
    for path in (DECIDE, DECIDED):
        answer = client.post(path, {"decision": "discard", "id": letter.pk, "ids": letter.pk})
        assert answer.status_code == 403
    assert DeadLetter.objects.get().state == "open"
    assert signed_in("marketer").get(LIST).status_code == 403


def test_a_decision_is_shown_before_it_is_done(signed_in, refuse):
    letters = [refuse(0), refuse(1), refuse(2, consumer="rejections"), refuse(3, state="discarded")]
    page = signed_in("administrator").post(
        DECIDE, {"decision": "discard", "id": [letter.pk for letter in letters]}
    )
    assert page.context["preview"].by_consumer == {"profiles": 2, "rejections": 1}
    assert "4 were chosen; the others are decided already" in _text(page)
    assert DeadLetter.objects.filter(state="open").count() == 3


def test_all_of_one_reason_are_decided_on_at_once(signed_in, refuse):
    letters = [refuse(offset) for offset in range(3)]
    refuse(9, reason="the event is too old")
    client = signed_in("administrator")
    page = client.post(DECIDE, {"decision": "discard", "like": letters[0].pk})
    ids = ",".join(map(str, page.context["preview"].ids))
    answer = client.post(DECIDED, {"decision": "discard", "ids": ids}, follow=True)
    assert "3 dead letters were discarded" in _text(answer)
    assert sorted(DeadLetter.objects.filter(state="discarded").values_list("pk", flat=True)) == [
        letter.pk for letter in letters
    ]
    entry = AuditEntry.objects.get(action="dead_letters.discard")
    assert (entry.actor, entry.detail["done"], entry.detail["ids"]) == (
        "administrator", 3, [letter.pk for letter in letters],
    )  # fmt: skip
    assert "too old" in _text(client.get(LIST))
    assert "by administrator" in _text(client.get(f"{LIST}{letters[0].pk}/"))
    assert "no name" in _text(client.get(LIST, {"state": "discarded"}))


def test_a_resubmitted_message_stands_in_the_topic_of_its_consumer(signed_in, refuse):
    letter = refuse()
    client = signed_in("administrator")
    client.post(DECIDED, {"decision": "resubmit", "ids": str(letter.pk)})
    client.post(DECIDED, {"decision": "resubmit", "ids": str(letter.pk)})
    records = event_log().tail([TopicPartition("retry.profiles", 0)], 5)
    assert [record.value for record in records] == [letter.value]
    letter.refresh_from_db()
    assert (letter.state, letter.decided_by) == ("resubmitted", "administrator")


def test_nothing_chosen_and_nonsense_change_nothing(signed_in, refuse):
    refuse()
    client = signed_in("administrator")
    assert "Choose at least one" in _text(client.post(DECIDE, {"decision": "discard"}, follow=True))
    for posted in (
        {"decision": "erase", "ids": "1"},
        {"decision": "discard", "ids": "x,,9999999999999999999"},
    ):
        assert client.post(DECIDED, posted).status_code == 302
    assert client.get(DECIDED).status_code == 302
    assert DeadLetter.objects.get().state == "open"
    assert client.get(f"{LIST}999999/").status_code == 404
