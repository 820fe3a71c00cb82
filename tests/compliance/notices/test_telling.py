"""What is told, to whom, and how often."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.enums import Channel, Operation, Severity
from compliance.models import Notice, NoticeReceipt, NoticeSubscription, Role, User
from compliance.notices import Kind, notify, only, over, over_but, register_kind
from compliance.notices.kinds import kind_of
from compliance.notices.wording import one_line, paragraph
from tests.compliance.conftest import NOW
from tests.compliance.notices.conftest import make_staff

pytestmark = pytest.mark.django_db
LINK = "/admin/consumers/profiles/"


def tell(key="consumer:profiles", *, now=NOW, subject="profiles stands", **options):
    notify("consumer_behind", subject, "It was killed.", link=LINK, now=now, key=key, **options)


def inbox(name):
    return [row.notice.subject for row in NoticeReceipt.objects.filter(user__username=name).order_by("id")]


def test_those_who_may_mend_it_are_told(administrator, marketer):
    tell()
    assert inbox("ada") == ["profiles stands"]
    assert inbox("mia") == []


def test_nobody_who_is_shut_out_is_told(administrator):
    User.objects.update(is_active=False)
    tell()
    assert NoticeReceipt.objects.count() == 0


def test_an_ongoing_trouble_is_one_notice_with_the_latest_words(administrator):
    for minute in range(50):
        tell(now=NOW + timedelta(minutes=minute), subject=f"profiles is {minute} minutes behind")
    notice = Notice.objects.get()
    assert (notice.subject, notice.began_at) == ("profiles is 49 minutes behind", NOW)
    assert notice.told_at == NOW + timedelta(minutes=49)
    assert NoticeReceipt.objects.count() == 1


def test_two_troubles_are_two(administrator):
    tell()
    tell("consumer:sessions")
    assert len(inbox("ada")) == 2


def test_what_is_over_ends_once_and_can_begin_again(administrator):
    tell()
    over("consumer_behind", "consumer:profiles", now=NOW + timedelta(minutes=3))
    over("consumer_behind", "consumer:profiles", now=NOW + timedelta(minutes=9))
    assert Notice.objects.get().ended_at == NOW + timedelta(minutes=3)
    tell(now=NOW + timedelta(hours=1))
    assert Notice.objects.filter(ended_at=None).count() == 1
    assert Notice.objects.count() == 2


def test_what_comes_and_goes_within_minutes_is_one_trouble(administrator):
    tell()
    over_but("consumer_behind", [], now=NOW + timedelta(minutes=2))
    tell(now=NOW + timedelta(minutes=4))
    over_but("consumer_behind", [], now=NOW + timedelta(minutes=8))
    assert Notice.objects.get().ended_at is None
    over_but("consumer_behind", ["consumer:profiles"], now=NOW + timedelta(minutes=30))
    assert Notice.objects.get().ended_at is None
    over_but("consumer_behind", [], now=NOW + timedelta(minutes=31))
    assert Notice.objects.get().ended_at == NOW + timedelta(minutes=31)


def test_many_troubles_end_in_as_few_statements_as_one(administrator, django_assert_max_num_queries):
    for number in range(20):
        tell(f"consumer:{number}")
    with django_assert_max_num_queries(5):
        over_but("consumer_behind", ["consumer:7"], now=NOW + timedelta(minutes=30))
    assert [each.key for each in Notice.objects.filter(ended_at=None)] == ["consumer:7"]


def test_a_trouble_of_a_day_is_told_again(administrator):
    tell()
    NoticeReceipt.objects.update(read_at=NOW)
    tell(now=NOW + timedelta(hours=23))
    assert NoticeReceipt.objects.get().read_at == NOW
    tell(now=NOW + timedelta(hours=25))
    assert NoticeReceipt.objects.get().read_at is None


def test_a_job_is_told_once_to_whom_it_belongs(administrator, marketer):
    for _ in range(3):
        notify(
            "job_finished",
            "The import of a.csv ended",
            link="/admin/imports/4/",
            audience=only("mia"),
            now=NOW,
        )
    notify(
        "job_finished",
        "A job of the schedule ended",
        link="/admin/imports/5/",
        audience=only("schedule"),
        now=NOW,
    )
    assert inbox("mia") == ["The import of a.csv ended"]
    assert inbox("ada") == []


def subscribe(kind, channel, *, user=None, role=None):
    role = role and Role.objects.get(group__name=role)
    NoticeSubscription.objects.create(kind=kind, channel=channel, user=user, role=role)


def way(name):
    return NoticeReceipt.objects.get(user__username=name).channel


def test_a_person_chooses_and_the_loudest_of_their_roles_does_otherwise(administrator):
    role = Role.objects.create(
        group=administrator.groups.create(name="engineer"), operations=["pipeline.view"]
    )
    other = make_staff("eve", "engineer")
    tell("a")
    assert (way("ada"), way("eve")) == (Channel.EMAIL, Channel.EMAIL)  # the kind's own way
    Notice.objects.all().delete()
    NoticeSubscription.objects.create(kind="consumer_behind", channel=Channel.DIGEST, role=role)
    subscribe("consumer_behind", Channel.PRODUCT, role="administrator")
    tell("b")
    assert (way("ada"), way("eve")) == (Channel.DIGEST, Channel.DIGEST)
    Notice.objects.all().delete()
    subscribe("consumer_behind", Channel.OFF, user=other)
    tell("c")
    assert inbox("eve") == []
    assert way("ada") == Channel.DIGEST


def test_a_link_leads_nowhere_else():
    for link in ("https://evil.example/", "//evil.example/", "/\\evil.example", "", "admin/", "/a b"):
        with pytest.raises(ValueError, match="a path of ours"):
            notify("dead_letters", "x", link=link, now=NOW)


def test_an_unknown_kind_and_an_empty_subject_are_refused():
    with pytest.raises(ValueError, match="no kind of notices 'gossip'"):
        notify("gossip", "x", link="/admin/", now=NOW)
    with pytest.raises(ValueError, match="a notice needs a subject"):
        notify("dead_letters", " \r\n ", link="/admin/", now=NOW)


def test_two_kinds_of_one_name_are_refused():
    taken = kind_of("dead_letters")
    register_kind(taken)
    with pytest.raises(ValueError, match="two kinds"):
        register_kind(Kind("dead_letters", "Others", Severity.INFO, Operation.HOME_VIEW))


def test_a_notice_names_no_customer(administrator):
    notify(
        "job_finished", "The import of jane.doe@example.com.csv ended", "Call +44 20 7946 0018.\r\nBcc: all@example.com",
        link="/admin/imports/4/", audience=only("ada"), now=NOW,
    )  # fmt: skip
    told = Notice.objects.get()
    assert "jane" not in told.subject + told.body
    assert "7946" not in told.body
    assert "all@" not in told.body


@settings(deadline=None, max_examples=60)  # the first telephone number loads all plans
@given(st.text(max_size=300))
def test_a_subject_is_one_line_and_a_body_is_text(text):
    subject, body = one_line(text), paragraph(text)
    assert all(character.isprintable() or character == " " or ord(character) > 159 for character in subject)
    assert len(subject) <= 200
    assert "\r" not in body
    assert len(subject.splitlines()) <= 1
