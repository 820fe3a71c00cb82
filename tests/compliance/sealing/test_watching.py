"""Unusual access is told once: many people in an hour, outside hours, and looks at those looked after closely."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.db import connection

from compliance import subjects
from compliance.access import AccessDenied
from compliance.actors import Actor
from compliance.audit import record_read
from compliance.domain import access_watch
from compliance.domain.access_watch import Rules, TooManyVips, look_after, set_rules
from compliance.domain.roles.editing import change_role
from compliance.domain.roles.values import values_of
from compliance.domain.users import activate, deactivate, set_roles
from compliance.enums import ActorKind, Operation
from compliance.models import AccessDay, AccessWatch, AuditEntry, Notice, NoticeReceipt, Role, User
from compliance.sealing import unusual, watching
from compliance.sealing.sealer import seal
from compliance.sealing.watching import watch_access
from tests.compliance.conftest import SYSTEM
from tests.compliance.notices.conftest import make_staff

pytestmark = pytest.mark.django_db
MIA, BOB = (Actor(ActorKind.STAFF, name) for name in ("mia", "bob"))
CRM = Actor(ActorKind.TOKEN, "crm")
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)  # a Monday
USUAL = Rules(200, None, None, weekends_are_unusual=False)


@pytest.fixture(autouse=True)
def _watching(monkeypatch):
    monkeypatch.setattr(subjects, "_finders", [])
    make_staff("ada", "administrator")
    make_staff("mo", "marketer")
    seal()
    watch_access(now=NOW)  # from now on


def see(actor: Actor, *people: object, at: datetime = NOW, each: int = 1) -> None:
    """Rows of one look at so many of these each, at that time, sealed and looked through."""
    last = AuditEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0
    for few in batched(people, each):
        record_read(actor, action="person.read", subjects=[str(person) for person in few])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE compliance_auditentry SET at = %s WHERE id > %s", [at, last])
        cursor.execute("SET LOCAL session_replication_role = origin")
    seal()
    watch_access(now=NOW)


def told() -> list[str]:
    return list(Notice.objects.filter(kind="unusual_access").order_by("id").values_list("subject", flat=True))


def test_many_people_within_an_hour_though_they_come_little_by_little():
    set_rules(Rules(5, None, None, weekends_are_unusual=False), by=SYSTEM)
    people = [uuid4() for _ in range(6)]
    see(MIA, *people[:3])
    see(MIA, *people[:3], *people[:3])
    see(BOB, *people[3:])
    see(MIA, *people[3:5], at=NOW + timedelta(minutes=50))
    assert told() == []
    see(MIA, people[5], at=NOW + timedelta(minutes=59))
    assert told() == ["mia saw 6 people within an hour"]
    see(MIA, uuid4(), at=NOW + timedelta(minutes=59))
    assert len(told()) == 1, "once a day"
    assert [row.user.username for row in NoticeReceipt.objects.all()] == ["ada"]
    assert Notice.objects.get().link == "/admin/privacy/audit/?by=mia"


def test_who_takes_rights_that_they_do_not_have_is_told_and_the_trail_says_which():
    mo, eve = User.objects.get(username="mo"), make_staff("eve", "administrator")
    may_all = replace(SYSTEM, kind=ActorKind.STAFF, name="root")
    manager = Actor(ActorKind.STAFF, "max", frozenset({Operation.USERS_MANAGE}))
    deactivate(user=eve, by=may_all)
    activate(user=eve, by=may_all)
    set_roles(user=mo, roles=["marketer"], by=may_all)
    seal()
    watch_access(now=NOW)
    assert told() == []
    set_roles(user=mo, roles=[], by=manager)
    deactivate(user=eve, by=manager)
    seal()
    watch_access(now=NOW)
    assert told() == ["max took rights from others that they do not have themselves, 2 times"]
    assert [row.user.username for row in NoticeReceipt.objects.all()] == ["ada"]
    taken = {row.action: row.detail["taken_beyond_own"] for row in AuditEntry.objects.filter(actor="max")}
    assert "Search for people" in taken["user.set_roles"]
    assert "Export all that is kept of a person" in taken["user.deactivate"]


def test_what_a_role_loses_to_who_does_not_have_it_is_told():
    role = Role.objects.select_related("group").get(group__name="marketer")
    before = values_of([role])[role.pk]
    manager = Actor(ActorKind.STAFF, "max", frozenset({Operation.ROLES_MANAGE}))
    less = replace(before.reach, operations=before.reach.operations - {Operation.PEOPLE_SEARCH})
    change_role(role.pk, replace(before, reach=less), seen=before.version, by=manager)
    seal()
    watch_access(now=NOW)
    assert told() == ["max took rights from others that they do not have themselves, once"]
    kept = AuditEntry.objects.get(actor="max", action="role.change")
    assert kept.detail["taken_beyond_own"] == ["Search for people"]


def test_people_of_two_hours_are_not_added_up():
    set_rules(Rules(5, None, None, weekends_are_unusual=False), by=SYSTEM)
    see(MIA, *(uuid4() for _ in range(4)))
    see(MIA, *(uuid4() for _ in range(4)), at=NOW + timedelta(hours=1))
    assert told() == []


@pytest.mark.parametrize(
    ("opens", "closes", "hour", "is_unusual"),
    [
        (8, 18, 7, True), (8, 18, 8, False), (8, 18, 17, False), (8, 18, 18, True), (8, 18, 23, True),
        (20, 6, 23, False), (20, 6, 3, False), (20, 6, 12, True), (None, None, 3, False),
    ],
)  # fmt: skip
def test_hours(opens, closes, hour, is_unusual):
    begin, end = (None, None) if opens is None else (time(opens), time(closes))
    set_rules(Rules(200, begin, end, weekends_are_unusual=False), by=SYSTEM)
    see(MIA, uuid4(), at=NOW.replace(hour=hour))
    assert told() == (["mia looked at people outside the hours of work, once"] if is_unusual else [])


def test_weekends():
    set_rules(Rules(200, None, None, weekends_are_unusual=True), by=SYSTEM)
    see(MIA, uuid4())
    assert told() == []
    see(MIA, uuid4(), at=NOW - timedelta(days=1))
    assert len(told()) == 1


def test_looks_at_those_looked_after_closely():
    person = str(uuid4())
    look_after(person, by=SYSTEM, is_wanted=True)
    assert person not in str(AccessWatch.objects.get().vips)
    see(MIA, uuid4())
    assert told() == []
    see(MIA, person, person)
    assert told() == ["mia saw people of the list of those looked after closely, 2 times"]
    look_after(person, by=SYSTEM, is_wanted=False)
    see(BOB, person)
    assert len(told()) == 1


def anybody(count: int) -> list[str]:
    return [str(uuid4()) for _ in range(count)]


def batched(people: Sequence[object], each: int) -> Iterator[Sequence[object]]:
    return (people[at : at + each] for at in range(0, len(people), each))


@pytest.mark.parametrize("actor", [MIA, CRM])
def test_more_than_is_usual_for_whoever_looks(actor):
    set_rules(Rules(1000, None, None, weekends_are_unusual=False, times_usual=3, usual_from=10), by=SYSTEM)
    for ago in range(5, 0, -1):
        see(actor, *anybody(10), at=NOW - timedelta(days=ago), each=10)
        see(actor, *anybody(4), at=NOW - timedelta(days=ago, hours=2), each=4)
    see(BOB, *anybody(60), each=60)  # nobody knows yet what is usual for him
    see(actor, *anybody(30), each=30)
    assert told() == []
    see(actor, *anybody(1))
    [text] = told()
    assert "saw 31 people within an hour; in the busiest hour of their other days it was 10" in text


def test_few_people_are_never_more_than_usual():
    set_rules(Rules(1000, None, None, weekends_are_unusual=False, times_usual=3, usual_from=30), by=SYSTEM)
    for ago in range(5, 0, -1):
        see(MIA, *anybody(2), at=NOW - timedelta(days=ago), each=2)
    see(MIA, *anybody(29), each=29)
    assert told() == []
    see(MIA, *anybody(1))
    assert len(told()) == 1


def test_what_was_usual_long_ago_does_not_count_and_is_forgotten():
    set_rules(Rules(1000, None, None, weekends_are_unusual=False, times_usual=3, usual_from=5), by=SYSTEM)
    today = datetime.now(UTC).replace(hour=12)
    for ago in range(50, 45, -1):
        see(MIA, *anybody(2), at=today - timedelta(days=ago), each=2)
    see(MIA, *anybody(40), at=today, each=40)
    assert told() == []
    assert list(AccessDay.objects.values_list("people", flat=True)) == [40]


def test_nobody_is_compared_where_that_is_not_wanted():
    set_rules(Rules(1000, None, None, weekends_are_unusual=False, times_usual=None, usual_from=1), by=SYSTEM)
    for ago in range(5, 0, -1):
        see(MIA, *anybody(1), at=NOW - timedelta(days=ago))
    see(MIA, *anybody(50), each=50)
    assert told() == []


def test_programs_have_a_number_and_hours_of_their_own():
    rules = Rules(1, time(8), time(18), weekends_are_unusual=True, token_people_an_hour=3)
    set_rules(rules, by=SYSTEM)
    see(CRM, *anybody(3), at=NOW.replace(hour=3), each=3)
    assert told() == []
    see(CRM, *anybody(4), each=4)
    assert told() == ["The program crm saw 4 people within an hour"]
    set_rules(replace(rules, token_people_an_hour=None, tokens_keep_hours=True), by=SYSTEM)
    see(CRM, *anybody(9), at=NOW.replace(hour=3), each=9)
    assert told()[1:] == ["The program crm looked at people outside the hours of work, once"]


def test_programs_that_look_at_those_looked_after_closely():
    person = str(uuid4())
    look_after(person, by=SYSTEM, is_wanted=True)
    see(CRM, person)
    assert told() == ["The program crm saw people of the list of those looked after closely, once"]


def test_of_very_many_looks_the_newest_are_counted(monkeypatch):
    monkeypatch.setattr(unusual, "LOOKS", 3)
    set_rules(Rules(2, None, None, weekends_are_unusual=False), by=SYSTEM)
    see(MIA, *anybody(5))
    assert told() == ["mia saw 3 people within an hour"]


def test_what_was_before_is_not_told_of():
    set_rules(Rules(1, None, None, weekends_are_unusual=True), by=SYSTEM)
    AccessWatch.objects.all().delete()
    for _ in range(3):
        record_read(MIA, action="person.read", subjects=[uuid4()])
    seal()
    watch_access(now=NOW)
    assert told() == []


def test_a_backlog_is_looked_through_in_blocks(monkeypatch):
    monkeypatch.setattr(watching, "BLOCK", 2)
    monkeypatch.setattr(watching, "BLOCKS", 2)
    set_rules(Rules(6, None, None, weekends_are_unusual=False), by=SYSTEM)
    see(MIA, *(uuid4() for _ in range(7)))
    assert told() == []
    for _ in range(3):
        watch_access(now=NOW)
    assert told() == ["mia saw 7 people within an hour"]


def test_who_may_not_and_what_is_too_much(monkeypatch):
    manages = Actor(ActorKind.STAFF, "max", frozenset({Operation.USERS_MANAGE, Operation.AUDIT_VIEW}))
    with pytest.raises(AccessDenied):
        set_rules(USUAL, by=manages)
    for change in (lambda: set_rules(USUAL, by=MIA), lambda: look_after("x", by=MIA, is_wanted=True)):
        with pytest.raises(AccessDenied):
            change()
    monkeypatch.setattr(access_watch, "MOST_VIPS", 1)
    look_after("x", by=SYSTEM, is_wanted=True)
    with pytest.raises(TooManyVips):
        look_after("y", by=SYSTEM, is_wanted=True)


def test_the_page_changes_the_rules_and_the_list_and_shows_nobody(client):
    from compliance.models import User

    client.force_login(User.objects.get(username="ada"))
    page = "/admin/privacy/audit/alerts/"
    saved = client.post(
        page,
        {
            "people_an_hour": "7", "opens_at": "08:00", "closes_at": "18:30", "weekends_are_unusual": "on",
            "times_usual": "4", "usual_from": "25", "token_people_an_hour": "", "tokens_keep_hours": "on",
        },
    )  # fmt: skip
    assert saved.status_code == 302
    kept = AccessWatch.objects.get()
    assert (kept.times_usual, kept.usual_from, kept.token_people_an_hour, kept.tokens_keep_hours) == (
        4,
        25,
        None,
        True,
    )
    assert client.post(page, {"person": "user_id:42"}).status_code == 302
    told_now = client.get(page).content.decode()
    assert 'value="7"' in told_now
    assert 'value="18:30"' in told_now
    assert "1 id is on the list" in told_now
    assert "user_id:42" not in told_now
    assert client.post(page, {"people_an_hour": "many"}).status_code == 400
    one_hour = client.post(page, {"people_an_hour": "7", "usual_from": "25", "opens_at": "08:00"})
    assert (one_hour.status_code, "both hours as 08:00 or neither" in one_hour.content.decode()) == (
        400,
        True,
    )
    assert client.post(page, {"person": "user_id:42", "remove": "1"}).status_code == 302
    assert AccessWatch.objects.get().vips == []
    assert (
        AuditEntry.objects.filter(
            action__in=["audit.watch", "audit.look_after", "audit.look_after_end"]
        ).count()
        == 3
    )
    client.force_login(User.objects.get(username="mo"))
    assert client.get(page).status_code == 403
    assert client.post(page, {"people_an_hour": "1"}).status_code == 403
