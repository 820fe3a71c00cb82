"""Undoing an import: people, facts and what follows from them as if it had not been."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from compliance.access import AccessDenied, Actor
from profiles.consumers.behaviour import BehaviourConsumer
from profiles.consumers.sessions import SessionsConsumer
from profiles.consumers.social import SocialConsumer
from profiles.enums import EvidenceState, UndoState
from profiles.models import (
    Anchor,
    Consent,
    ConsentDay,
    Declaration,
    Evidence,
    Identifier,
    Profile,
    Session,
    SocialAccount,
    TimelineEvent,
    Undo,
    VisitBehaviour,
)
from profiles.undoing.running import CannotUndo, begin_undo, continue_undo, stop_undo, undo_step
from streaming.contracts.combined import BEHAVIOUR_TOPIC, SESSIONS_TOPIC, SOCIAL_TOPIC
from streaming.contracts.profiles import CHANGES_TOPIC, decode_change
from streaming.contracts.records import TopicPartition, TopicSpec
from streaming.event_log import close_event_log, event_log
from tests.profiles.builder.driver import START, event
from tests.profiles.builder.picture import clear, identifiers, picture
from tests.profiles.builder.test_order import brief, histories
from tests.profiles.consumers.driving import follow
from tests.profiles.people import ALL, declares, person_of

IMPORT = 7
DERIVED = (
    "session",
    "session_lock",
    "social_item",
    "social_account",
    "behaviour_visit",
    "behaviour_lock",
    "undo",
    "undo_item",
)
CONSUMERS = (lambda: SessionsConsumer(partitions=1), SocialConsumer, BehaviourConsumer)
SINCE, UNTIL = START - timedelta(days=1), START + timedelta(days=8)
NOW = START + timedelta(days=8)


@pytest.fixture
def undoing(builder):
    topics = (CHANGES_TOPIC, SESSIONS_TOPIC, SOCIAL_TOPIC, BEHAVIOUR_TOPIC)
    event_log().create_topics([TopicSpec(topic, 1) for topic in topics])
    builder.connection.execute("SET synchronous_commit = off")
    builder.connection.commit()
    builder.now = NOW
    forget(builder)
    yield builder
    forget(builder)
    close_event_log()


def forget(driver):
    clear(driver.connection)
    driver.connection.execute("; ".join(f"DELETE FROM profiles_{table}" for table in DERIVED))
    driver.connection.commit()
    driver.published = []


def tell(driver, events, size=100):
    """Have the builder and those who follow it read these events."""
    driver.published = []
    driver.send_each(events, size)
    for consumer in CONSUMERS:
        follow(consumer(), driver)


def undo(import_id=IMPORT):
    begin_undo(ALL, import_id, since=SINCE, until=UNTIL, now=NOW)
    finish()


def finish():
    steps = 0
    while undo_step(now=NOW):
        steps += 1
        assert steps < 500
    return steps


def derived():
    """Visits, behaviour and social records by the names of their anchors."""
    named = identifiers()
    who = {
        row.birth_id: tuple(named.get(end or 0) for end in (row.anonymous_id, row.user_id, row.other_id))
        for row in Anchor.objects.all()
    }
    of_row = {row.id: who[row.birth_id] for row in Anchor.objects.all()}
    found: dict[str, set[tuple[Any, ...]]] = defaultdict(set)
    for visit in Session.objects.all():
        found["visits"].add(
            (of_row[visit.anchor_id], visit.source_id, visit.first_at, visit.last_at, visit.events, visit.key)
        )
    for row in VisitBehaviour.objects.all():
        found["behaviour"].add(
            (who[row.anchor], row.source_id, row.first_at, row.last_at, bytes(row.facts), str(row.features))
        )
    for account in SocialAccount.objects.exclude(totals=None):
        found["social"].add((who[account.anchor], account.network, str(account.totals), str(account.handle)))
    return dict(found)


def everything(driver):
    """All that is stored, but for the withdrawn links that tell what was undone."""
    driver.connection.execute("DELETE FROM profiles_evidence WHERE import_id > 0")
    driver.connection.commit()
    return {**picture(), **derived()}


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_any_history_with_an_import_in_between_is_the_history_without_it(undoing, data):
    events = data.draw(histories())
    for each in events:
        if data.draw(st.booleans()):
            each["import_id"] = IMPORT
        if each["type"] == "track" and data.draw(st.booleans()):
            each["event"] = "Post Liked"
            each["properties"] = {"network": "x", "post_id": data.draw(st.sampled_from(["p1", "p2"]))}
    place = data.draw(st.integers(0, len(events)))
    size = data.draw(st.integers(1, 5))
    note("\n".join(f"{each.get('import_id', '')} {brief(each)}" for each in events))
    without = [each for each in events if "import_id" not in each]

    forget(undoing)
    tell(undoing, events[:place], size)
    begin_undo(ALL, IMPORT, since=SINCE, until=UNTIL, now=NOW)
    if data.draw(st.booleans()):
        tell(undoing, events[place:], size)  # the job has not begun to work: consumers leave the import out
        finish()
    else:
        finish()
        tell(undoing, events[place:], size)
    tell(undoing, events, size)  # the log is read again
    undone = everything(undoing)

    forget(undoing)
    tell(undoing, without, size)
    assert undone == everything(undoing)


def test_values_fall_back_people_vanish_and_both_are_published(undoing):
    tell(undoing, [event("identify", user_id="1", traits={"city": "Leeds", "plan": "gold"})])
    jane = person_of("user_id", "1").public_id
    imported = [
        event("identify", user_id="1", minutes=5, traits={"city": "York", "age": 30}, import_id=IMPORT),
        event("identify", user_id="2", minutes=5, traits={"email": "b@example.com"}, import_id=IMPORT),
    ]
    tell(undoing, imported)
    assert person_of("user_id", "1").traits == {"city": "York", "plan": "gold", "age": 30}
    bob = person_of("user_id", "2").public_id
    undo()
    assert person_of("user_id", "1").traits == {"city": "Leeds", "plan": "gold"}
    assert list(Profile.objects.values_list("public_id", flat=True)) == [jane]
    changes = [
        decode_change(record.value) for record in event_log().tail([TopicPartition(CHANGES_TOPIC, 0)], 50)
    ]
    told = {(change["type"], change["profile"], change.get("cause", "")) for change in changes}
    assert ("profile.trait_changed.v1", str(jane), "") in told
    assert ("profile.split.v1", str(bob), "import") in told
    row = Undo.objects.get()
    assert (row.state, row.events, row.people, row.done) == (UndoState.DONE, 2, 1, row.total)


def test_links_stay_in_the_lineage_as_withdrawn_and_nobody_is_kept_apart(undoing):
    tell(undoing, [event(user_id="1"), event(anonymous_id="a")])
    link = event(user_id="1", anonymous_id="a", import_id=IMPORT)
    tell(undoing, [link])
    assert Profile.objects.count() == 1
    undo()
    assert Profile.objects.count() == 2
    (row,) = Evidence.objects.all()
    assert (row.state, row.withdrawn_by, row.withdrawn_why) == (
        EvidenceState.WITHDRAWN,
        "test",
        "import 7 was undone",
    )
    tell(undoing, [event(user_id="1", anonymous_id="a")])
    assert Profile.objects.count() == 1


def test_the_same_file_goes_in_again_under_another_number(undoing):
    row = event("identify", user_id="1", traits={"city": "York"}, import_id=IMPORT, message_id="file-1")
    tell(undoing, [row])
    undo()
    assert TimelineEvent.objects.count() == 0
    tell(undoing, [row])
    assert TimelineEvent.objects.count() == 0
    tell(undoing, [{**row, "import_id": IMPORT + 1}])
    assert person_of("user_id", "1").traits == {"city": "York"}


def test_somebody_who_was_only_met_together_with_others_goes_and_may_come_back(undoing):
    live = event(user_id="u2", minutes=5)
    met = event(user_id="u2", anonymous_id="a2", minutes=1, import_id=IMPORT)
    group = event("group", user_id="u2", minutes=2, group_id="g1", traits={"size": 3}, import_id=IMPORT)
    tell(undoing, [met, live, group])
    given = person_of("user_id", "u2").public_id
    undo()
    undone = everything(undoing)
    assert person_of("user_id", "u2").anchors.filter(birth_id=given).exists()
    tell(undoing, [{**met, "import_id": IMPORT + 1}])
    assert len({person_of("user_id", "u2").pk, person_of("anonymous_id", "a2").pk}) == 1
    forget(undoing)
    tell(undoing, [live])
    assert undone == everything(undoing)


def test_it_can_be_stopped_and_goes_on_and_is_begun_once(undoing):
    tell(undoing, [event(user_id=f"{n}", import_id=IMPORT) for n in range(3)])
    begin_undo(ALL, IMPORT, since=SINCE, until=UNTIL, now=NOW)
    with pytest.raises(CannotUndo, match="undone already"):
        begin_undo(ALL, IMPORT, since=SINCE, until=UNTIL, now=NOW)
    assert undo_step(now=NOW)
    stop_undo(ALL, IMPORT)
    assert not undo_step(now=NOW)
    continue_undo(ALL, IMPORT)
    assert finish() > 0
    assert Profile.objects.count() == 0
    with pytest.raises(AccessDenied):
        begin_undo(Actor(ALL.kind, "nobody"), 9, since=SINCE, until=UNTIL, now=NOW)


def test_its_progress_goes_on_to_the_end_and_what_is_gone_is_not_looked_at_again(undoing, monkeypatch):
    monkeypatch.setattr("profiles.undoing.running.MOST_IDENTIFIERS", 4)
    rows = [
        event("identify", user_id=f"p{n}", traits={"email": f"e{n}@example.com"}, import_id=IMPORT)
        for n in range(20)
    ]
    tell(undoing, [*rows, event(user_id="p0")])
    begin_undo(ALL, IMPORT, since=SINCE, until=UNTIL, now=NOW)
    reached: list[float] = []
    steps: dict[str, int] = defaultdict(int)
    while undo_step(now=NOW):
        undo = Undo.objects.get()
        steps[undo.phase] += 1
        if undo.total:
            reached.append(undo.done / undo.total)
    assert reached == sorted(reached)
    assert reached[-1] == 1
    assert len({*reached}) > 10
    assert steps["alone"] == 40 / 4 + 1
    assert steps["rest"] == 3, "what went with its people was not looked at once more"
    assert [each.public_id for each in Profile.objects.all()] == [person_of("user_id", "p0").public_id]


def test_a_kill_at_any_step_costs_nothing(undoing, monkeypatch):
    live = [event("identify", user_id="1", traits={"city": "Leeds"}), event(anonymous_id="a", user_id="1")]
    rows = [
        event(
            "identify",
            user_id=f"{n}",
            anonymous_id="a",
            traits={"city": "York", "email": f"e{n}@example.com"},
            import_id=IMPORT,
        )
        for n in range(1, 5)
    ]
    tell(undoing, live + rows)
    monkeypatch.setattr("profiles.undoing.running.STEP", 2)
    monkeypatch.setattr("profiles.undoing.running.MOST_IDENTIFIERS", 2)

    class Killed(BaseException):
        pass

    reached = []

    def reach(point):
        reached.append(point)
        if len(reached) % 3 == 0:
            raise Killed

    monkeypatch.setattr("profiles.undoing.running.reach", reach)
    begin_undo(ALL, IMPORT, since=SINCE, until=UNTIL, now=NOW)
    for _ in range(200):
        try:
            if not undo_step(now=NOW):
                break
        except Killed:
            continue
    assert Undo.objects.get().state == UndoState.DONE
    assert {"undo.before_commit", "undo.after_step"} <= set(reached)
    undone = everything(undoing)
    forget(undoing)
    tell(undoing, live)
    assert undone == everything(undoing)


def test_what_the_import_said_of_purposes_goes_and_who_declared_something_stays(undoing):
    said: dict[str, Any] = {
        "context": {"consent": {"categoryPreferences": {"Marketing": True}}},
        "import_id": IMPORT,
    }
    tell(
        undoing,
        [event(user_id="goes", **said), event(user_id="stays", **said), event(user_id="stays", minutes=1)],
    )
    tell(undoing, [event(user_id="declared", **said)])
    declares(person_of("user_id", "declared").public_id, "", kind="restriction")
    undo()
    assert not Consent.objects.exists()
    assert not ConsentDay.objects.exists()
    assert not Identifier.objects.filter(value="goes").exists()
    assert person_of("user_id", "stays")
    assert Declaration.objects.get().anchor.profile == person_of("user_id", "declared")
