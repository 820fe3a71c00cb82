"""Sessions of members of staff: whose, since when, and ended by the next request."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from compliance.access import AccessDenied, Actor
from compliance.domain import sessions
from compliance.enums import ActorKind
from compliance.models import AuditEntry, UserSession
from tests.compliance.conftest import PASSWORD, SYSTEM

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def signed_in(username: str) -> Client:
    client = Client(HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="10.0.0.7")
    assert client.post("/admin/login/", {"username": username, "password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/admin/inbox/").status_code == 200


def test_a_sign_in_is_a_session_with_its_browser_in_plain_words(marketer):
    signed_in("mia")
    session = UserSession.objects.get()
    assert (session.user, session.address, session.browser) == (marketer, "10.0.0.7", "Firefox on Linux")


def test_sessions_of_users_are_ended_in_one_go_and_told(
    marketer, administrator, django_assert_max_num_queries
):
    hers, his, other = signed_in("mia"), signed_in("mia"), signed_in("ada")
    with django_assert_max_num_queries(4):
        assert sessions.end_sessions(users=[marketer.pk], by=SYSTEM, why="left the directory") == 2
    assert not is_in(hers)
    assert not is_in(his)
    assert is_in(other)
    entry = AuditEntry.objects.get(action="session.end")
    assert (entry.target, entry.detail) == ("user:mia", {"sessions": 2, "why": "left the directory"})
    assert Session.objects.count() == 1  # a process of the release before asks for these only


def test_who_has_no_session_is_told_nothing_of(marketer):
    assert sessions.end_sessions(users=[marketer.pk], by=SYSTEM, why="") == 0
    assert not AuditEntry.objects.filter(action="session.end").exists()


def test_ending_takes_the_right_to_manage_users(marketer):
    nobody = Actor(ActorKind.STAFF, "mia")
    with pytest.raises(AccessDenied):
        sessions.end_sessions(users=[marketer.pk], by=nobody, why="")
    with pytest.raises(AccessDenied):
        sessions.end_session(user=marketer, session_id=1, by=nobody)


def test_one_session_is_ended_and_others_go_on(marketer):
    first, second = signed_in("mia"), signed_in("mia")
    newest = sessions.open_sessions(user=marketer, now=timezone.now())[0]
    assert sessions.end_session(user=marketer, session_id=newest.pk, by=SYSTEM)
    assert not sessions.end_session(user=marketer, session_id=newest.pk, by=SYSTEM)
    assert is_in(first)
    assert not is_in(second)


def test_nobody_ends_the_session_of_somebody_else_as_their_own(marketer, administrator):
    client = signed_in("ada")
    hers = UserSession.objects.get()
    assert sessions.end_own(user=marketer, by=SYSTEM, why="", session_id=hers.pk) == 0
    assert is_in(client)


def test_a_session_left_alone_ends(marketer, time_machine):
    time_machine.move_to("2026-11-24 12:00:00+00:00", tick=False)
    client = signed_in("mia")
    time_machine.shift(timedelta(minutes=59))
    assert is_in(client)
    time_machine.shift(timedelta(minutes=59))
    assert is_in(client)
    time_machine.shift(timedelta(minutes=61))
    assert not is_in(client)


def test_what_a_page_asks_by_itself_does_not_keep_a_session(marketer, time_machine):
    time_machine.move_to("2026-11-24 12:00:00+00:00", tick=False)
    client = signed_in("mia")
    time_machine.shift(timedelta(minutes=59))
    assert (
        client.get("/admin/inbox/bell/", headers={"X-Unattended": "1", "HX-Request": "true"}).status_code
        == 200
    )
    time_machine.shift(timedelta(minutes=2))
    assert not is_in(client)


def test_a_session_in_use_ends_after_a_working_day(marketer, time_machine):
    time_machine.move_to("2026-11-24 06:00:00+00:00", tick=False)
    client = signed_in("mia")
    for _ in range(12):
        time_machine.shift(timedelta(minutes=59))
        assert is_in(client)
    time_machine.shift(timedelta(minutes=30))
    assert not is_in(client)


def test_being_seen_is_kept_once_a_minute(marketer, time_machine, django_assert_num_queries):
    time_machine.move_to("2026-11-24 12:00:00+00:00", tick=False)
    signed_in("mia")
    session = UserSession.objects.get()
    with django_assert_num_queries(0):
        sessions.seen(session, now=timezone.now())
    time_machine.shift(timedelta(minutes=1))
    with django_assert_num_queries(1):
        sessions.seen(session, now=timezone.now())


def test_what_ended_is_forgotten(marketer, time_machine):
    time_machine.move_to("2026-11-24 12:00:00+00:00", tick=False)
    signed_in("mia")
    time_machine.shift(timedelta(minutes=50))
    client = signed_in("mia")
    time_machine.shift(timedelta(minutes=20))
    assert sessions.forget_ended(now=timezone.now()) == 1
    assert UserSession.objects.count() == Session.objects.count() == 1
    assert is_in(client)


def test_signing_out_ends_the_session_and_is_told(marketer):
    client = signed_in("mia")
    client.post("/admin/logout/")
    assert not UserSession.objects.exists()
    entry = AuditEntry.objects.get(action="sign_out.done")
    assert (entry.actor, entry.target, entry.address) == ("mia", "user:mia", "10.0.0.7")


def test_a_session_of_the_release_before_goes_on(marketer):
    client = signed_in("mia")
    UserSession.objects.all().delete()
    store = client.session
    del store["_headwater_session"]
    store.save()
    assert is_in(client)
    assert UserSession.objects.get().user == marketer


def test_a_request_of_a_session_costs_one_query_more(marketer, django_assert_num_queries):
    client = signed_in("mia")
    key = client.session.session_key
    assert key
    with django_assert_num_queries(1):
        assert sessions.current(key=key, user_id=marketer.pk, now=timezone.now())
