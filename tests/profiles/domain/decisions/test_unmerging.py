"""Withdrawing links: the person is who they would be without them, and stays so."""

import random
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.access import AccessDenied
from compliance.models import AuditEntry
from profiles.builder import closure
from profiles.domain.decisions import AlreadyDecided, Undecidable, UnknownLink, withdraw
from profiles.domain.queries import UnknownPerson
from profiles.models import Anchor, DailyCounter, Evidence, Identifier, Namespace, Profile
from profiles.recomputing.running import recompute_clusters
from streaming.contracts.profiles import decode_change
from tests.profiles.builder.driver import START, event
from tests.profiles.builder.model import book_of
from tests.profiles.builder.picture import clear, people
from tests.profiles.builder.test_order import RULES, histories
from tests.profiles.domain.decisions.stored import NOW, id_of, is_withdrawn, link, partition_without, who
from tests.profiles.people import ALL, MARKETER

GOLD, FREE = {"plan": "gold"}, {"plan": "free"}


@pytest.fixture
def family(builder):
    """A device that somebody signed in on who is not the one that used it."""
    builder.send(event("identify", anonymous_id="laptop", minutes=0, traits=GOLD))
    builder.send(event("identify", user_id="ann", minutes=1, traits=FREE))
    builder.send(event(anonymous_id="laptop", user_id="ann", minutes=2, name="Order Completed"))
    return builder


def groups() -> set[frozenset[str]]:
    return {frozenset(value for _, value in each) for each in people().values()}


def published() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM log_record")
        return [decode_change(bytes(value))["type"] for (value,) in cursor.fetchall()]


def test_a_withdrawn_link_takes_two_people_apart_with_the_facts_of_each(family):
    before = id_of("ann")
    decided = withdraw(ALL, before, [link("laptop", "ann").pk], why="a guest", now=NOW)
    assert groups() == {frozenset({"laptop"}), frozenset({"ann"})}
    assert (decided.still_one, decided.because, decided.deferred) == (False, [], False)
    assert set(decided.profiles) == {id_of("laptop"), id_of("ann")}
    assert (who("laptop").traits, who("ann").traits) == (GOLD, FREE)
    assert (who("laptop").lifecycle, who("ann").lifecycle) == ("visitor", "customer")
    assert before in decided.profiles
    assert "profile.split.v1" in published()
    row = link("laptop", "ann", rule="event")
    assert (row.state, row.withdrawn_by, row.withdrawn_why, row.withdrawn_at) == (
        "withdrawn",
        "test",
        "a guest",
        NOW,
    )


def test_it_stays_so_under_replay_other_sources_imports_and_verified_links(family):
    withdraw(ALL, id_of("ann"), [link("laptop", "ann").pk], why="", now=NOW)
    Namespace.objects.filter(key="user_id").update(verified_paths=["properties.sure"])
    again = {"anonymous_id": "laptop", "user_id": "ann"}
    family.send(event(minutes=2, **again), event(minutes=-90, **again))
    family.send(event(minutes=3, source_id=2, **again))
    family.send(event(minutes=4, source_id=2, import_id=7, **again))
    family.send(event(minutes=5, source_id=3, properties={"sure": True}, **again))
    family.send(event("alias", user_id="ann", previous_id="laptop", minutes=6))
    assert groups() == {frozenset({"laptop"}), frozenset({"ann"})}
    between = Evidence.objects.filter(a__namespace__key="user_id", b__namespace__key="anonymous_id")
    states = between.exclude(rule="keep_apart").values_list("state", "refused_by")
    assert set(states) == {("withdrawn", ""), ("refused", "keep_apart")}
    assert Evidence.objects.filter(rule="keep_apart").count() == 1


def test_new_links_to_other_identifiers_of_theirs_do_not_join_them_either(family):
    family.send(event("identify", user_id="ann", minutes=3, traits={"email": "ann@x.org"}))
    withdraw(ALL, id_of("ann"), [link("laptop", "ann").pk], why="", now=NOW)
    family.send(
        event("identify", anonymous_id="laptop", minutes=4, traits={"email": "ann@x.org"}, source_id=2)
    )
    assert groups() == {frozenset({"laptop"}), frozenset({"ann", "ann@x.org"})}


def test_it_needs_no_event_that_retention_has_dropped(family):
    family.send(event("identify", anonymous_id="laptop", minutes=-60 * 24 * 40, traits={"city": "Delft"}))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE profiles_timeline_202603; DROP TABLE profiles_timeline_202601")
    counted = set(DailyCounter.objects.values_list("anchor_id", "day", "count"))
    withdraw(ALL, id_of("ann"), [link("laptop", "ann").pk], why="", now=NOW)
    assert groups() == {frozenset({"laptop"}), frozenset({"ann"})}
    assert (who("laptop").traits, who("ann").traits) == ({**GOLD, "city": "Delft"}, FREE)
    assert set(DailyCounter.objects.values_list("anchor_id", "day", "count")) == counted


def test_where_other_links_hold_them_together_nothing_is_kept_apart_and_the_chain_is_told(builder):
    traits = {"email": "ann@x.org"}
    builder.send(event("identify", anonymous_id="a", traits=traits))
    builder.send(event("identify", anonymous_id="a", user_id="ann", minutes=1, traits=traits))
    whole = groups()
    decided = withdraw(ALL, id_of("ann"), [link("ann", "a").pk], why="", now=NOW)
    assert groups() == whole
    assert decided.still_one
    assert decided.because == sorted([link("a", "ann@x.org").pk, link("ann", "ann@x.org").pk])
    assert not Evidence.objects.filter(rule="keep_apart").exists()
    decided = withdraw(ALL, id_of("ann"), decided.because[:1], why="", now=NOW)
    assert not decided.still_one


def test_all_rows_of_a_link_go_together(family):
    for source in (2, 3):
        family.send(event(anonymous_id="laptop", user_id="ann", minutes=9, source_id=source))
    withdraw(ALL, id_of("ann"), [link("laptop", "ann", source_id=2).pk], why="", now=NOW)
    assert Evidence.objects.filter(rule="event", state="withdrawn").count() == 3


def test_a_shared_value_is_nobodys_alone_no_more_once_the_second_user_is_withdrawn(builder):
    for user in ("ann", "bob"):
        builder.send(event("identify", user_id=user, traits={"email": "x@x.org"}))
    assert Identifier.objects.get(value="x@x.org").shared
    withdraw(ALL, id_of("bob"), [link("bob", "x@x.org").pk], why="", now=NOW)
    assert groups() == {frozenset({"ann", "x@x.org"}), frozenset({"bob"})}


def test_withdrawing_a_refused_link_parts_nobody_and_keeps_nobody_apart(builder):
    builder.send(event(anonymous_id="tablet", user_id="ann"))
    builder.send(event(anonymous_id="tablet", user_id="bob", minutes=1))
    whole = groups()
    withdraw(ALL, id_of("bob"), [link("tablet", "bob").pk], why="", now=NOW)
    assert groups() == whole
    assert not Evidence.objects.filter(rule="keep_apart").exists()
    assert who("bob").cluster_id is None


def test_every_id_leads_to_whoever_has_its_anchor_now(family):
    ids = set(Anchor.objects.values_list("birth_id", flat=True))
    withdraw(ALL, id_of("ann"), [link("laptop", "ann").pk], why="", now=NOW)
    anchors = Anchor.objects.select_related("profile")
    assert {row.birth_id for row in anchors} >= ids
    assert all(row.profile is not None and row.live_id == row.profile.public_id for row in anchors)


def test_where_much_hangs_together_it_is_decided_in_the_background_and_stays_so(family, monkeypatch):
    family.send(*(event(anonymous_id=f"d{number}", user_id="ann", minutes=5) for number in range(9)))
    monkeypatch.setattr(closure, "MOST_EDGES", 5)
    decided = withdraw(ALL, id_of("ann"), [link("laptop", "ann").pk], why="", now=NOW)
    assert decided.deferred
    assert len(groups()) == 1
    assert recompute_clusters(now=NOW) == 1
    assert frozenset({"laptop"}) in groups()
    family.send(event(anonymous_id="laptop", user_id="ann", minutes=6, source_id=2))
    recompute_clusters(now=NOW)
    assert groups() == {frozenset({"laptop"}), frozenset({"ann", *(f"d{number}" for number in range(9))})}


@pytest.mark.parametrize("events", [3, 300])
def test_it_takes_as_many_statements_however_many_events_there_are(events, family, monkeypatch):
    pages = (event(anonymous_id="laptop", user_id="ann", minutes=3 + number / 10) for number in range(events))
    family.send(*pages)
    ann, pk, statements = id_of("ann"), link("laptop", "ann").pk, []
    execute = psycopg.Cursor.execute

    def count(cursor, query, *args, **kwargs):
        statements.append(query)
        return execute(cursor, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Cursor, "execute", count)
    withdraw(ALL, ann, [pk], why="", now=NOW)
    assert len(statements) <= 90
    assert not [query for query in statements if "profiles_timeline" in str(query)]


def test_what_is_withdrawn_already_is_a_conflict_and_what_is_not_theirs_is_unknown(family):
    family.send(event(anonymous_id="b", user_id="bob"))
    pk, theirs = link("laptop", "ann").pk, link("b", "bob").pk
    with pytest.raises(UnknownLink):
        withdraw(ALL, id_of("ann"), [theirs], why="", now=NOW)
    with pytest.raises(UnknownLink):
        withdraw(ALL, id_of("ann"), [pk, 10**12], why="", now=NOW)
    with pytest.raises(UnknownPerson):
        withdraw(ALL, uuid4(), [pk], why="", now=NOW)
    with pytest.raises(Undecidable):
        withdraw(ALL, id_of("ann"), [], why="", now=NOW)
    withdraw(ALL, id_of("ann"), [pk], why="", now=NOW)
    with pytest.raises(AlreadyDecided):
        withdraw(ALL, id_of("ann"), [pk], why="", now=NOW)


def test_deciding_takes_the_permission_and_leaves_a_row_without_the_words(family):
    ann, pk = id_of("ann"), link("laptop", "ann").pk
    with pytest.raises(AccessDenied):
        withdraw(MARKETER, ann, [pk], why="", now=NOW)
    assert len(groups()) == 1
    withdraw(ALL, ann, [pk], why="jane@x.org says so", now=NOW)
    entry = AuditEntry.objects.filter(action="identity.withdraw").latest("id")
    assert entry.detail == {"evidence": [pk]}
    assert len(entry.subjects) == 2
    assert AuditEntry.objects.filter(action="access.denied", actor="marketer").exists()


@pytest.fixture(params=["as installed", "narrow limits"])
def ruled_builder(request, builder):
    for key, values in RULES[request.param].items():
        Namespace.objects.filter(key=key).update(**values)
    builder.now = START + timedelta(days=8)
    builder.connection.execute("SET synchronous_commit = off")
    builder.connection.commit()
    return builder


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=histories(), seed=st.integers(0, 2**32))
def test_unmerging_is_what_would_be_without_the_evidence_and_stays_so(ruled_builder, events, seed):
    clear(ruled_builder.connection)
    ruled_builder.send(*events)
    rules = book_of(ruled_builder.connection).namespaces
    held = [row for row in Evidence.objects.filter(state="accepted").order_by("key") if _owner(row)]
    if not held:
        return
    chosen = random.Random(seed).choice(held)
    pair = {chosen.a_id, chosen.b_id}
    expected = partition_without(rules, lambda row: {row.a_id, row.b_id} == pair)
    decided = withdraw(ALL, _owner(chosen), [chosen.pk], why="", now=NOW)
    assert set(people().values()) == expected
    holders = set(Identifier.objects.filter(pk__in=pair).values_list("profile_id", flat=True))
    assert decided.still_one is (len(holders) == 1 and None not in holders)
    ruled_builder.send(*({**each, "message_id": f"again {each['message_id']}"} for each in events))
    ruled_builder.send(*({**each, "source_id": 9, "import_id": 3} for each in events))
    assert set(people().values()) == partition_without(rules, is_withdrawn)
    if not decided.still_one:
        a, b = Identifier.objects.filter(pk__in=pair).order_by("pk")
        assert a.profile_id is None or a.profile_id != b.profile_id


def _owner(row: Evidence):
    profile = Profile.objects.filter(identifiers=row.a_id).first()
    return profile and profile.public_id
