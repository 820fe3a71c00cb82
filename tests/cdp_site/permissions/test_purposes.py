"""Who is bound to a purpose sees arriving events that may be used for it, of people who may be: nothing else is there."""

from typing import Any, NamedTuple

import orjson
import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from compliance.actors import Actor
from compliance.enums import ActorKind, Category, Operation
from compliance.models import AuditEntry, Role, User
from ingestion.domain.queries.opening import open_event, open_rejection
from ingestion.domain.queries.permitted import EventUseDenied
from ingestion.domain.queries.rejected import rejected_items
from ingestion.domain.queries.watching import watch
from ingestion.enums import QuarantineState
from ingestion.models import LiveEvent, Quarantined, Rejection, Source
from tests.conftest import Database
from tests.profiles.builder.driver import Driver, event

ALL = Actor.system("all")
BOUND = Actor(
    ActorKind.STAFF,
    "bound",
    frozenset(Operation),
    frozenset(Category),
    purposes=frozenset({"marketing"}),
)
SAYS = {True: {"consent": {"categoryPreferences": {"Marketing": True}}}, False: {"consent": {"categoryPreferences": {"Marketing": False}}}, None: {}}  # fmt: skip
PLAN = "it breaks `total`"


class Sent(NamedTuple):
    """An event that arrived, where it waits in Live, in quarantine and among what was rejected."""

    live: int
    held: int
    rejected: int


@pytest.fixture(scope="module")
def sent(values: dict[str, Any]) -> dict[str, Sent]:
    """By what is told of it: who consents, refuses, is silent, is nobody yet; and of whom consents what is for another purpose."""
    from django.db import connection

    del values
    source = Source.objects.get(name="Web shop")
    driver = Driver(Database(connection.settings_dict["NAME"]))
    of: dict[str, Any] = {"source_id": source.pk}
    driver.send(
        *(
            event(
                "identify",
                minutes=10,
                user_id=who,
                context=SAYS[says],
                traits={"name": who},
                message_id=f"known-{who}",
                **of,
            )
            for who, says in (("pgrants", True), ("prefuses", False), ("psilent", None))
        )
    )
    driver.close()
    said: dict[str, dict[str, Any]] = {
        "pgrants": {"user_id": "pgrants"},
        "prefuses": {"user_id": "prefuses"},
        "psilent": {"user_id": "psilent"},
        "pnobody": {"user_id": "pnobody", "context": SAYS[True]},
        "pelse": {"user_id": "pgrants", "purposes": ["service"]},
        "pnot": {"user_id": "pgrants", "context": SAYS[False]},
        "pkeys": {"user_id": "pgrants", "key_purposes": {"properties.total": ["service"]}},
    }
    return {name: _arrive(source, name, fields) for name, fields in said.items()}


def _arrive(source: Source, name: str, fields: dict[str, Any]) -> Sent:
    now = timezone.now()
    told = event(minutes=20, name=f"{name} done", source_id=source.pk, properties={"total": f"{name}-7"})
    raw = orjson.dumps({**told, **fields}).decode()
    live = LiveEvent.objects.create(
        at=now, source=source, type="track", name=f"{name} done", result="accepted", message_id=f"m-{name}", raw=raw
    )  # fmt: skip
    held = Quarantined.objects.create(
        source=source, client_time=0, hash=f"00000000-0000-0000-0000-{live.pk:012}", message_id=f"m-{name}", type="track",
        name="held", reason=PLAN, plan_version=1, received_at=now, quarantined_at=now, value=raw, state=QuarantineState.OPEN,
    )  # fmt: skip
    item = {
        "type": "track",
        "event": f"{name} no",
        "userId": fields["user_id"],
        "context": fields.get("context"),
    }
    item |= {"purposes": fields["purposes"]} if "purposes" in fields else {}
    rejected = Rejection.objects.create(
        source=source, received_at=now, code="invalid", reason="no", type="track", name=f"{name} no",
        raw=orjson.dumps(item).decode(), raw_bytes=2,
    )  # fmt: skip
    return Sent(live.pk, held.pk, rejected.pk)


@pytest.fixture(scope="module")
def staff(sent: dict[str, Sent]) -> Client:
    """A member of staff who may do and see everything, for marketing."""
    del sent
    group = Group.objects.create(name="for marketing")
    Role.objects.create(
        group=group, operations=list(Operation), categories=list(Category), purposes=["marketing"]
    )
    user = User.objects.create(username="for marketing", is_staff=True)
    user.groups.add(group)
    client = Client()
    client.force_login(user)
    return client


MAY = {"pgrants", "pkeys"}
MAY_NOT = {"prefuses", "psilent", "pnobody", "pelse", "pnot"}


def test_live_lists_what_may_be_used_and_leaves_out_the_rest(sent, staff):
    assert {each.event.pk for each in watch(BOUND)} == {sent[name].live for name in MAY}
    assert {each.live for each in sent.values()} <= {each.event.pk for each in watch(ALL)}
    for path in ("live/", "live/rows/"):
        page = staff.get(f"/admin/{path}").content.decode()
        assert "pgrants done" in page, path
        assert [name for name in MAY_NOT if f"{name} done" in page] == [], path
    assert len(watch(BOUND, limit=1)) == 1


@pytest.mark.parametrize("name", sorted(MAY_NOT))
def test_an_event_that_may_not_be_used_is_refused_and_that_is_kept(sent, staff, name):
    with pytest.raises(EventUseDenied, match="may not be used for this purpose"):
        open_event(BOUND, sent[name].live)
    row = AuditEntry.objects.latest("id")
    assert (row.actor, row.action, row.target) == ("bound", "access.denied", "use:marketing")
    answers = [
        staff.get(f"/admin/live/{sent[name].live}/"),
        staff.get(f"/admin/live/{sent[name].live}/way/"),
        staff.get(f"/admin/quarantine/{sent[name].held}/trace/"),
        staff.get(f"/admin/rejections/{sent[name].rejected}/"),
    ]
    assert [each.status_code for each in answers] == [403] * len(answers)
    assert [each for each in answers if f"{name}-7" in each.content.decode()] == []
    assert open_event(ALL, sent[name].live).raw is not None


def test_an_event_that_may_be_used_is_opened_without_what_is_for_another_purpose(sent, staff):
    assert open_event(BOUND, sent["pgrants"].live).document["properties"]["total"] == "pgrants-7"
    opened = open_event(BOUND, sent["pkeys"].live)
    assert "pkeys-7" not in str(opened)
    assert opened.raw is None
    assert "pkeys-7" in str(open_event(ALL, sent["pkeys"].live))
    assert staff.get(f"/admin/live/{sent['pgrants'].live}/way/").status_code == 200


def test_a_group_in_quarantine_shows_samples_that_may_be_used_and_counts_all(sent, staff):
    page = staff.get(f"/admin/quarantine/{sent['pgrants'].held}/").content.decode()
    assert "pgrants-7" in page
    assert [name for name in (*MAY_NOT, "pkeys") if f"{name}-7" in page] == []
    counted = Quarantined.objects.filter(reason=PLAN, state=QuarantineState.OPEN).count()
    assert f"of the {counted} newest would pass" in " ".join(page.split())


def test_of_what_was_rejected_there_is_no_name_that_may_not_be_used(sent):
    named = {each.name for each in rejected_items(BOUND, limit=100) if each.name}
    assert {f"{name} no" for name in ("pgrants", "pkeys")} == named
    assert open_rejection(BOUND, sent["pgrants"].rejected).document["event"] == "pgrants no"


def test_a_message_is_traced_where_its_person_may_be_used(sent, staff):
    for who, is_there in (("pgrants", True), ("prefuses", False), ("psilent", False)):
        page = staff.get(f"/admin/trace/known-{who}/").content.decode()
        assert ("nothing is known" in page.lower()) is not is_there, who


def test_a_withdrawal_closes_what_was_open_a_moment_ago(sent, values):
    from django.db import connection

    source = Source.objects.get(name="Web shop")
    driver = Driver(Database(connection.settings_dict["NAME"]))
    of: dict[str, Any] = {"user_id": "pleaves", "source_id": source.pk}
    driver.send(event("identify", minutes=29, context=SAYS[True], **of))
    arrived = _arrive(source, "pleaves", {"user_id": "pleaves"}).live
    assert open_event(BOUND, arrived)
    assert arrived in {each.event.pk for each in watch(BOUND)}
    driver.send(event(minutes=30, context=SAYS[False], **of))
    driver.close()
    with pytest.raises(EventUseDenied):
        open_event(BOUND, arrived)
    assert arrived not in {each.event.pk for each in watch(BOUND)}
