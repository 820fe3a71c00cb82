"""E-mails of notices: one each, however often, in parallel and however rudely it is tried."""

import multiprocessing
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from compliance.enums import Channel, MailState
from compliance.models import NoticeMail, NoticeReceipt, NoticeSubscription, User
from compliance.notices import notify, only, over
from compliance.notices.digest import KEPT, forget_old, make_digests
from compliance.notices.mailing import LEASE, send_due
from streaming.runtime.failpoints import arm
from tests.compliance.conftest import NOW
from tests.compliance.notices.conftest import make_staff
from tests.smtp_sink import unused_port


@pytest.fixture
def ada(administrator):
    User.objects.filter(pk=administrator.pk).update(email="ada@example.com")
    return administrator


def tell(key="consumer:profiles", *, now=NOW, subject="profiles stands"):
    notify("consumer_behind", subject, "It was killed.", link="/admin/consumers/", now=now, key=key)


def send(now=NOW):
    return send_due(clock=lambda: now)


def mail():
    return NoticeMail.objects.get()


def test_who_chose_e_mail_gets_one(ada, sink):
    tell()
    for _ in range(3):
        send()
    (got,) = sink.messages
    assert got["To"] == "ada@example.com"
    assert got["Subject"] == "[Headwater] profiles stands"
    text = got.get_content()
    assert "It was killed.\nSince 2026-11-24 12:00 UTC.\nhttps://cdp.example.com/admin/consumers/" in text
    assert "https://cdp.example.com/admin/settings/notifications/" in text
    assert mail().state == MailState.SENT


def test_many_at_once_are_one_e_mail(ada, sink):
    for number in range(30):
        tell(f"consumer:{number}", subject=f"consumer {number} stands")
    send()
    (got,) = sink.messages
    assert got["Subject"] == "[Headwater] consumer 0 stands, and 29 more"
    assert got.get_content().count("It was killed.") == 30


def test_what_is_over_is_told_once_more_and_what_was_never_told_once_in_all(ada, sink):
    tell()
    send()
    over("consumer_behind", "consumer:profiles", now=NOW + timedelta(minutes=9))
    send(NOW + timedelta(minutes=9))
    tell("other", subject="sessions stands")
    over("consumer_behind", "other", now=NOW + timedelta(minutes=1))
    send(NOW + timedelta(minutes=10))
    assert [each["Subject"] for each in sink.messages] == [
        "[Headwater] profiles stands", "[Headwater] Over: profiles stands", "[Headwater] Over: sessions stands",
    ]  # fmt: skip
    assert "From 2026-11-24 12:00 UTC, over at 2026-11-24 12:09 UTC." in sink.messages[1].get_content()


def test_a_trouble_of_a_day_is_mailed_again(ada, sink):
    tell()
    send()
    tell(now=NOW + timedelta(hours=25))
    send(NOW + timedelta(hours=25))
    assert [each["Subject"] for each in sink.messages][1:] == ["[Headwater] Still so: profiles stands"]


def test_nothing_goes_to_who_has_no_address_or_no_account(administrator, sink):
    tell()
    assert send() == 0
    User.objects.update(email="ada@example.com", is_active=False)
    assert send() == 0
    assert sink.got == []


def test_without_a_server_notices_stay_in_the_product(ada, settings):
    settings.EMAIL_HOST = ""
    tell()
    assert send() == 0
    assert NoticeReceipt.objects.get().mail is None


@pytest.mark.parametrize(
    "subject", ["x\r\nBcc: all@example.com", "x\n\nHello", "x\x00y", "x\u2028Bcc: a@b.example"]
)
def test_a_subject_brings_no_header(ada, sink, subject):
    tell(subject=subject)
    send()
    (got,) = sink.messages
    assert got["Bcc"] is None
    assert [recipient for recipient, _ in sink.got] == ["ada@example.com"]


@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: all@example.com", "a@b.example>\r\nRCPT TO:<c@d.example", "nobody"])  # fmt: skip
def test_an_address_brings_no_command(ada, sink, address):
    User.objects.filter(pk=ada.pk).update(email=address)
    tell()
    send()
    assert sink.got == []
    assert mail().state == MailState.FAILED
    assert mail().trouble == "this person's address cannot be one"


def test_a_server_that_is_away_is_tried_again_later_and_given_up(ada, sink, use):
    use(unused_port())
    tell()
    now = NOW
    assert send() == 0
    assert "nothing listens" in mail().trouble
    assert send() == 0
    assert mail().attempts == 1, "it waits before it tries again"
    use(sink.port)
    now += timedelta(minutes=2)
    assert send(now) == 1
    assert mail().state == MailState.SENT
    use(unused_port())
    tell("other", now=now)
    send(now)
    send(now + timedelta(days=1, minutes=1))
    assert NoticeMail.objects.filter(state=MailState.FAILED).count() == 1


def test_one_address_that_is_refused_holds_up_nobody(ada, sink):
    eve = make_staff("eve", "administrator")
    User.objects.filter(pk=eve.pk).update(email="nobody at all")
    User.objects.filter(pk=ada.pk).update(email="ada@example.com")
    tell()
    send()
    assert [recipient for recipient, _ in sink.got] == ["ada@example.com"]


def test_what_may_have_arrived_is_not_sent_again(ada, sink, use):
    use(sink.port, timeout=0.2)
    sink.answers["TEXT"] = ""
    tell()
    send()
    assert mail().state == MailState.UNCONFIRMED
    sink.answers.clear()
    send(NOW + timedelta(hours=2))
    assert len(sink.got) == 1


def test_the_digest_comes_once_a_day_with_what_is_unread(ada, sink):
    NoticeSubscription.objects.create(kind="consumer_behind", user=ada, channel=Channel.DIGEST)
    tell("a", subject="first")
    tell("b", subject="second")
    NoticeReceipt.objects.filter(notice__key="b").update(read_at=NOW)
    assert send() == 0
    make_digests(now=NOW.replace(hour=6))
    assert NoticeMail.objects.count() == 0, "not before seven"
    for minute in range(3):
        make_digests(now=NOW + timedelta(minutes=minute))
        send(NOW + timedelta(minutes=minute))
    tell("c", subject="third")
    make_digests(now=NOW + timedelta(hours=5))
    send(NOW + timedelta(hours=5))
    (got,) = sink.messages
    assert got["Subject"] == "[Headwater] Your day: 1 notice"
    assert "second" not in got.get_content()
    make_digests(now=NOW + timedelta(days=1))
    send(NOW + timedelta(days=1))
    assert "third" in sink.messages[1].get_content()


def test_what_is_old_is_forgotten_and_not_sent_again(ada, sink):
    tell()
    send()
    forget_old(now=NOW + KEPT - timedelta(days=1))
    assert NoticeReceipt.objects.count() == 1
    forget_old(now=NOW + KEPT + timedelta(days=1))
    assert (NoticeReceipt.objects.count(), NoticeMail.objects.count()) == (0, 0)


FORK = multiprocessing.get_context("fork")


def _work(failpoints):
    connection.close()
    arm(failpoints)
    send_due(clock=lambda: datetime.now(UTC))
    connection.close()


def end_of_worker(failpoints):
    """How a process ended that sends what is due."""
    connection.close()
    process = FORK.Process(target=_work, args=[failpoints])
    process.start()
    process.join(60)
    return process.exitcode


@pytest.mark.parametrize("where", ["mail.after_claim", "mail.before_text", "mail.after_text"])
def test_a_worker_that_is_killed_sends_no_e_mail_twice(fresh_database, sink, where):
    make_staff("ada", "administrator")
    User.objects.update(email="ada@example.com")
    now = datetime.now(UTC)
    tell(now=now)
    assert end_of_worker(f"{where}=kill") == -signal.SIGKILL
    assert send(now) == 0, "another worker has it"
    send(datetime.now(UTC) + LEASE)
    send(datetime.now(UTC) + 2 * LEASE)
    whole = [each for _, each in sink.got if each]
    # Between the last agreement and the first byte nobody can know: then it is said that it may not have arrived.
    assert len(whole) == (0 if where == "mail.before_text" else 1)
    assert mail().state == (MailState.SENT if where == "mail.after_claim" else MailState.UNCONFIRMED)
    assert NoticeReceipt.objects.count() == 1


def test_workers_side_by_side_send_each_e_mail_once(fresh_database, sink):
    for number in range(8):
        make_staff(f"u{number}", "administrator")
        User.objects.filter(username=f"u{number}").update(email=f"u{number}@example.com")
    tell(now=datetime.now(UTC))
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: _work(""), range(4)))
    assert sorted(recipient for recipient, _ in sink.got) == [f"u{number}@example.com" for number in range(8)]


def test_a_job_is_mailed_to_whom_it_belongs(ada, sink):
    NoticeSubscription.objects.create(kind="job_finished", user=ada, channel=Channel.EMAIL)
    notify(
        "job_finished", "The import of a.csv ended", link="/admin/imports/4/", audience=only("ada"), now=NOW
    )
    send()
    assert sink.messages[0]["Subject"] == "[Headwater] The import of a.csv ended"
