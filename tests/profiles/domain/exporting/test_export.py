"""All that is kept of a person, as one file."""

import hashlib
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.access import AccessDenied, Actor
from compliance.enums import Category, Operation
from compliance.models import AuditEntry
from profiles.domain.exporting import export, export_person, foresee_export
from profiles.domain.exporting import reads as reads_part
from profiles.domain.exporting.reads import ids_of, reads_of
from profiles.domain.queries import UnknownPerson
from profiles.models import Anchor
from tests.profiles.builder.driver import START, event
from tests.profiles.people import ALL, MARKETER, builder, jane, reads  # noqa: F401 -- fixtures

NOW = START + timedelta(days=2)
SECTIONS = {
    "identifiers", "traits", "trait_values", "consents", "consent_history", "events", "visits", "behaviour", "social", "households",
    "links", "merges_and_splits", "reads",
}  # fmt: skip


def _export(profile, actor: Actor = ALL, why: str = "") -> dict[str, Any]:
    return dict(json.loads(b"".join(export_person(actor, profile.public_id, why=why, now=NOW))))


def _with(actor: Actor, *operations: Operation) -> Actor:
    return Actor(actor.kind, actor.name, actor.operations | set(operations), actor.categories)


def test_the_file_has_everything_with_where_it_came_from(builder, jane):  # noqa: F811
    builder.send(
        event("group", user_id="42", group_id="acme", minutes=5),
        event(
            user_id="42", minutes=6, context={"consent": {"categoryPreferences": {"Marketing": False}}},
            purposes=["service"],
        ),
    )  # fmt: skip
    found = _export(jane)
    assert set(found["counts"]) == SECTIONS
    assert all(len(found[name]) == count for name, count in found["counts"].items())
    assert found["profile"]["id"] == str(jane.public_id)
    held = {str(each) for each in Anchor.objects.filter(profile=jane).values_list("birth_id", flat=True)}
    assert set(found["profile"]["ids"]) == held
    assert {(each["namespace"], each["value"], each["standing"]) for each in found["identifiers"]} == {
        ("user_id", "42", "joins"), ("email", "jane@example.com", "joins"), ("anonymous_id", "a1", "joins"),
        ("anonymous_id", "a2", "joins"), ("group_id", "acme", "attaches"),
    }  # fmt: skip
    plan = next(each for each in found["traits"] if each["key"] == "plan")
    assert (plan["value"], plan["source"], plan["at"][:16]) == ("gold", "source 1", "2026-03-01T12:03")
    assert {each["key"] for each in found["trait_values"]} == {each["key"] for each in found["traits"]}
    assert [(each["purpose"], each["granted"]) for each in found["consents"]] == [("marketing", False)]
    assert found["counts"]["events"] == 6
    newest = found["events"][0]
    assert (newest["event"], newest["purposes"]) == ("Page Viewed", ["only", "service", "-marketing"])
    assert [each["value"] for each in found["households"]] == ["acme"]
    assert found["counts"]["merges_and_splits"] == 1
    assert found["masked_categories"] == []


def test_of_other_people_there_is_nothing_but_ids(builder, jane):  # noqa: F811
    builder.send(
        event("identify", anonymous_id="a1", user_id="secret-bob", minutes=9, traits={"name": "Bob"})
    )
    text = b"".join(export_person(ALL, jane.public_id, why="", now=NOW))
    assert b"secret-bob" not in text
    assert b"Bob" not in text
    refused = [each for each in json.loads(text)["links"] if each["state"] == "refused"]
    assert [end for each in refused for end in each["ends"] if not end["own"]] == [
        {"namespace": "user_id", "value": None, "own": False}
    ]


def test_a_long_history_is_whole_and_each_event_once(builder, jane):  # noqa: F811
    builder.send(*[event(user_id="42", minutes=10 + number / 100, name="Tick") for number in range(1203)])
    found = _export(jane)["events"]
    assert len(found) == len({each["message_id"] for each in found}) == 1207
    times = [each["timestamp"] for each in found]
    assert times == sorted(times, reverse=True)


def test_many_values_of_many_devices_are_each_there_once(builder, jane):  # noqa: F811
    builder.send(*[
        event("identify", user_id="42", anonymous_id=f"d{number % 40}", source_id=number, minutes=9,
              traits={"color": number, "size": number})
        for number in range(1, 601)
    ])  # fmt: skip
    values = _export(jane)["trait_values"]
    told = [(each["key"], each["value"]) for each in values if each["key"] in ("color", "size")]
    assert sorted(told) == sorted((key, number) for key in ("color", "size") for number in range(1, 601))


def test_the_trail_has_it_before_the_first_byte_and_its_hash_after_the_last(jane):  # noqa: F811
    parts = iter(export_person(ALL, jane.public_id, why="request of 3 May", now=NOW))
    assert AuditEntry.objects.filter(action="person.export").get().detail == {"why": "request of 3 May"}
    content = b"".join(parts)
    kept = AuditEntry.objects.filter(action="person.exported").get().detail
    found = json.loads(content)
    assert kept == {
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "items": sum(found["counts"].values()),
    }


def test_of_a_person_of_many_ids_only_some_are_asked_for_and_that_is_told(builder, jane, monkeypatch):  # noqa: F811
    said = "other ids than the eldest"
    assert not any(said in each for each in _export(jane)["not_in_this_file"])
    for module in (export, reads_part):
        monkeypatch.setattr(module, "MAX_IDS", 1)
    eldest = ids_of(jane.pk)[0]
    with CaptureQueriesContext(connection) as asked:
        list(reads_of(ALL, jane.pk))
    (about,) = [each["sql"] for each in asked if "profiles_anchor" in each["sql"]]
    assert about.endswith("LIMIT 1")
    assert ids_of(jane.pk, most=1) == [eldest]
    assert any(said in each for each in _export(jane)["not_in_this_file"])


def test_what_is_broken_off_is_told_as_such(builder, jane):  # noqa: F811
    builder.send(
        *[event(user_id="42", minutes=10, name="Tick", properties={"text": "x" * 500}) for _ in range(400)]
    )
    parts = iter(export_person(ALL, jane.public_id, why="", now=NOW))
    first = next(parts)
    parts.close()  # type: ignore[attr-defined]  # a generator, as a server closes it
    assert not AuditEntry.objects.filter(action="person.exported").exists()
    assert AuditEntry.objects.filter(action="person.export_cut").get().detail["bytes"] == len(first)
    with pytest.raises(json.JSONDecodeError):
        json.loads(first)


def test_what_the_actor_may_not_see_is_named_and_left_out(jane):  # noqa: F811
    exporter = _with(MARKETER, Operation.PEOPLE_EXPORT)
    text = b"".join(export_person(exporter, jane.public_id, why="", now=NOW))
    found = json.loads(text)
    assert b"jane@example.com" not in text
    assert found["masked_categories"] == ["contact", "special", "unclassified"]
    assert "reads" not in found
    assert any("may not read the audit trail" in each for each in found["not_in_this_file"])
    assert [each["masked"] for each in found["identifiers"] if each["namespace"] == "email"] == [True]
    assert {"key": "email", "masked": True}.items() <= next(
        each for each in found["trait_values"] if each["key"] == "email"
    ).items()
    foreseen = foresee_export(exporter, jane.public_id, now=NOW)
    assert foreseen.masked == [Category.CONTACT, Category.SPECIAL, Category.UNCLASSIFIED]


def test_consents_are_masked_from_who_may_not_see_behaviour(builder, jane):  # noqa: F811
    builder.send(
        event(user_id="42", context={"consent": {"categoryPreferences": {"Marketing": False}}}, minutes=6)
    )
    blind = Actor(ALL.kind, "blind", ALL.operations, ALL.categories - {Category.BEHAVIOUR})
    (consent,) = _export(jane, blind)["consents"]
    assert (consent["granted"], consent["masked"]) == (None, True)


def test_it_takes_a_right_of_its_own(jane):  # noqa: F811
    with pytest.raises(AccessDenied, match=r"people\.export"):
        export_person(MARKETER, jane.public_id, why="", now=NOW)
    with pytest.raises(AccessDenied, match=r"people\.export"):
        foresee_export(MARKETER, jane.public_id, now=NOW)
    with pytest.raises(UnknownPerson):
        export_person(ALL, uuid4(), why="", now=NOW)
    assert ("marketer", "person.export", 1) not in reads()
