"""Workers that met on the same people: people twice, merges given up, deadlocks, storms of changes."""

import threading

import psycopg

from profiles.models import Identifier, Profile, TimelineEvent
from streaming.contracts.profiles import CHANGES_TOPIC, decode_change
from tests.profiles.builder.driver import Driver, event
from tests.profiles.builder.test_concurrency import work
from tests.profiles.known_bugs.scene import groups
from tests.waiting import eventually


def test_posthog_3190_8343_10337_40639_an_id_that_several_workers_meet_first_is_one_person(database):
    same = [[event("identify", anonymous_id=f"a{n}", user_id=f"u{n}", traits={"plan": n})] for n in range(6)]
    shares = [
        [[{**each, "message_id": f"{each['message_id']}-{worker}"}] for [each] in same] for worker in range(4)
    ]
    work(database, shares)
    assert groups() == {frozenset({f"a{n}", f"u{n}"}) for n in range(6)}
    assert Identifier.objects.count() == 12
    assert TimelineEvent.objects.count() == 24


def test_posthog_34972_a_merge_that_finds_its_people_busy_is_late_and_not_dropped(database, builder):
    builder.send(event(anonymous_id="a"), event(user_id="u"))
    busy = database.connect()
    busy.execute("SELECT FROM profiles_profile FOR UPDATE")
    other = Driver(database)
    merging = threading.Thread(target=other.send, args=[event(anonymous_id="a", user_id="u", minutes=1)])
    merging.start()
    eventually(lambda: _is_somebody_blocked(database))
    assert Profile.objects.count() == 2
    busy.commit()
    busy.close()
    merging.join(30)
    other.close()
    assert groups() == {frozenset({"a", "u"})}
    assert TimelineEvent.objects.count() == 3


def test_posthog_104056_78944_merges_that_need_each_others_people_do_not_end_in_a_deadlock(database, builder):
    pairs = [(f"a{number}", f"u{number}") for number in range(20)]
    builder.send(
        *(event(anonymous_id=device) for device, _ in pairs), *(event(user_id=user) for _, user in pairs)
    )
    merges = [event(anonymous_id=device, user_id=user, minutes=1) for device, user in pairs]
    shares = [
        [merges[start : start + 10] for start in (0, 10)],
        [merges[9::-1], merges[:9:-1]],
        [merges[10:], merges[:10]],
    ]
    workers = work(database, shares)
    assert groups() == {frozenset(pair) for pair in pairs}
    assert sum(worker.retries for worker in workers) <= 6  # each of them meets another one at most once


def test_posthog_72823_a_hub_tells_of_each_merge_once_and_of_no_more(builder):
    devices = [f"a{number}" for number in range(150)]
    builder.send(*(event(anonymous_id=device, minutes=number / 200) for number, device in enumerate(devices)))
    builder.published.clear()
    for start in range(0, 150, 15):
        builder.send(
            *(event(anonymous_id=each, user_id="hub", minutes=1) for each in devices[start : start + 15])
        )
    changes = [decode_change(each.value) for each in builder.published if each.topic == CHANGES_TOPIC]
    merges = [each for each in changes if each["type"] == "profile.merged.v1"]
    assert len(merges) == 149
    assert (
        len(changes) <= 149 + 3 * 10
    )  # beside the merges a few of each batch, not one for each device of the hub
    assert sum(len(each["anchors"]) for each in merges) == 149


def _is_somebody_blocked(database) -> bool:
    with psycopg.connect(database.conninfo, autocommit=True) as session:
        row = session.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND cardinality(pg_blocking_pids(pid)) > 0",
            [database.name],
        ).fetchone()
    return row is not None and row[0] > 0
