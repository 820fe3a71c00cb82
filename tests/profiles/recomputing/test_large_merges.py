"""Two people of many identifiers, anchors and events become one without anybody waiting for it."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.models import Sum

from profiles.models import Anchor, Cluster, Identifier, Merge, Namespace, Profile, ProfileActivity
from profiles.recomputing import plan
from profiles.recomputing.running import recompute_clusters
from streaming.contracts.records import NewRecord
from streaming.domain.publishing import publish
from streaming.runtime import failpoints
from tests.conftest import ROOT, Database
from tests.profiles.builder.driver import START, Driver, event

DEVICES, EVENTS = 2_300, 100_000
MOST_MOVED = 1_000  # anchors in a step
MAIL = "q@x.org"
_JOB = """
import django; django.setup()
from datetime import UTC, datetime
from profiles.recomputing import plan, running
plan.MOST_MOVED = 1_000
running.recompute_clusters(now=datetime.now(UTC))
"""
# As the builder would have stored somebody whom an e-mail address joins, seen on many devices.
_LOAD = """
WITH devices AS (
    INSERT INTO profiles_identifier (namespace_id, value, profile_id, shared, present, first_seen)
    SELECT n.id, 'q' || k, %(row)s, false, true, %(at)s
    FROM profiles_namespace n, generate_series(1, %(devices)s) k WHERE n.key = 'anonymous_id'
    RETURNING id
), anchors AS (
    INSERT INTO profiles_anchor (key, birth_id, anonymous_id, home_id, profile_id, live_id, mapping_version, first_seen)
    SELECT uuid_send(gen_random_uuid()), gen_random_uuid(), id, id, %(row)s, %(live)s, 1, %(at)s FROM devices
    RETURNING id
), links AS (
    INSERT INTO profiles_evidence (key, a_id, b_id, rule, source_id, import_id, event_time, message_id, state, refused_by)
    SELECT uuid_send(gen_random_uuid()), %(mail)s, id, 'event', 1, 0, %(at)s, 'l' || id, 'accepted', '' FROM devices
), events AS (
    SELECT a.id AS anchor, k FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM anchors) a
    JOIN generate_series(1, %(events)s) k ON k %% %(devices)s = a.place
), counted AS (
    INSERT INTO profiles_daily_counter (anchor_id, day, event_id, count, first_at, last_at)
    SELECT anchor, %(at)s::date, %(name)s, count(*), %(at)s, %(at)s FROM events GROUP BY anchor
), told AS (
    INSERT INTO profiles_trait_version (anchor_id, key, source_id, import_id, value, timestamp, message_id, purposes)
    SELECT id, 'seen', 1, 0, to_jsonb(id), %(at)s, 't' || lpad(id::text, 9, '0'), '{}' FROM anchors
)
INSERT INTO profiles_timeline (anchor_id, event_id, timestamp, received_at, source_id, import_id, message_id, properties, context)
SELECT anchor, %(name)s, %(at)s, %(at)s, 1, 0, 'e' || k, '{}', '{}' FROM events
"""


@pytest.fixture
def large(staff: Driver) -> Iterator[Driver]:
    """P with a user id, and Q with an e-mail address, 2,300 devices and 100,000 events."""
    Namespace.objects.filter(key__in=["anonymous_id", "email"]).update(limit=None, limit_days=None)
    staff.send(event(user_id="p", minutes=-1))
    staff.send(event("identify", anonymous_id="q0", traits={"email": MAIL}))
    mail = Identifier.objects.get(value=MAIL)
    assert mail.profile is not None
    given = {
        "row": mail.profile_id, "live": mail.profile.public_id, "mail": mail.pk, "at": START, "devices": DEVICES,
        "events": EVENTS, "name": staff.connection.execute("SELECT min(id) FROM profiles_eventname").fetchone()[0],
    }  # fmt: skip
    staff.connection.execute(_LOAD, given)
    staff.connection.commit()
    for table in ("identifier", "anchor", "evidence", "timeline", "daily_counter", "trait_version"):
        staff.connection.execute(f"ANALYZE profiles_{table}")
    staff.connection.commit()
    yield staff
    failpoints.arm("")


def check_whole() -> None:
    """Each event is somebody's, once, and whoever holds an anchor is there."""
    assert ProfileActivity.objects.aggregate(all=Sum("events"))["all"] == EVENTS + 3
    held = Anchor.objects.values_list("profile_id", "live_id").distinct()
    assert set(held) <= set(Profile.objects.values_list("id", "public_id"))


def test_they_become_one_step_by_step_while_others_go_on(
    large: Driver, database: Database, tmp_path, monkeypatch
):
    large.send(event("identify", user_id="p", minutes=5, traits={"email": MAIL}))
    assert Cluster.objects.filter(due_at__isnull=False).count() == 1
    check_whole()
    assert kill_after_a_step(database, tmp_path) == -signal.SIGKILL
    check_whole()
    assert Anchor.objects.filter(profile__identifiers__value="p").count() == 1 + MOST_MOVED
    with connection.cursor() as cursor:
        cursor.execute("UPDATE profiles_cluster SET lease_until = now() - interval '1 s'")
    monkeypatch.setattr(plan, "MOST_MOVED", MOST_MOVED)
    other = Driver(database)
    other.connection.execute("SET lock_timeout = '10s'")
    other.connection.commit()
    sizes: list[int] = []

    def meanwhile(records: list[NewRecord], *, writer: str) -> None:
        """Within the open transaction of a step: somebody else's batch commits, whoever waits for the step."""
        publish(records, writer=writer)
        other.send(event(user_id="other", anonymous_id=f"o{len(sizes)}"))
        sizes.append(sum(len(record.value or b"") for record in records))

    monkeypatch.setattr("profiles.recomputing.running.publish", meanwhile)
    while recompute_clusters(now=START):
        pass
    other.close()
    assert len(sizes) >= 2, "the rest of the anchors, then the merge"
    assert Identifier.objects.filter(profile__identifiers__value="other").count() == 1 + len(sizes)
    person = Profile.objects.get(identifiers__value="p")
    assert person.identifiers.count() == DEVICES + 3
    assert person.traits["email"] == MAIL
    assert person.traits["seen"] == max(Anchor.objects.filter(profile=person, trait_versions__key="seen").values_list("id", flat=True))  # fmt: skip
    assert ProfileActivity.objects.get(profile=person).events == EVENTS + 3
    assert Merge.objects.filter(target=person.public_id).count() == 1
    assert not Cluster.objects.exists()


def kill_after_a_step(database: Database, home) -> int:
    """Run the job in a process of its own that kills itself there; returns how it ended."""
    environment = {
        **database.environment, "HEADWATER_HOME": str(home), "DJANGO_SETTINGS_MODULE": "cdp_site.settings",
        failpoints.VARIABLE: "recompute.after_step=kill", "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    return subprocess.run([sys.executable, "-c", _JOB], cwd=ROOT, env=environment, check=False).returncode
