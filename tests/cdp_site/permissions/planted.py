"""A person, and what else is kept of them, of whom each category of data has a value that stands nowhere else."""

from datetime import timedelta
from typing import Any

import orjson
from django.db import connection
from django.utils import timezone

from compliance.access import Actor
from compliance.enums import Category
from compliance.suppression import snapshot
from ingestion.domain.events import Envelope, accept_item, encode_accepted
from ingestion.domain.plans.loading import load_rules
from ingestion.domain.plans.publishing import publish, save_draft
from ingestion.domain.quarantine.storing import read_held, store_held
from ingestion.domain.sources import create_source
from ingestion.models import CatalogueEvent, CatalogueKey, LiveEvent, Quarantined, Rejection, Source
from profiles.models import Evidence, Household, Profile, TimelineEvent
from streaming.contracts.records import Record
from streaming.models import DeadLetter
from tests.conftest import Database
from tests.ingestion.domain.catalogue.test_storing import learn, record
from tests.profiles.builder.driver import Driver, at, event

BY = Actor.system("tests")
MARKS: dict[Category, str] = {each: f"zq{each.value}" for each in Category}
USER, OTHER, EMAIL = "zqidentity-1", "zqidentity-2", "zqcontact@example.com"
OF_ALL: dict[str, Any] = {
    "nickname": "zqidentity", "email": EMAIL, "interests": "zqbehaviour", "plan": "zqtransactions",
    "city": "zqlocation", "diagnosis": "zqspecial", "wibble": "zqunclassified",
}  # fmt: skip
"""A value of each category, by key."""
KEYS = {Category.SPECIAL: "diagnosis", Category.UNCLASSIFIED: "wibble"}
"""Keys that stand in no word of a page."""
NESTED = {**OF_ALL, "wobble": {"deeper": ["zqunclassified", {"faith": "zqspecial"}]}}
_NAME = "Zqbehaviour Done"
_KNOWN = "Order Held"  # what events are called stands in the catalogue and in plans, for it is about nobody
_PLAN = {
    "events": {f"track:{_KNOWN}": {"properties": {"total": {"type": "number"}}}},
    "policy": {"wrong": "quarantine"},
}


def plant(database: Database) -> dict[str, Any]:
    """Keep it all; gives what the addresses of pages are filled with."""
    source = create_source(name="Web shop", by=BY, now=timezone.now(), write_key="WRITEKEY1")
    _people(database, source)
    _beside(source)
    person, timeline = _person(), TimelineEvent.objects.filter(message_id="known-1").get()
    return {
        "busy": person.public_id, "wide": person.public_id, "usual": person.public_id,
        "tied": Profile.objects.get(identifiers__value=OTHER).public_id,
        "event": timeline.pk, "event_at": timeline.timestamp.isoformat().replace("+00:00", "Z"),
        "link": _link(person), "wide_link": _link(person), "review": _refused(), "source": source.pk,
        "club": _household("zqidentity-club"), "shared": _household("zqidentity-club"),
        "handed": person.identifiers.get(value=USER).pk,
        "live": LiveEvent.objects.get().pk, "rejection": Rejection.objects.get().pk, "sample": Quarantined.objects.get().pk,
        "catalogue_event": CatalogueEvent.objects.get(name=_KNOWN).pk,
        "catalogue_key": CatalogueKey.objects.get(name="wibble", kind="property").pk,
        "letter": DeadLetter.objects.get().pk,
    }  # fmt: skip


def _people(database: Database, source: Source) -> None:
    driver = Driver(database)
    device = "zqidentity-device"
    of: dict[str, Any] = {"source_id": source.pk}
    context = {"ip": "zqcontact", "page": {"path": "/zqbehaviour"}, "zzz": "zqunclassified"}
    driver.send(
        event("page", anonymous_id=device, minutes=0, name="zqbehaviour", properties=NESTED, context=context, **of),
        event("identify", anonymous_id=device, user_id=USER, minutes=1, traits={"name": "Zqidentity Person", **NESTED}, **of),
        event(user_id=USER, minutes=2, name=_NAME, message_id="known-1", properties={"total": 1, **NESTED}, context=context, **of),
        event("group", user_id=USER, group_id="zqidentity-club", minutes=3, traits=OF_ALL, **of),
        event("identify", anonymous_id=device, user_id=OTHER, minutes=4, traits={"name": "Zqidentity Other"}, **of),
        event("alias", user_id=USER, previous_id="zqidentity-0", minutes=5, **of),
    )  # fmt: skip
    driver.close()


def _beside(source: Source) -> None:
    """What arrived and is nobody's timeline: live, rejected, in quarantine, put aside, and what the catalogue saw of it."""
    now = timezone.now()
    told = event(
        user_id=USER,
        name=_NAME,
        message_id="live-1",
        properties=NESTED,
        source_id=source.pk,
        received_at=at(1),
    )
    LiveEvent.objects.create(
        at=now, source=source, type="track", name=_NAME, result="accepted", message_id="live-1", raw=orjson.dumps(told).decode(),
    )  # fmt: skip
    raw = orjson.dumps({"type": "track", "event": _NAME, "userId": USER, "properties": NESTED}).decode()
    Rejection.objects.create(
        source=source, received_at=now, code="invalid", reason="it is not taken", type="track", name=_NAME, raw=raw,
        raw_bytes=len(raw),
    )  # fmt: skip
    DeadLetter.objects.create(
        consumer="profiles", topic="events.other", partition=0, offset=3, key=b"k", value=orjson.dumps(told),
        reason="zqunclassified is no number", appended_at=now, created_at=now,
    )  # fmt: skip
    learn(record({"event": _KNOWN, "properties": OF_ALL}, source, now))
    publish(save_draft(source, _PLAN, by=BY, now=now), note="", by=BY, now=now)
    envelope = Envelope(source_id=source.pk, received_at=now, rules=load_rules()[source.pk])
    item = {
        "type": "track",
        "event": _KNOWN,
        "userId": USER,
        "messageId": "held-1",
        "properties": {**NESTED, "total": "much"},
    }
    held = Record("quarantine", 0, 0, b"u", encode_accepted(accept_item(item, envelope), item), (), now)
    connection.ensure_connection()
    store_held(connection.connection, [read_held(held)], people=snapshot(), now=now + timedelta(seconds=1))


def _person() -> Profile:
    return Profile.objects.get(identifiers__namespace__key="user_id", identifiers__value=USER)


def _link(person: Profile) -> int:
    found = (
        Evidence.objects.filter(a__profile=person, b__profile=person)
        .order_by("id")
        .values_list("id", flat=True)
        .first()
    )
    return found or 0


def _refused() -> int:
    found = Evidence.objects.filter(state="refused").order_by("id").values_list("id", flat=True).first()
    return found or 0


def _household(value: str) -> Any:
    return Household.objects.get(identifier__value=value).public_id
