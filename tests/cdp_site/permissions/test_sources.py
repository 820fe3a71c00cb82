"""Who may see some sources: what came from others is not there for them, on any page and in any answer."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from guardian.shortcuts import assign_perm

from compliance.access import AccessDenied
from compliance.actors import Actor
from compliance.enums import Category, Operation
from compliance.models import AuditEntry, NoticeReceipt, Role, User
from compliance.notices import notify, seeing
from ingestion.domain.sources import SourceError, create_source, source_named
from ingestion.models import LiveEvent, Rejection, Source
from profiles.domain.declarable import Declared
from profiles.domain.declaring import declare
from profiles.domain.queries import identifiers, people, timeline, traits
from profiles.domain.queries.consent_history import consent_history
from profiles.domain.queries.consent_states import consent_states, consents_in_full
from profiles.domain.queries.consents import consents
from profiles.domain.queries.finding import UnknownPerson
from profiles.domain.queries.people import people_identified, person
from profiles.domain.queries.search import search
from profiles.domain.queries.social import social
from profiles.enums import DeclarationKind
from profiles.models import Profile
from tests.cdp_site.permissions.planted import BY, EMAIL, USER
from tests.conftest import Database
from tests.profiles.builder.driver import Driver, event

ALL = Actor.system("all")


def _limited(*sources: int) -> Actor:
    return Actor(ALL.kind, "limited", frozenset(Operation), frozenset(Category), sources=frozenset(sources))


def _says(**granted: bool) -> dict[str, Any]:
    return {"consent": {"categoryPreferences": granted}}


def _mine() -> int:
    return Source.objects.get(name="Web shop").pk


@pytest.fixture(scope="module")
def others(values: dict[str, Any]) -> Source:
    """Another source, that knows a person of its own, and of the planted one a phone number and a trait."""
    from django.db import connection

    del values
    source = create_source(name="Call centre", by=BY, now=timezone.now(), write_key="WRITEKEY2")
    driver = Driver(Database(connection.settings_dict["NAME"]))
    of: dict[str, Any] = {"source_id": source.pk}
    driver.send(
        event("identify", user_id=USER, minutes=60, traits={"phone": "+49 30 5550177", "vip": "zqvip"}, **of),
        event(
            "identify",
            user_id="zqtheirs",
            minutes=61,
            traits={"name": "Zqtheirs"},
            message_id="theirs-1",
            **of,
        ),
        event(user_id=USER, minutes=62, context=_says(marketing=False, zqtheirpurpose=True), **of),
        event(user_id=USER, minutes=63, context=_says(marketing=True), source_id=_mine()),
    )
    driver.close()
    LiveEvent.objects.create(
        at=timezone.now(), source=source, type="track", name="Zqtheirs Done", result="accepted", message_id="theirs-1",
        raw="{}",
    )  # fmt: skip
    Rejection.objects.create(
        source=source, received_at=timezone.now(), code="invalid", reason="no", type="track", name="Zqtheirs", raw="{}", raw_bytes=2
    )  # fmt: skip
    return source


@pytest.fixture(scope="module")
def mine(others: Source) -> Source:
    del others
    return Source.objects.get(name="Web shop")


@pytest.fixture(scope="module")
def staff(mine: Source) -> Client:
    """A member of staff who may do and see everything, of one source."""
    group = Group.objects.create(name="of one source")
    Role.objects.create(group=group, operations=list(Operation), categories=list(Category), all_sources=False)
    ContentType.objects.clear_cache()
    assign_perm("ingestion.view_source", group, mine)
    user = User.objects.create(username="limited", is_staff=True)
    user.groups.add(group)
    client = Client()
    client.force_login(user)
    return client


def _row(value: str) -> Profile:
    return Profile.objects.get(identifiers__namespace__key="user_id", identifiers__value=value)


def test_people_are_there_whom_a_source_of_theirs_knows(mine, others):
    theirs, both = _row("zqtheirs"), _row(USER)
    assert person(_limited(mine.pk), theirs.public_id) is None
    assert person(_limited(mine.pk), both.public_id) is not None
    with pytest.raises(UnknownPerson):
        timeline(_limited(mine.pk), theirs.public_id)
    seen = {each.id for each in people(_limited(mine.pk)).items}
    assert both.public_id in seen
    assert theirs.public_id not in seen
    assert {each.id for each in people(_limited(others.pk)).items} == {theirs.public_id, both.public_id}
    assert people(_limited()).items == []


def test_a_page_goes_on_over_people_of_other_sources(others):
    first = people(_limited(others.pk), limit=1)
    assert len(first.items) == 1
    assert len(people(_limited(others.pk), limit=1, cursor=first.next).items) == 1


def test_of_a_person_there_is_what_came_from_a_source_of_theirs(mine, others):
    both = _row(USER).public_id
    all_of_it, seen = traits(ALL, both), traits(_limited(mine.pk), both)
    assert "vip" in {each.key for each in all_of_it}
    assert "vip" not in {each.key for each in seen}
    found = person(_limited(mine.pk), both)
    assert found is not None
    assert "vip" not in {**found.traits}
    assert "vip" not in found.masked
    assert {each.source_id for each in timeline(_limited(mine.pk), both).items} == {mine.pk}
    assert {each.source_id for each in timeline(_limited(others.pk), both).items} == {others.pk}


def test_an_identifier_that_another_source_told_is_not_there(mine, others):
    both = _row(USER).public_id
    names = [each.namespace for each in identifiers(ALL, both).items]
    assert "phone" in names
    seen = identifiers(_limited(mine.pk), both).items
    assert "phone" not in {each.namespace for each in seen}
    assert "email" in {each.namespace for each in seen}
    found = person(_limited(mine.pk), both)
    assert found is not None
    assert "phone" not in {each.namespace for each in found.identifiers}
    assert len(people_identified(_limited(mine.pk), f"email:{EMAIL}")) == 1
    assert people_identified(_limited(mine.pk), "phone:+49305550177") == []
    assert len(people_identified(_limited(others.pk), "phone:+49305550177")) == 1
    assert search(_limited(mine.pk), "+49305550177").items == []


def test_of_consents_there_is_what_their_sources_said(mine, others, staff):
    both = _row(USER).public_id
    of_mine, of_others = _limited(mine.pk), _limited(others.pk)

    def states(actor: Actor) -> dict[str, str]:
        found = consents_in_full(actor, both).states
        return {each.key: each.stance for each in found if each.decided_by and each.key != "advertising"}

    # The newest of the one anchor is what counts; each is told what follows from what their sources said.
    assert states(ALL) == {"marketing": "granted", "zqtheirpurpose": "granted"}
    assert states(of_mine) == {"marketing": "granted"}
    assert states(of_others) == {"marketing": "refused", "zqtheirpurpose": "granted"}
    lights = {each.key: each.stance for each in consent_states(of_others, both)}
    assert lights["marketing"] == "refused"
    said = {each.key: each.said for each in consents_in_full(of_mine, both).states}
    assert [each.source for each in said["marketing"]] == [mine.name]
    granted = {each.purpose: each.granted for each in consents(of_mine, both).items}
    assert "zqtheirpurpose" not in granted
    assert granted["marketing"] is True
    assert "zqtheirpurpose" in {each.purpose for each in consents(ALL, both).items}
    told = consent_history(of_mine, both, limit=2).items  # two that they may see, whatever others said since
    assert mine.name in {each.source for each in told}
    assert others.name not in {each.source for each in told}
    tab = staff.get(f"/admin/people/{both}/tab/consents/").content.decode()
    assert "zqtheirpurpose" not in tab


def test_what_the_staff_recorded_is_told_to_all(mine, others):
    both = _row(USER).public_id
    at = timezone.now()
    declare(ALL, both, Declared(DeclarationKind.CONSENT, "advertising", True, at), now=at)
    for actor in (_limited(mine.pk), _limited(others.pk)):
        assert "advertising" in {each.purpose for each in consents(actor, both).items}
        assert "advertising" in {each.purpose for each in consent_history(actor, both).items}


def test_notices_of_a_source_reach_those_who_see_it(staff, visitors, mine, others):
    del staff, visitors
    for source in (mine, others):
        notify(
            "quarantine",
            f"events of {source.name} wait",
            link=f"/admin/quarantine/?source={source.pk}",
            audience=seeing(source.pk),
            now=timezone.now(),
        )
    told = NoticeReceipt.objects.filter(user__username="limited").values_list("notice__subject", flat=True)
    assert list(told) == [f"events of {mine.name} wait"]
    of_others = NoticeReceipt.objects.filter(notice__subject=f"events of {others.name} wait")
    assert of_others.filter(user__groups__role__all_sources=True).exists()


def test_what_cannot_be_told_apart_by_source_is_refused_and_kept(mine):
    with pytest.raises(AccessDenied):
        social(_limited(mine.pk), _row(USER).public_id)
    assert AuditEntry.objects.filter(actor="limited", action="access.denied").exists()


def test_pages_of_other_sources_are_not_there(staff, mine, others):
    for path, row in (("sources/{}/", "pk"), ("sources/{}/figures/", "pk"), ("plans/{}/", "pk")):
        assert staff.get(f"/admin/{path.format(mine.pk)}").status_code == 200, path
        assert staff.get(f"/admin/{path.format(others.pk)}").status_code == 404, (path, row)
    theirs = LiveEvent.objects.get(source=others).pk, Rejection.objects.get(source=others).pk
    assert staff.get(f"/admin/live/{theirs[0]}/").status_code == 404
    assert staff.get(f"/admin/rejections/{theirs[1]}/").status_code == 404
    assert staff.get(f"/admin/people/{_row('zqtheirs').public_id}/").status_code == 404
    assert staff.get(f"/admin/people/{_row(USER).public_id}/").status_code == 200
    assert "nothing is known" in staff.get("/admin/trace/theirs-1/").content.decode().lower()


def test_lists_name_no_other_source(staff, mine, others):
    for path in (
        "", "people/", "households/", "sources/", "live/", "live/rows/", "rejections/", "quarantine/", "plans/", "imports/", "imports/new/",
        "connections/", "connections/new/", "webhooks/", "catalogue/", "catalogue/keys/", "topics/", f"people/{_row(USER).public_id}/",
        f"people/{_row(USER).public_id}/tab/visits/", f"people/{_row(USER).public_id}/tab/graph/", f"people/{_row(USER).public_id}/why/",
    ):  # fmt: skip
        page = staff.get(f"/admin/{path}").content.decode()
        assert "Call centre" not in page, path
        assert "zqtheirs" not in page.lower(), path
        assert "zqvip" not in page.lower(), path
    assert "Web shop" in staff.get("/admin/sources/").content.decode()


def test_nobody_sends_into_a_source_that_they_do_not_see(mine, others):
    with pytest.raises(SourceError, match="choose one of those"):
        source_named(name=others.name, by=_limited(mine.pk), now=timezone.now())
    assert source_named(name=mine.name, by=_limited(mine.pk), now=timezone.now()) == mine


def test_home_tells_who_sees_some_sources_no_number_of_all_people(staff, visitors):
    assert "Identified" in visitors["administrator"].staff.get("/admin/").content.decode()
    assert "Identified" not in staff.get("/admin/").content.decode()


def test_payloads_are_for_who_sees_all_sources(staff, values):
    letter = staff.get(f"/admin/dead-letters/{values['letter']}/payload/")
    assert "zqidentity" not in letter.content.decode()
    assert staff.get("/admin/reconciliation/").status_code == 403


def test_who_sees_all_sources_costs_nothing_more():
    both = _row(USER).public_id
    for read in (timeline, traits, identifiers, person, consents, consents_in_full, consent_history):
        with CaptureQueriesContext(connection) as asked:
            read(ALL, both)
        assert [each["sql"] for each in asked if "source_id = ANY" in each["sql"]] == []
    with CaptureQueriesContext(connection) as asked:
        timeline(_limited(1), both)
    assert [each["sql"] for each in asked if "source_id = ANY" in each["sql"]], (
        "the check sees what it looks for"
    )
