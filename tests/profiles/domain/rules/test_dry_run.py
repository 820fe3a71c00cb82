"""The dry run says what applying does: to how many, and to whom."""

from collections import defaultdict

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from profiles.builder.closure import closure
from profiles.builder.rules import RuleReader
from profiles.domain.database import session
from profiles.domain.queries.rule_changes import rule_change
from profiles.domain.rules import dry_run
from profiles.domain.rules.consequences import consequences
from profiles.domain.rules.dry_run import measure
from profiles.domain.rules.editing import NothingChanged, propose_change
from profiles.domain.rules.rehoming import held_anchors
from profiles.enums import ChangeState
from profiles.identity.partition import partition
from profiles.models import Anchor, Evidence, Identifier, Merge, Namespace, Profile, RuleChange
from streaming.runtime import failpoints
from tests.profiles.builder.driver import event
from tests.profiles.builder.picture import clear, picture
from tests.profiles.domain.rules.changing import NOW, applied, clock, groups, proposed, with_fields
from tests.profiles.people import ALL, person_of


def figures(change: RuleChange) -> tuple[int, int, int]:
    return change.merges, change.splits, change.reviews


def holders() -> dict:
    """Who has each identifier and each anchor."""
    identifiers = Identifier.objects.values_list("pk", "profile_id")
    return {("identifier", row): who for row, who in identifiers} | {
        ("anchor", row): who for row, who in Anchor.objects.values_list("pk", "profile_id")
    }


def taken_apart(before: dict, after: dict) -> int:
    """Of how many people what they had is not all one person's."""
    found: dict[int, set[int | None]] = defaultdict(set)
    for each, row in before.items():
        if row is not None:
            found[row].add(after[each])
    return sum(len(rows) > 1 or None in rows for rows in found.values())


def test_a_lower_limit_takes_a_person_apart_and_sends_links_to_review(builder):
    for number in range(4):
        builder.send(event(anonymous_id=f"d{number}", user_id="u", minutes=number))
    builder.send(event(anonymous_id="other", user_id="v"))
    change = proposed("anonymous_id", limit=2)
    assert figures(change) == (0, 1, 2)
    assert (change.people, change.state) == (1, ChangeState.READY)
    kinds = {each["kind"]: each for each in change.examples}
    assert kinds["split"]["ids"] == [str(person_of("user_id", "u").public_id)]
    assert "taken apart into 3" in kinds["split"]["sentence"]
    assert "there is a limit for anonymous id" in kinds["review"]["sentence"]
    assert groups() == {frozenset({"u", "d0", "d1", "d2", "d3"}), frozenset({"v", "other"})}
    applied(change)
    assert groups() == {
        frozenset({"u", "d0", "d1"}), frozenset({"d2"}), frozenset({"d3"}), frozenset({"v", "other"}),
    }  # fmt: skip


def test_a_higher_limit_merges_whom_it_kept_apart(builder):
    Namespace.objects.filter(key="anonymous_id").update(limit=1)
    for number in range(3):
        builder.send(event(anonymous_id=f"d{number}", user_id="u", minutes=number))
    change = proposed("anonymous_id", limit=5)
    assert figures(change) == (2, 0, 0)
    (example,) = change.examples
    assert (example["kind"], len(example["ids"])) == ("merge", 3)
    assert "a link between anonymous id and user id is accepted" in example["sentence"]
    applied(change)
    assert groups() == {frozenset({"u", "d0", "d1", "d2"})}


def test_unique_no_more_a_shared_value_joins_again(builder):
    builder.send(event("identify", user_id="ann", traits={"email": "family@x.org"}))
    builder.send(event("identify", user_id="bob", traits={"email": "family@x.org"}, minutes=1))
    assert groups() == {frozenset({"ann"}), frozenset({"bob"})}
    change = proposed("user_id", unique=False)
    assert figures(change) == (1, 0, 0)
    applied(change)
    assert groups() == {frozenset({"ann", "bob", "family@x.org"})}
    back = proposed("user_id", unique=True)
    assert figures(back)[:2] == (0, 1)
    applied(back)
    assert groups() == {frozenset({"ann"}), frozenset({"bob"})}


def test_a_household_joins_nobody_any_more(builder):
    builder.send(event("identify", anonymous_id="a", traits={"email": "x@x.org"}))
    builder.send(event("identify", anonymous_id="b", traits={"email": "x@x.org"}))
    change = proposed("email", level="household", limit=None)
    assert figures(change)[:2] == (0, 1)
    applied(change)
    assert groups() == {frozenset({"a"}), frozenset({"b"})}


def test_whose_facts_go_elsewhere_is_counted_though_they_keep_their_identifiers(builder):
    Namespace.objects.filter(key="anonymous_id").update(limit=1)
    for number in range(3):
        builder.send(event(anonymous_id=f"d{number}", user_id="u", minutes=number))
    applied(proposed("user_id", blocked_values=["u"]))
    before = holders()
    change = proposed("user_id", blocked_values=[])
    assert figures(change) == (0, 2, 2)  # what d1 and d2 did is u's again
    applied(change)
    assert taken_apart(before, holders()) == 2


def test_what_only_concerns_the_future_changes_nobody(builder):
    builder.send(event("identify", anonymous_id="a", user_id="u", traits={"mail": "x@x.org"}))
    change = proposed("email", paths=["traits.email", "traits.mail"], name="Mail")
    assert figures(change) == (0, 0, 0)
    before = picture()
    applied(change)
    assert picture() == before
    builder.send(event("identify", anonymous_id="a", user_id="u", minutes=1, traits={"mail": "x@x.org"}))
    assert groups() == {frozenset({"a", "u", "x@x.org"})}


def test_it_locks_and_changes_nothing(builder, database):
    builder.send(event(anonymous_id="a", user_id="u"))
    before = picture()
    row = Profile.objects.get().pk
    with database.connect() as other:
        other.execute("SELECT FROM profiles_profile WHERE id = %s FOR UPDATE", [row])
        change = proposed("anonymous_id", blocked_values=["a"])
    assert figures(change)[1] == 1
    assert picture() == before


def test_killed_it_is_measured_again_from_the_beginning(builder):
    for number in range(3):
        builder.send(event(anonymous_id=f"d{number}", user_id="u", minutes=number))
    change = propose_change(ALL, "anonymous_id", with_fields("anonymous_id", limit=1), now=NOW)
    failpoints.arm("rules.measured_step=raise")
    try:
        with pytest.raises(failpoints.FailpointReached):
            measure(change, clock=clock)
    finally:
        failpoints.arm("")
    assert RuleChange.objects.get().state == ChangeState.MEASURING
    assert measure(change, clock=clock)
    assert figures(RuleChange.objects.get()) == (0, 1, 2)


VALUES = st.integers(0, 3)
EVENTS = st.lists(st.tuples(VALUES, st.none() | VALUES, st.none() | VALUES), min_size=3, max_size=14)
CHANGES = st.sampled_from(
    [
        ("anonymous_id", {"limit": 1}), ("anonymous_id", {"limit": 2}), ("user_id", {"unique": False}), ("email", {"shareable": False}),
        ("email", {"priority": 1}), ("email", {"level": "household"}), ("user_id", {"blocked_values": ["u1"]}),
        ("anonymous_id", {"blocked_patterns": ["d[01]"]}), ("email", {"shared_patterns": ["e[12]@x.org"]}), ("email", {"limit": 1}),
    ]
)  # fmt: skip


@settings(
    max_examples=12,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(history=EVENTS, changes=st.lists(CHANGES, min_size=1, max_size=2, unique_by=str))
def test_the_dry_run_says_what_applying_does(history, changes, builder, database):
    with database.connect() as connection:
        clear(connection)
    kept = list(Namespace.objects.all())
    try:
        for minute, (device, user, mail) in enumerate(history):
            traits = {} if mail is None else {"email": f"e{mail}@x.org"}
            who = None if user is None else f"u{user}"
            builder.send(event("identify", minute, anonymous_id=f"d{device}", user_id=who, traits=traits))
        for key, fields in changes:
            _agree(key, fields)
    finally:
        for row in kept:
            row.save()


def _agree(key: str, fields: dict) -> None:
    try:
        change = proposed(key, **fields)
    except NothingChanged:
        return
    refused = set(Evidence.objects.filter(state="refused").values_list("pk", flat=True))
    before = holders()
    applied(change)
    news = set(Evidence.objects.filter(state="refused").values_list("pk", flat=True)) - refused
    merges = Merge.objects.filter(cause="rule", change_id=change.pk).count()
    assert figures(change) == (merges, taken_apart(before, holders()), len(news))
    _all_is_decided()


def _all_is_decided() -> None:
    """By the rules of now everybody is who they are: the change left nobody out."""
    with transaction.atomic(), session() as connection:
        rules = RuleReader().read(connection).namespaces
        everybody = list(Identifier.objects.values_list("pk", flat=True))
        found = closure(connection, everybody, rules)
        left = consequences(found, rules, held_anchors(connection, found.rows, everybody, rules))
    decided = partition(found.nodes, [edge for edge, _ in found.edges.values()], rules)
    assert {each.id: decided.outcomes[each.id] for each, _ in found.edges.values()} == {
        each.id: outcome for each, outcome in found.edges.values()
    }
    assert (left.merges, left.splits) == (0, 0)


def test_what_texts_name_joins_or_is_only_proposed(builder):
    """The dry run of either direction says what applying it does."""
    builder.send(
        event("identify", user_id="ann", traits={"email": "ann@example.com"}),
        event(anonymous_id="d", minutes=1, properties={"note": "ask ann@example.com"}),
    )
    apart, one = groups(), {frozenset({"ann", "ann@example.com", "d"})}
    assert apart == {frozenset({"ann", "ann@example.com"}), frozenset({"d"})}
    joining = proposed("email", content="join")
    assert (figures(joining), joining.people, groups()) == ((1, 0, 0), 2, apart)
    applied(joining)
    assert groups() == one
    proposing = proposed("email", content="propose")
    assert (figures(proposing), proposing.people, groups()) == ((0, 1, 0), 1, one)
    applied(proposing)
    assert groups() == apart


def test_where_its_time_does_not_do_it_says_how_much_it_looked_at(builder, monkeypatch):
    monkeypatch.setattr(dry_run, "STEP", 2)
    builder.send(*(event(anonymous_id=f"d{number}", user_id=f"u{number}") for number in range(6)))
    patterns = [*Namespace.objects.get(key="user_id").blocked_patterns, "u.*"]
    change = propose_change(ALL, "user_id", with_fields("user_id", blocked_patterns=patterns), now=NOW)
    times = iter([NOW, NOW, NOW + dry_run.MOST_TIME, NOW + dry_run.MOST_TIME])
    assert measure(change, clock=lambda: next(times))
    found = rule_change(ALL, change)
    assert (found.state, found.looked_at, found.splits) == (ChangeState.READY, (4, 6), 4)
    applied(RuleChange.objects.get(pk=change))
    assert groups() == {frozenset({f"d{number}"}) for number in range(6)}
    assert rule_change(ALL, change).looked_at is None
