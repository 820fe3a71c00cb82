"""The inbox, the bell, the choices and the page of the mail server, through the screens."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from compliance.models import AuditEntry, Notice, NoticeReceipt, NoticeSubscription, Role, User
from compliance.notices import notify, only, over
from compliance.notices.inbox import Snooze
from tests.compliance.notices.conftest import make_staff
from tests.smtp_sink import Sink, serving

pytestmark = pytest.mark.django_db
INBOX = "/admin/inbox/"


@pytest.fixture
def ada(client):
    user = make_staff("ada", "administrator")
    client.force_login(user)
    return user


def tell(key="a", subject="profiles stands", now=None):
    notify(
        "consumer_behind",
        subject,
        "It was killed.",
        link="/admin/consumers/",
        now=now or timezone.now(),
        key=key,
    )


def text(answer):
    return " ".join(answer.content.decode().split())


def receipt(key="a"):
    return NoticeReceipt.objects.get(notice__key=key, user__username="ada")


def test_a_notice_is_seen_opened_and_read(client, ada):
    assert "You have seen everything" in text(client.get(INBOX))
    tell()
    assert "hw-bell-count" in text(client.get("/admin/inbox/bell/"))
    page = text(client.get(INBOX))
    assert "1 unread." in page
    assert "profiles stands" in page
    assert "Still so, since" in page
    answer = client.get(f"/admin/inbox/{receipt().pk}/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/consumers/")
    assert "hw-bell-count" not in text(client.get("/admin/inbox/bell/"))
    assert "profiles stands" not in text(client.get(INBOX))
    over("consumer_behind", "a", now=timezone.now())
    assert "Over" in text(client.get(f"{INBOX}?show=all"))


def test_nobody_opens_or_marks_what_is_anothers(client, ada):
    tell()
    theirs = receipt()
    client.force_login(make_staff("eve", "administrator"))
    assert client.get(f"/admin/inbox/{theirs.pk}/").status_code == 404
    client.post(f"/admin/inbox/{theirs.pk}/mark/", {"as": "read"})
    client.post("/admin/inbox/all/")
    assert receipt().read_at is None
    assert "profiles stands" not in text(client.get(f"{INBOX}?show=all"))


def test_unread_again_and_all_read(client, ada):
    for number in range(3):
        tell(str(number))
    one = receipt("0")
    client.post(f"/admin/inbox/{one.pk}/mark/", {"as": "read"})
    assert receipt("0").read_at is not None
    client.post(f"/admin/inbox/{one.pk}/mark/", {"as": "unread"})
    assert receipt("0").read_at is None
    answer = client.post("/admin/inbox/all/", {"show": "all"}, follow=True)
    assert "3 marked as read." in text(answer)
    assert not NoticeReceipt.objects.filter(read_at=None).exists()


def test_what_is_snoozed_is_away_until_then(client, ada):
    tell()
    client.post(f"/admin/inbox/{receipt().pk}/mark/", {"as": "hour"})
    assert "profiles stands" not in text(client.get(INBOX))
    assert "put away, comes back" in text(client.get(f"{INBOX}?show=snoozed"))
    assert client.post("/admin/inbox/all/", follow=True).status_code == 200
    assert receipt().read_at is None, "what is put away is not read"
    NoticeReceipt.objects.update(snoozed_until=timezone.now() - timedelta(seconds=1))
    assert "profiles stands" in text(client.get(INBOX))


def test_a_notice_is_put_away_until_a_chosen_moment(client, ada, settings):
    settings.TIME_ZONE = "Europe/Amsterdam"
    tell()
    mark, zone = f"/admin/inbox/{receipt().pk}/mark/", ZoneInfo("Europe/Amsterdam")
    moment = (timezone.now() + timedelta(days=3)).astimezone(zone).replace(second=0, microsecond=0)
    client.post(mark, {"as": "until", "until": moment.strftime("%Y-%m-%dT%H:%M")})
    assert receipt().snoozed_until == moment
    assert "Until (Europe/Amsterdam)" in text(client.get(f"{INBOX}?show=snoozed"))
    for until, told in (
        ("", "Choose a day and a time"), ("soon", "Choose a day and a time"),
        ("2020-01-01T08:00", "put away until a moment of the next 60 days"), ("2999-01-01T08:00", "the next 60 days"),
    ):  # fmt: skip
        assert told in text(client.post(mark, {"as": "until", "until": until}, follow=True))
    assert receipt().snoozed_until == moment


@pytest.mark.parametrize(
    ("snooze", "now", "until"),
    [
        (Snooze.HOUR, datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 0, 30, tzinfo=UTC)),
        # Clocks go forward in Berlin on 29 March: eight o'clock is six in UTC.
        (Snooze.TOMORROW, datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC)),
        (Snooze.MONDAY, datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 30, 6, tzinfo=UTC)),
        (Snooze.MONDAY, datetime(2026, 3, 30, 4, tzinfo=UTC), datetime(2026, 4, 6, 6, tzinfo=UTC)),
    ],
)
def test_mornings_are_those_of_the_installation(settings, snooze, now, until):
    settings.TIME_ZONE = "Europe/Berlin"
    assert snooze.until(now) == until


def test_pages_of_the_inbox(client, ada):
    for number in range(60):
        notify("job_finished", f"job {number:02} ended", link=f"/admin/imports/{number}/", audience=only("ada"), now=timezone.now())  # fmt: skip
    first = client.get(INBOX)
    assert "job 59 ended" in text(first)
    assert "job 09 ended" not in text(first)
    rest = text(client.get(f"{INBOX}?before={first.context['next']}"))
    assert "job 09 ended" in rest
    assert "job 10 ended" not in rest


def test_the_inbox_takes_the_same_queries_for_many(client, ada, django_assert_max_num_queries):
    for number in range(40):
        tell(str(number))
    with django_assert_max_num_queries(12):
        client.get(INBOX)


def test_a_notice_of_another_release_is_shown(client, ada):
    tell()
    Notice.objects.update(kind="from_the_future")
    assert "profiles stands" in text(client.get(INBOX))


def test_what_is_told_is_not_markup(client, ada):
    tell(subject="<script>alert(1)</script>")
    assert "<script>alert(1)" not in client.get(INBOX).content.decode()


def test_a_person_chooses(client, ada):
    client.post("/admin/settings/notifications/", {"email": "ada@example.com", "kind:consumer_behind": "off"})
    tell()
    assert not NoticeReceipt.objects.exists()
    assert User.objects.get(pk=ada.pk).email == "ada@example.com"
    assert AuditEntry.objects.filter(actor="ada", action="notices.choose").count() == 1
    client.post("/admin/settings/notifications/", {"email": "ada@example.com", "kind:consumer_behind": ""})
    assert not NoticeSubscription.objects.exists()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"email": "ada@example.com\r\nBcc: x@y.example"}, "This is no e-mail address"),
        ({"email": "", "kind:consumer_behind": "shout"}, "is no way"),
        ({"email": "", "kind:gossip": "off"}, "There is no kind of notices"),
    ],
)
def test_a_wrong_choice_is_said(client, ada, sent, said):
    answer = client.post("/admin/settings/notifications/", sent)
    assert answer.status_code == 400
    assert said in text(answer)


def test_roles_are_chosen_for_by_who_manages_users(client, ada):
    role = Role.objects.get(group__name="administrator")
    address = f"/admin/settings/notifications/{role.pk}/"
    client.post(address, {"kind:consumer_behind": "digest"})
    tell()
    assert receipt().channel == "digest"
    assert "selected>Inbox, and a daily e-mail" in text(client.get(address))
    client.force_login(make_staff("mia", "marketer"))
    assert client.post(address, {"kind:consumer_behind": "off"}).status_code == 403
    page = text(client.get("/admin/settings/notifications/"))
    assert "A job of mine ended" in page
    assert "Messages were refused" not in page, "she could not see to them"
    assert client.get("/admin/settings/mail/").status_code == 403


def test_the_mail_server_is_tested_and_what_is_wrong_is_said(client, ada, settings):
    page = "/admin/settings/mail/"
    assert "SMTP_HOST=mail.example.com" in text(client.get(page))
    assert "there is no mail server" in text(client.post(f"{page}test/", follow=True))
    with serving(Sink()) as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "localhost", sink.port, 2
        settings.DEFAULT_FROM_EMAIL = "headwater@example.com"
        assert "you have no e-mail address" in text(client.post(f"{page}test/", follow=True))
        User.objects.filter(pk=ada.pk).update(email="ada@example.com")
        assert "The server took an e-mail to ada@example.com" in text(
            client.post(f"{page}test/", follow=True)
        )
        assert sink.messages[0]["Subject"] == "[Headwater] A test of the mail server"
        sink.answers["RCPT"] = "550 nobody here"
        told = text(client.post(f"{page}test/", follow=True))
    assert "No e-mail went out: the server does not take e-mails for this address: 550 nobody here." in told
