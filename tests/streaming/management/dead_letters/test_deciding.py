"""`manage.py dead_letters edit|resubmit|jobs|cancel|discard`: what becomes of those that somebody decides on."""

import getpass
import io
import signal
from pathlib import Path

import pytest
from django.core.management import CommandError

from streaming.domain import edits
from streaming.models import DeadLetter, DeadLetterEdit, Resubmission
from tests.streaming.domain.resubmissions.conftest import refuse
from tests.streaming.management.dead_letters.conftest import states

ME = getpass.getuser()


def test_an_edited_copy_goes_back_and_the_letter_keeps_its_bytes(run, letters, returned, tmp_path: Path):
    path = tmp_path / "mended"
    path.write_bytes(b"\x00mended\n")
    said = run("edit", letters[0].pk, "--value", path)
    edit = DeadLetterEdit.objects.get()
    assert said == f"Resubmitted as edit {edit.pk}; dead letter {letters[0].pk} keeps its bytes.\n"
    assert returned() == ["\x00mended\n"]
    sent = edits.edit_payload(edit.pk, actor=None)
    assert (sent.key, sent.value) == (b"k", b"\x00mended\n")
    letter = DeadLetter.objects.get(pk=letters[0].pk)
    assert (bytes(letter.value or b""), letter.state, letter.decided_by) == (b"0/0", "resubmitted", ME)
    assert f"sent back as edit {edit.pk}" in run("show", letter.pk)


def test_the_key_alone_can_be_edited(run, letters):
    run("edit", letters[0].pk, "--key", "jane")
    sent = edits.edit_payload(DeadLetterEdit.objects.get().pk, actor=None)
    assert (sent.key, sent.value) == (b"jane", b"0/0")


def test_chosen_ones_go_back_in_their_order_and_are_said_to_be_decided_by_whom(run, letters, returned):
    assert run("resubmit", letters[1].pk, letters[0].pk, letters[2].pk) == "Resubmitted: 2\n"
    assert returned() == ["0/0", "0/1"]
    assert states() == ["resubmitted", "resubmitted", "discarded", "discarded"]
    assert DeadLetter.objects.get(pk=letters[0].pk).decided_by == ME


def test_all_of_a_consumer_go_back_by_a_job_that_is_watched_to_its_end(run, letters, returned):
    assert run("resubmit", "--all-of", "counting") == "Resubmitted: 2\n"
    assert returned() == ["0/0", "0/1"]
    job = Resubmission.objects.get()
    assert (job.state, job.created_by, job.asked) == ("done", ME, 2)
    assert run("jobs").startswith(f"resubmission {job.pk} for counting: done, 2 of 2 sent, ")


def test_all_with_one_reason_go_back_and_the_others_stay(run, returned):
    refuse(0, 0)
    refuse(0, 1, reason="too old")
    assert run("resubmit", "--all-of", "counting", "--reason", "too old") == "Resubmitted: 1\n"
    assert returned() == ["0/1"]
    assert states() == ["open", "resubmitted"]


def test_one_that_the_log_would_never_take_is_counted(run):
    refuse(0, 0, value=b"x" * (4 * 1024 * 1024))
    refuse(0, 1)
    assert run("resubmit", "--all-of", "counting") == "Resubmitted: 1\n"
    assert "done, 1 of 2 sent, 1 too large" in run("jobs")


class Interrupting(io.StringIO):
    """Somebody presses Ctrl-C when they read the first line."""

    def write(self, text: str) -> int:
        if not self.getvalue():
            signal.raise_signal(signal.SIGINT)
        return super().write(text)


def test_a_job_that_is_interrupted_waits_for_a_worker_until_it_is_cancelled(run, returned):
    for offset in range(3):
        refuse(0, offset)
    former, said = signal.getsignal(signal.SIGINT), Interrupting()
    with pytest.raises(CommandError, match="interrupted: a worker goes on with resubmission") as caught:
        run("resubmit", "--all-of", "counting", "--rate", 0.01, out=said)
    job = Resubmission.objects.get()
    assert f"`manage.py dead_letters cancel {job.pk}` ends it" in str(caught.value)
    assert f"resubmission {job.pk} for counting: running, 1 of 3 sent, " in said.getvalue()
    assert signal.getsignal(signal.SIGINT) == former
    assert (job.state, job.lease_owner, states()) == ("running", None, ["resubmitted", "queued", "queued"])
    assert run("cancel", job.pk) == "Cancelled: 2 dead letters are open again.\n"
    assert states() == ["resubmitted", "open", "open"]
    assert returned() == ["0/0"]
    assert f"resubmission {job.pk} for counting: cancelled, 1 of 3 sent" in run("jobs")


def test_jobs_are_listed_the_newest_first(run):
    for offset in range(2):
        refuse(0, offset)
        run("resubmit", "--all-of", "counting")
    second, first = (int(line.split()[1]) for line in run("jobs").splitlines())
    assert second > first


def test_chosen_ones_or_all_of_a_consumer_are_discarded(run):
    chosen, *_ = [refuse(0, offset) for offset in range(3)]
    other = refuse(0, 9, consumer="elsewhere")
    assert run("discard", chosen.pk) == "Discarded: 1\n"
    assert run("discard", "--all-of", "counting") == "Discarded: 2\n"
    assert states() == ["discarded"] * 3 + ["open"]
    assert DeadLetter.objects.get(pk=chosen.pk).decided_by == ME
    assert run("discard", "--all-of", other.consumer) == "Discarded: 1\n"
