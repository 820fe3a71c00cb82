"""Jobs that send dead letters back, as people start, watch and cancel them."""

import pytest

from streaming import tasks
from streaming.contracts.records import TopicPartition
from streaming.event_log import event_log
from streaming.models import DeadLetter, Resubmission

LIST = "/admin/dead-letters/"
JOBS = f"{LIST}resubmissions/"


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The jobs of which a worker is told."""
    told: list[int] = []
    monkeypatch.setattr(
        tasks.run_resubmission, "delay", lambda *, resubmission_id: told.append(resubmission_id)
    )
    return told


def _text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_groups_say_how_many_since_when_until_when_and_name_one(signed_in, refuse):
    first, last = refuse(0), refuse(1)
    groups = signed_in("administrator").get(LIST).context["found"].groups
    ((group),) = groups
    assert (group.consumer, group.letters, group.newest) == ("profiles", 2, last.pk)
    assert (group.oldest_at, group.newest_at) == (first.created_at, last.created_at)


def test_all_of_a_reason_go_back_by_a_job_that_can_be_watched(signed_in, refuse, sent):
    letters = [refuse(offset) for offset in range(3)]
    refuse(9, reason="the event is too old")
    client = signed_in("administrator")
    preview = client.post(f"{LIST}decide/", {"decision": "resubmit", "like": letters[0].pk})
    assert preview.context["preview"].by_consumer == {"profiles": 3}
    assert 'name="rate"' in _text(preview)
    answer = client.post(
        f"{LIST}decided/", {"decision": "resubmit", "like": letters[0].pk, "rate": "50"}, follow=True
    )
    job = Resubmission.objects.get()
    assert answer.redirect_chain == [(f"{JOBS}{job.pk}/", 302)]
    assert sent == [job.pk]
    assert (job.asked, job.rate, job.created_by) == (3, 50.0, "administrator")
    assert "Waiting to go back" in _text(client.get(LIST, {"state": "queued"}))
    tasks.run_resubmission(resubmission_id=job.pk)
    page = _text(client.get(f"{JOBS}{job.pk}/", headers={"HX-Request": "true"}))
    assert "Done" in page
    assert "3 sent back" in page
    assert "<html" not in page
    assert f"{JOBS}{job.pk}/" in _text(client.get(f"{LIST}{letters[0].pk}/"))
    assert "3 of 3" in _text(client.get(JOBS))
    assert len(event_log().tail([TopicPartition("retry.profiles", 0)], 9)) == 3


def test_a_job_is_cancelled_and_its_letters_are_open_again(signed_in, refuse):
    letter = refuse()
    client = signed_in("administrator")
    client.post(f"{LIST}decided/", {"decision": "resubmit", "like": letter.pk})
    job = Resubmission.objects.get()
    assert "1 dead letters are open again" in _text(client.post(f"{JOBS}{job.pk}/cancel/", follow=True))
    letter.refresh_from_db()
    assert (letter.state, letter.decided_by) == ("open", "")
    assert "Cancelled" in _text(client.get(f"{JOBS}{job.pk}/"))


@pytest.mark.parametrize("rate", ["fast", "0", "-3", "nan"])
def test_a_rate_that_is_none_starts_nothing(signed_in, refuse, rate):
    letter = refuse()
    client = signed_in("administrator")
    answer = client.post(
        f"{LIST}decided/", {"decision": "resubmit", "like": letter.pk, "rate": rate}, follow=True
    )
    assert "The rate should be" in _text(answer)
    assert not Resubmission.objects.exists()
    assert DeadLetter.objects.get().state == "open"


def test_who_may_only_look_starts_and_cancels_nothing(signed_in, refuse):
    letter = refuse()
    signed_in("administrator").post(f"{LIST}decided/", {"decision": "resubmit", "like": letter.pk})
    job, client = Resubmission.objects.get(), signed_in("watcher")
    assert client.post(f"{JOBS}{job.pk}/cancel/").status_code == 403
    assert "Cancel" not in _text(client.get(f"{JOBS}{job.pk}/", headers={"HX-Request": "true"}))
    assert client.get(f"{JOBS}999/").status_code == 404


def test_cancelling_a_job_that_is_none_says_so(signed_in):
    assert signed_in("administrator").post(f"{JOBS}999/cancel/").status_code == 404


def test_none_is_explained(signed_in):
    assert "Nothing was sent back yet" in _text(signed_in("administrator").get(JOBS))
