"""What a file would do to people, found out by the identity engine itself, and nothing of it kept."""

import re
from datetime import timedelta

import pytest

from compliance import suppression
from compliance.access import MASK, Actor
from compliance.enums import Category, Operation
from ingestion.domain.sources import source_named
from ingestion.imports.columns import Mapping
from ingestion.imports.jobs import draft_import
from ingestion.imports.rehearsing import rehearse_import
from tests.compliance.notices.conftest import make_staff
from tests.profiles.builder.driver import START, event
from tests.profiles.people import ALL, builder, person_of  # noqa: F401 -- fixture

FILE = (
    "user_id,email,city\n"
    "1,anna@example.com,York\n"  # known, and lives elsewhere
    "2,ben@example.com,Hull\n"  # new
    "2,ben@example.com,Hull\n"
    "9,zoe@example.com,Bath\n"  # suppressed
    "3,cleo@example.com,Leeds\n"  # joins the one of the address with the one of the number
)
TABLES = (
    "profiles_profile", "profiles_identifier", "profiles_evidence", "profiles_anchor", "profiles_trait_version",
    "profiles_timeline", "profiles_merge", "ingestion_importedfile",
)  # fmt: skip


@pytest.fixture
def drafted(builder, tmp_path):  # noqa: F811 -- fixture
    builder.send(
        event("identify", user_id="1", traits={"email": "anna@example.com", "city": "Leeds", "name": "Anna"})
    )
    builder.send(event("identify", user_id="3", traits={"city": "Leeds"}))
    builder.send(event("identify", anonymous_id="x", traits={"email": "cleo@example.com"}))
    suppression.suppress("user_id", "9", by=ALL, now=START)
    path = tmp_path / "people.csv"
    path.write_text(FILE)
    source = source_named(name="Files", by=ALL, now=START)
    return draft_import(path=path, name="people.csv", source=source, by=ALL, now=START)


def kept(builder):  # noqa: F811 -- fixture
    rows = [
        builder.connection.execute(f"SELECT to_jsonb(t)::text FROM {table} t ORDER BY 1").fetchall()
        for table in TABLES
    ]
    builder.connection.commit()
    return rows


def rehearsed(drafted, actor=ALL):
    mapping = Mapping.from_json(drafted.mapping)
    return rehearse_import(actor, file_import=drafted, mapping=mapping, now=START + timedelta(days=1))


def test_the_rehearsal_says_what_the_import_then_does_and_keeps_nothing(builder, drafted):  # noqa: F811 -- fixture
    before = kept(builder)
    found = rehearsed(drafted)
    assert kept(builder) == before
    assert (found.rows, found.is_whole, found.accepted, found.rejected) == (5, True, 4, 0)
    assert found.suppressed == [4]
    people = found.people
    assert people is not None
    assert (people.created, people.known, people.merged, people.changed) == (1, 2, 1, 1)
    assert dict(people.overwritten) == {"city": 1}
    anna = person_of("user_id", "1")
    assert [tuple(each) for each in people.overwritings] == [
        (anna.public_id, "Anna", "city", "Leeds", "York")
    ]


def test_the_page_tells_which_values_would_change(client, drafted):
    client.force_login(make_staff("ada", "administrator"))
    form = {
        "event_type": "identify", "event": "", "time_zone": "UTC", "time_of_day": "12:00",
        "place-0": "user_id", "kind-0": "text", "place-1": "traits", "key-1": "email", "kind-1": "text",
        "place-2": "traits", "key-2": "city", "kind-2": "text",
    }  # fmt: skip
    answer = client.post(f"/admin/imports/{drafted.pk}/rehearsal/", form)
    assert answer.status_code == 200
    text = " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())
    assert "All 5 rows of the file" in text
    assert "Values that would change city 1" in text
    assert "Anna city Leeds York" in text.replace('"', "")


def test_examples_are_masked_and_only_for_those_who_may_see_people(drafted):
    reader = Actor(
        ALL.kind, "engineer", frozenset({Operation.IMPORTS_RUN, Operation.PEOPLE_VIEW}), frozenset()
    )
    people = rehearsed(drafted, reader).people
    assert [(each.name, each.before, each.after) for each in people.overwritings] == [("", MASK, MASK)]
    nobody = Actor(ALL.kind, "importer", frozenset({Operation.IMPORTS_RUN}), frozenset(Category))
    people = rehearsed(drafted, nobody).people
    assert (people.changed, people.overwritings, people.mergings) == (1, [], [])
