"""People decided anew when no event asks for it: links withdrawn, decisions, rules that change."""

import random

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from profiles.builder import sharing
from profiles.enums import CauseKind, EvidenceRule
from profiles.models import Anchor, Cluster, Evidence, Identifier, Merge, Namespace, Profile, Split
from streaming.contracts.profiles import CHANGES_TOPIC, decode_change
from tests.ingestion.collector.serving import LogView
from tests.profiles.builder.driver import event
from tests.profiles.builder.model import book_of
from tests.profiles.builder.oracle import decide, decided, names, node, reconsider, stored
from tests.profiles.builder.picture import clear
from tests.profiles.builder.test_order import brief, check_ids, histories, shuffled


def published(database) -> list:
    """What decisions told the world."""
    view = LogView(database.conninfo)
    changes = [decode_change(record.value) for record in view.records(CHANGES_TOPIC)]
    view.close()
    return changes


def withdraw(*links: Evidence) -> None:
    Evidence.objects.filter(pk__in=[link.pk for link in links]).update(state="withdrawn")


def link(a: str, b: str) -> Evidence:
    return Evidence.objects.get(a__value__in=[a, b], b__value__in=[a, b])


def test_without_a_link_there_are_two_people_with_their_own_facts(staff, database):
    staff.send(event("identify", anonymous_id="a", traits={"plan": "gold"}))
    staff.send(event("identify", user_id="u", minutes=1, traits={"plan": "free"}))
    staff.send(event(anonymous_id="a", user_id="u", minutes=2))
    before = Profile.objects.get()
    assert before.traits == {"plan": "free"}
    withdraw(link("a", "u"))
    found = reconsider(staff, node("user_id", "u"), node("anonymous_id", "a"), why="Two people at one desk.")
    assert (found.merges, found.splits, found.deferred) == (0, 1, 0)
    assert names() == {frozenset({"a"}), frozenset({"u"})}
    plans = {row.identifiers.get().value: row.traits.get("plan") for row in Profile.objects.all()}
    assert plans == {"a": "gold", "u": "free"}
    assert {row.public_id for row in Profile.objects.all()} == set(found.ids)
    assert before.public_id in found.ids, "the id lives on with the anchor that it was born with"
    (row,) = Split.objects.all()
    assert (row.source, row.cause, row.decided_by) == (before.public_id, "decision", "jo@example.com")
    assert (row.evidence, row.why) == ([link("a", "u").pk], "Two people at one desk.")
    (change,) = [c for c in published(database) if c["type"] == "profile.split.v1"]
    assert change["cause"] == "decision"
    assert {change["profile"], *(moved.profile for moved in change["anchors"])} == set(map(str, found.ids))


def test_nothing_changes_when_it_is_done_again(staff, database):
    staff.send(event(anonymous_id="a", user_id="u"), event(anonymous_id="b", user_id="u", minutes=1))
    withdraw(link("a", "u"))
    seeds = [node("anonymous_id", "a"), node("user_id", "u")]
    assert reconsider(staff, *seeds).splits == 1
    told = len(published(database))
    found = reconsider(staff, *seeds)
    assert (found.merges, found.splits) == (0, 0)
    assert len(published(database)) == told


def test_a_decision_makes_two_people_one_and_is_told_as_the_cause(staff, database):
    staff.send(event(anonymous_id="a"), event(anonymous_id="b", minutes=1))
    a, b = node("anonymous_id", "a"), node("anonymous_id", "b")
    row = decide(a, b, EvidenceRule.MERGE)
    assert reconsider(staff, a, b).merges == 1
    merge = Merge.objects.get()
    assert (merge.cause, merge.decided_by, merge.evidence) == ("decision", "jo@example.com", [row.pk])
    (change,) = [c for c in published(database) if c["type"] == "profile.merged.v1"]
    assert (change["cause"], change["source"]) == ("decision", str(merge.source))


def test_people_kept_apart_stay_so_and_belong_to_a_cluster(staff):
    staff.send(event(anonymous_id="a", user_id="u"))
    a, u = node("anonymous_id", "a"), node("user_id", "u")
    withdraw(link("a", "u"))
    decide(a, u, EvidenceRule.KEEP_APART)
    reconsider(staff, a, u)
    staff.send(event(anonymous_id="a", user_id="u", minutes=5, source_id=2))
    assert names() == {frozenset({"a"}), frozenset({"u"})}
    assert Evidence.objects.get(source_id=2).refused_by == "keep_apart"
    (cluster,) = Cluster.objects.all()
    assert cluster.decisions == 1
    assert set(Profile.objects.values_list("cluster_id", flat=True)) == {cluster.id}


@pytest.fixture(params=[1, 100])
def some(request, monkeypatch) -> int:
    """Of how many links it is asked first whether a value is still shared."""
    monkeypatch.setattr(sharing, "_SOME", request.param)
    chosen: int = request.param
    return chosen


def test_a_value_that_only_one_user_has_any_more_is_shared_no_longer(staff, database, some):
    staff.send(event("identify", anonymous_id="a", traits={"email": "f@x.org"}))
    staff.send(event("identify", user_id="ann", minutes=1, traits={"email": "f@x.org", "plan": "gold"}))
    staff.send(event("identify", user_id="bob", minutes=2, traits={"email": "f@x.org"}))
    email = node("email", "f@x.org")
    assert Identifier.objects.get(pk=email).shared
    withdraw(link("bob", "f@x.org"))
    reconsider(staff, email, node("user_id", "bob"))
    assert names() == {frozenset({"a", "ann", "f@x.org"}), frozenset({"bob"})}
    assert not Identifier.objects.get(pk=email).shared
    check_ids(staff, [mapping for change in published(database) for mapping in change["anchors"]])


def test_of_a_value_that_very_many_share_only_some_links_are_read(staff, monkeypatch):
    monkeypatch.setattr(sharing, "_SOME", 3)
    for number in range(12):
        staff.send(event("identify", user_id=f"u{number}", minutes=number, traits={"email": "f@x.org"}))
    seen_with, read = sharing._seen_with, []

    def counted(*given):
        edges = seen_with(*given)
        read.append(len(edges))
        return edges

    monkeypatch.setattr(sharing, "_seen_with", counted)
    withdraw(link("u0", "f@x.org"))
    reconsider(staff, node("user_id", "u0"))
    assert max(read) == 3
    assert Identifier.objects.get(value="f@x.org").shared


def test_users_whom_the_staff_made_one_do_not_share_their_email(staff, some):
    for number, user in enumerate(["ann", "anna", "annie"]):
        staff.send(event("identify", user_id=user, minutes=number, traits={"email": "ann@x.org"}))
    assert len(names()) == 3
    ann, anna, annie = (node("user_id", user) for user in ["ann", "anna", "annie"])
    decide(ann, anna, EvidenceRule.MERGE)
    reconsider(staff, ann, anna)
    assert Identifier.objects.get(value="ann@x.org").shared, "annie has it, too"
    decide(anna, annie, EvidenceRule.MERGE)
    reconsider(staff, anna, annie)
    assert names() == {frozenset({"ann", "anna", "annie", "ann@x.org"})}
    staff.send(event("identify", user_id="ann", minutes=9, source_id=2, traits={"email": "ann@x.org"}))
    assert names() == {frozenset({"ann", "anna", "annie", "ann@x.org"})}


def test_blocking_a_user_id_of_many_gives_each_device_its_own_person(staff):
    for number in range(4):
        staff.send(event("identify", anonymous_id=f"d{number}", minutes=number, traits={"n": number}))
        staff.send(event(anonymous_id=f"d{number}", user_id="app", minutes=9 + number))
    assert names() == {frozenset({"app", "d0", "d1", "d2", "d3"})}
    Namespace.objects.filter(key="user_id").update(blocked_values=["app"])
    rehome()
    reconsider(staff, node("user_id", "app"), kind=CauseKind.RULE)
    assert names() == {frozenset({f"d{number}"}) for number in range(4)}
    counts = {row.identifiers.get().value: row.anchors.count() for row in Profile.objects.all()}
    assert counts == {f"d{number}": 2 for number in range(4)}
    assert not Anchor.objects.filter(profile=None).exists()
    Namespace.objects.filter(key="user_id").update(blocked_values=[])
    Namespace.objects.filter(key="anonymous_id").update(limit=1)
    rehome()
    reconsider(staff, node("user_id", "app"), kind=CauseKind.RULE)
    assert names() == {frozenset({"app", "d0"}), *(frozenset({f"d{number}"}) for number in (1, 2, 3))}
    app = Profile.objects.get(identifiers__value="app")
    assert app.anchors.count() == 5, "the events that name a user are the user's"
    assert set(Split.objects.values_list("cause", flat=True)) == {"rule"}


def rehome() -> None:
    """Anchors live with their user id if it is usable, else with their device."""
    blocked = set(Namespace.objects.get(key="user_id").blocked_values)
    for row in Anchor.objects.select_related("user", "anonymous"):
        usable = row.user if row.user and row.user.value not in blocked else row.anonymous
        Anchor.objects.filter(pk=row.pk).update(home=usable)


ACTIONS = ["withdraw", "withdraw", "restore", "merge", "merge", "apart", "limit", "block"]


@pytest.mark.parametrize("narrow", [False, True])
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=histories(), seed=st.integers(0, 2**32), actions=st.lists(st.sampled_from(ACTIONS), max_size=4))
def test_whatever_is_decided_the_people_are_those_of_the_pure_function(staff, narrow, events, seed, actions):
    chance = random.Random(seed)
    note("\n".join(map(brief, events)))
    clear(staff.connection)
    Namespace.objects.filter(key="anonymous_id").update(limit=1 if narrow else 500)
    Namespace.objects.filter(key="user_id").update(blocked_values=["undefined"])
    staff.published = []
    for batch in shuffled(events, chance):
        staff.send(*batch)
    assert stored() == decided(book_of(staff.connection))
    for action in actions:
        seeds = _act(action, chance)
        note(f"{action} {seeds}")
        reconsider(staff, *seeds)
        assert stored() == decided(book_of(staff.connection))
        _check_holders()
    staff.send_each(events, size=3)
    staff.send(*(event(**{**each, "message_id": f"again {each['message_id']}"}) for each in events))
    assert stored() == decided(book_of(staff.connection)), "events that come again change nothing of it"


def _act(action: str, chance: random.Random) -> list[int]:
    """Have something changed; returns the identifiers that it is about."""
    links = list(Evidence.objects.order_by("id"))
    nodes = list(Identifier.objects.filter(present=True).order_by("id"))
    if action == "withdraw" and links:
        each = chance.choice(links)
        withdraw(each)
        return [each.a_id, each.b_id]
    if action == "restore" and (withdrawn := [each for each in links if each.state == "withdrawn"]):
        each = chance.choice(withdrawn)
        Evidence.objects.filter(pk=each.pk).update(state="accepted", refused_by="")
        return [each.a_id, each.b_id]
    if action in {"merge", "apart"} and len(nodes) > 1:
        a, b = chance.sample(nodes, 2)
        rule = EvidenceRule.MERGE if action == "merge" else EvidenceRule.KEEP_APART
        decide(a.pk, b.pk, rule)
        return [a.pk, b.pk]
    if action == "limit":
        Namespace.objects.filter(key="anonymous_id").update(limit=chance.choice([1, 2, 500]))
    if action == "block":
        Namespace.objects.filter(key="user_id").update(blocked_values=chance.choice([["u0"], ["undefined"]]))
        rehome()
    return list(Identifier.objects.values_list("id", flat=True))


def _check_holders() -> None:
    """Each anchor is of whoever holds its home, and each live id leads to its own person."""
    for row in Anchor.objects.select_related("home", "profile"):
        holder = row.home.profile_id if row.home else None
        assert row.profile_id == holder
        assert row.live_id == (row.profile.public_id if row.profile else None)
    for each in Profile.objects.all():
        assert Anchor.objects.get(birth_id=each.public_id).profile_id == each.pk
