"""Editing a dead letter: who may, what is sent, and what stays."""

from compliance.models import AuditEntry
from streaming.contracts.records import TopicPartition
from streaming.event_log import event_log
from streaming.models import DeadLetter, DeadLetterEdit
from tests.cdp_site.pipeline.conftest import SECRET

LIST = "/admin/dead-letters/"


def _returned() -> list[tuple[bytes | None, bytes | None]]:
    records = event_log().tail([TopicPartition("retry.profiles", 0)], 5)
    return [(record.key, record.value) for record in records]


def test_an_edited_copy_goes_back_and_the_letter_keeps_its_bytes(signed_in, refuse):
    letter = refuse(value=b'{"v": 99}\n')
    client = signed_in("administrator")
    page = client.get(f"{LIST}{letter.pk}/edit/").content.decode()
    assert "{&quot;v&quot;: 99}" in page
    answer = client.post(f"{LIST}{letter.pk}/edit/", {"key": "jane", "value": '{"v": 1}\r\n'}, follow=True)
    assert "The edited copy was sent back" in answer.content.decode()
    assert "Sent back edited" in answer.content.decode()
    assert _returned() == [(b"jane", b'{"v": 1}\n')]
    letter.refresh_from_db()
    assert (bytes(letter.value), letter.state, letter.decided_by) == (
        b'{"v": 99}\n',
        "resubmitted",
        "administrator",
    )
    edit = DeadLetterEdit.objects.get()
    assert (edit.dead_letter_id, edit.edited_by) == (letter.pk, "administrator")
    sent = client.get(f"{LIST}edits/{edit.pk}/").content.decode()
    assert "jane" in sent
    trail = list(
        AuditEntry.objects.filter(actor="administrator").order_by("id").values_list("action", "target")
    )
    assert ("dead_letters.edit", f"dead letter {letter.pk}") in trail
    assert trail[-1] == ("payload.view", f"edit {edit.pk} of dead letter {letter.pk}")


def test_what_is_no_text_is_edited_in_hex(signed_in, refuse):
    letter = refuse(key=None, value=b"\xff\x00")
    client = signed_in("administrator")
    assert "ff 00" in client.get(f"{LIST}{letter.pk}/edit/").content.decode()
    wrong = client.post(f"{LIST}{letter.pk}/edit/", {"key": "", "value": "f"})
    assert wrong.status_code == 400
    assert "This is no hex" in wrong.content.decode()
    client.post(f"{LIST}{letter.pk}/edit/", {"key": "", "value": "ff 01"})
    assert _returned() == [(None, b"\xff\x01")]


def test_nothing_changed_and_a_decided_letter_are_refused(signed_in, refuse):
    letter = refuse(value=b"{}")
    client = signed_in("administrator")
    same = client.post(f"{LIST}{letter.pk}/edit/", {"key": "k", "value": "{}"})
    assert "Nothing was changed" in same.content.decode()
    DeadLetter.objects.update(state="discarded")
    late = client.post(f"{LIST}{letter.pk}/edit/", {"key": "k", "value": "[]"})
    assert "is decided already: it is discarded" in late.content.decode()
    assert client.get(f"{LIST}999999/edit/").status_code == 404
    assert not DeadLetterEdit.objects.exists()


def test_who_may_not_see_messages_edits_none(signed_in, refuse):
    letter = refuse()
    client = signed_in("watcher")
    answer = client.post(f"{LIST}{letter.pk}/edit/", {"key": "k", "value": "{}"})
    assert answer.status_code == 403
    assert SECRET.decode() not in answer.content.decode()
    assert DeadLetter.objects.get().state == "open"


def test_what_no_page_can_hold_is_edited_at_the_command_line(signed_in, refuse):
    letter = refuse(value=b"x" * 300_000)
    page = signed_in("administrator").get(f"{LIST}{letter.pk}/edit/").content.decode()
    assert f"dead_letters edit {letter.pk} --value FILE" in page
    assert "xxxx" not in page
