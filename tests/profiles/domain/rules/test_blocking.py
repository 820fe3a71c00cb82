"""A source sends one user id for everyone: found, proposed, and mended with one action."""

import pytest

from compliance.access import AccessDenied
from compliance.models import AuditEntry
from profiles.builder import closure
from profiles.domain.queries.rule_changes import rule_change
from profiles.domain.rules.applying import continue_change
from profiles.domain.rules.blocking import (
    NotBlockable,
    NotBlocked,
    UnknownProposal,
    block_proposed,
    block_value,
    keep_proposed,
    propose_unblocking,
)
from profiles.domain.rules.dry_run import measure
from profiles.domain.rules.proposals import MOST_REFUSED, measure_links
from profiles.enums import ChangeState, ProposalState
from profiles.identity.values import value_since
from profiles.models import (
    Anchor,
    BlockProposal,
    Cluster,
    DailyCounter,
    Household,
    Identifier,
    Namespace,
    Profile,
    RuleChange,
    TimelineEvent,
)
from profiles.recomputing.running import recompute_clusters
from streaming.runtime import failpoints
from tests.profiles.builder.driver import event
from tests.profiles.builder.picture import picture
from tests.profiles.domain.rules.changing import NOW, applied, clock, followed, groups
from tests.profiles.people import ALL, MARKETER, person_of

DEVICES = 30
CONSTANT = "12345"


def send_everybody(builder, devices: int = DEVICES, limit: int = 5) -> None:
    """Everybody has the same user id, and a plan and two events of their own."""
    Namespace.objects.filter(key="anonymous_id").update(limit=limit)
    for number in range(devices):
        who = {"anonymous_id": f"d{number}", "user_id": CONSTANT}
        builder.send(
            event("identify", number, traits={"plan": f"plan {number}"}, **who),
            event(minutes=number + 0.5, properties={"total": number}, **who),
        )


def measured() -> None:
    while measure_links(now=NOW):
        pass


def unblocked(value: str) -> None:
    change = propose_unblocking(ALL, "user_id", value, now=NOW)
    assert measure(change, clock=clock)
    applied(RuleChange.objects.get(pk=change))


def proposals() -> list[tuple[str, str]]:
    rows = BlockProposal.objects.order_by("identifier_id")
    return list(rows.values_list("identifier__value", "state"))


def each_device_is_somebody(devices: int = DEVICES) -> None:
    """Each device is a person of its own, with its own facts, and nobody is anything else."""
    assert groups() == {frozenset({f"d{number}"}) for number in range(devices)}
    for number in range(devices):
        person = person_of("anonymous_id", f"d{number}")
        assert person.traits == {"plan": f"plan {number}"}
        assert TimelineEvent.objects.filter(anchor__profile=person).count() == 2
        assert DailyCounter.objects.filter(anchor__profile=person).count() == 2
    assert not Anchor.objects.filter(profile=None).exists()


def test_a_user_id_that_everybody_has_is_proposed_and_one_action_mends_it(builder):
    send_everybody(builder)
    assert frozenset({CONSTANT, *(f"d{number}" for number in range(5))}) in groups()  # the limit held
    measured()
    assert proposals() == [(CONSTANT, ProposalState.OPEN)]
    change = block_proposed(ALL, Identifier.objects.get(value=CONSTANT).pk, now=NOW)
    assert followed(change).state == ChangeState.DONE
    each_device_is_somebody()
    assert proposals() == [(CONSTANT, ProposalState.BLOCKED)]
    assert not Household.objects.exists()  # it is nothing that people belong to
    builder.send(event("identify", 99, anonymous_id="d3", user_id=CONSTANT, traits={"city": "Leeds"}))
    assert person_of("anonymous_id", "d3").traits == {"plan": "plan 3", "city": "Leeds"}
    assert Profile.objects.count() == DEVICES


def test_unblocking_loses_nothing(builder):
    send_everybody(builder, devices=8)
    before = picture()
    followed(block_value(ALL, "user_id", CONSTANT, now=NOW))
    each_device_is_somebody(8)
    unblocked(CONSTANT)
    assert picture() == before


@pytest.mark.parametrize("place", ["rules.before_commit", "rules.after_commit"])
@pytest.mark.parametrize("on_pass", [1, 2])
def test_killed_in_the_middle_it_goes_on_from_there(place, on_pass, builder, monkeypatch):
    monkeypatch.setattr("profiles.domain.rules.rehoming.STEP", 5)
    send_everybody(builder, devices=12)
    change = block_value(ALL, "user_id", CONSTANT, now=NOW)
    failpoints.arm(f"{place}=raise@{on_pass}")
    try:
        with pytest.raises(failpoints.FailpointReached):
            continue_change(change, clock=clock, seconds=3600)
    finally:
        failpoints.arm("")
    assert followed(change).state == ChangeState.DONE
    each_device_is_somebody(12)


def test_events_that_arrive_in_the_middle_end_where_they_belong(builder):
    send_everybody(builder, devices=12)
    change = block_value(ALL, "user_id", CONSTANT, now=NOW)
    late = {"anonymous_id": "d11", "user_id": CONSTANT}
    builder.send(
        event("identify", 50, traits={"city": "Leeds"}, **late),
        event("identify", 51, anonymous_id="new", user_id=CONSTANT),
    )
    followed(change)
    assert person_of("anonymous_id", "d11").traits == {"plan": "plan 11", "city": "Leeds"}
    assert groups() == {frozenset({f"d{number}"}) for number in range(12)} | {frozenset({"new"})}


def test_a_group_that_is_too_large_to_be_decided_at_once_is_decided_in_the_background(builder, monkeypatch):
    send_everybody(builder, devices=20)
    monkeypatch.setattr(closure, "MOST_EDGES", 10)
    change = followed(block_value(ALL, "user_id", CONSTANT, now=NOW))
    assert change.state == ChangeState.DONE
    assert Cluster.objects.filter(due_at__isnull=False).exists()
    assert rule_change(ALL, change.pk).waiting == 1
    builder.send(event("identify", 50, anonymous_id="d19", user_id=CONSTANT, traits={"city": "Leeds"}))
    while Cluster.objects.filter(due_at__isnull=False).exists():
        assert recompute_clusters(now=NOW)
    assert person_of("anonymous_id", "d19").traits == {"plan": "plan 19", "city": "Leeds"}
    assert groups() == {frozenset({f"d{number}"}) for number in range(20)}
    assert not Anchor.objects.filter(profile=None).exists()


def test_facts_that_hang_on_the_value_alone_belong_to_nobody_until_it_is_unblocked(builder):
    builder.send(event("identify", user_id=CONSTANT, traits={"plan": "gold"}))
    followed(block_value(ALL, "user_id", CONSTANT, now=NOW))
    assert not Profile.objects.exists()
    assert Anchor.objects.get().home_id is None
    unblocked(CONSTANT)
    assert Profile.objects.get().traits == {"plan": "gold"}


def test_a_value_that_was_given_to_another_person_is_blocked_for_each_of_its_holders(builder):
    builder.send(event(anonymous_id="a", user_id="u"))
    namespace = Namespace.objects.get(key="user_id")
    held = Identifier.objects.create(namespace=namespace, value=value_since("u", NOW.date()), first_seen=NOW)
    BlockProposal.objects.create(identifier=held, people=60, links=60, why="many", proposed_at=NOW)
    followed(block_proposed(ALL, held.pk, now=NOW))
    namespace.refresh_from_db()
    assert namespace.blocked_values[-1] == "u"
    assert groups() == {frozenset({"a"})}


def test_values_are_blocked_whatever_their_capitals(builder):
    builder.send(event(anonymous_id="a", user_id="Guest-1"), event(anonymous_id="b", user_id="guest-1"))
    followed(block_value(ALL, "user_id", "GUEST-1", now=NOW))
    assert groups() == {frozenset({"a"}), frozenset({"b"})}


def test_who_links_few_people_is_not_proposed(builder):
    send_everybody(builder, devices=5 + MOST_REFUSED)
    measured()
    assert proposals() == []


def test_what_is_kept_is_proposed_no_more(builder):
    send_everybody(builder)
    measured()
    value = Identifier.objects.get(value=CONSTANT).pk
    keep_proposed(ALL, value, now=NOW)
    builder.send(event(anonymous_id="one-more", user_id=CONSTANT, minutes=99))
    measured()
    assert proposals() == [(CONSTANT, ProposalState.KEPT)]
    for decide in (block_proposed, keep_proposed):
        with pytest.raises(UnknownProposal):
            decide(ALL, value, now=NOW)


def test_a_shared_mailbox_joins_nobody_and_is_not_proposed(builder):
    for number in range(40):
        builder.send(event("identify", number, user_id=f"u{number}", traits={"email": "info@x.org"}))
    measured()
    assert proposals() == []


def test_what_cannot_be_blocked_says_why(builder):
    for value, why in (("null", "already"), ("", "cannot be"), ("x" * 300, "at most 200")):
        with pytest.raises(NotBlockable, match=why):
            block_value(ALL, "user_id", value, now=NOW)
    with pytest.raises(NotBlocked):
        propose_unblocking(ALL, "user_id", CONSTANT, now=NOW)
    for act in (block_value, propose_unblocking):
        with pytest.raises(AccessDenied):
            act(MARKETER, "user_id", CONSTANT, now=NOW)


def test_it_stands_in_the_audit_trail_without_the_value(builder):
    change = block_value(ALL, "user_id", CONSTANT, now=NOW)
    row = AuditEntry.objects.filter(action="identity.rules.apply").latest("id")
    assert row.detail == {"change": change, "fields": ["blocked_values"]}
    assert CONSTANT not in str(row.detail)
    assert RuleChange.objects.get().made_by == "test"
