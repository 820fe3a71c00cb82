"""The pure function from evidence and rules to people."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.enums import ContentUse, EvidenceRule, EvidenceState
from profiles.identity.partition import order_of
from tests.profiles.identity.graphs import DEVICE, USER, Graph, graphs

MERGE, KEEP_APART = EvidenceRule.MERGE, EvidenceRule.KEEP_APART


def test_what_was_seen_together_is_one_person():
    graph = Graph()
    graph.edge("d1", "e1")
    graph.edge("e1", "u1")
    assert graph.people() == {"d1 e1 u1"}


def test_of_two_users_the_first_keeps_the_device():
    graph = Graph()
    late = graph.edge("u1", "d1", hours=2)
    graph.edge("u2", "d1", hours=1)
    assert graph.people() == {"d1 u2", "u1"}
    assert graph.decide().outcomes[late] == (EvidenceState.REFUSED, "unique:user_id")


def test_stronger_identifiers_are_joined_before_weaker_ones_whatever_the_time():
    graph = Graph()
    graph.edge("u1", "d1", hours=1)
    graph.edge("d1", "e1", hours=2)
    graph.edge("u2", "e1", hours=3)
    assert graph.people() == {"d1 u1", "e1 u2"}


def test_an_email_of_two_users_joins_nobody():
    graph = Graph()
    for other in ("u1", "u2", "d1"):
        graph.edge(other, "e1")
    assert graph.people() == {"u1", "u2", "d1"}
    assert {outcome.state for outcome in graph.decide().outcomes.values()} == {EvidenceState.ATTACHED}


def test_a_limit_refuses_the_latest():
    graph = Graph(limit=2)
    for number in (1, 2, 3):
        graph.edge("u1", f"d{number}", hours=number)
    assert graph.people() == {"d1 d2 u1", "d3"}
    assert graph.decide().outcomes[3].refused_by == "limit:anonymous_id"


def test_a_limit_within_a_window_runs_in_event_time():
    graph = Graph(limit=1, window=timedelta(days=1))
    graph.edge("u1", "d1", hours=0)
    graph.edge("u1", "d2", hours=23)
    graph.edge("u1", "d3", hours=48)
    assert graph.people() == {"d1 d3 u1", "d2"}


def test_a_group_attaches_and_a_decision_wins():
    graph = Graph()
    graph.edge("u1", "g1")
    graph.edge("u2", "g1")
    assert graph.people() == {"u1", "u2"}
    graph.edge("u1", "u2", rule=EvidenceRule.MERGE)
    assert graph.people() == {"u1 u2"}
    graph.edge("u1", "u2", rule=EvidenceRule.KEEP_APART)
    assert graph.people() == {"u1", "u2"}


def test_keeping_apart_wins_over_a_merge_of_the_same_moment():
    graph = Graph()
    merge = graph.edge("u1", "u2", rule=MERGE)
    graph.edge("u2", "u1", rule=KEEP_APART)
    assert graph.people() == {"u1", "u2"}
    assert graph.outcome(merge) == (EvidenceState.REFUSED, "keep_apart")


def test_what_is_kept_apart_is_not_joined_by_way_of_others():
    graph = Graph()
    graph.edge("d1", "d2", rule=KEEP_APART)
    graph.edge("d1", "e1", hours=1)
    late = graph.edge("d2", "e1", hours=2)
    assert graph.people() == {"d1 e1", "d2"}
    assert graph.outcome(late).refused_by == "keep_apart"


def test_verified_links_come_before_stronger_ones():
    graph = Graph()
    graph.edge("u1", "e1", hours=1)
    graph.edge("u1", "d1", hours=2)
    graph.edge("u2", "d1", hours=9, rule=EvidenceRule.VERIFIED)
    assert graph.people() == {"e1 u1", "d1 u2"}


def test_what_stood_beside_a_usable_centre_joins_nobody():
    graph = Graph()
    beside = graph.edge("e1", "d1", rule=EvidenceRule.IMPLIED, via="u1")
    assert graph.people() == {"u1", "e1", "d1"}
    assert graph.outcome(beside).state is EvidenceState.BESIDE
    graph.node("u1", blocked=True)
    assert graph.people() == {"d1 e1"}


def test_a_household_beside_a_centre_is_not_attached_to_the_tablet():
    graph = Graph()
    graph.edge("u1", "d1")
    graph.edge("u1", "g1")
    beside = graph.edge("d1", "g1", rule=EvidenceRule.IMPLIED, via="u1")
    assert graph.outcome(beside).state is EvidenceState.BESIDE


@pytest.mark.parametrize(
    ("use", "state", "people"),
    [
        (ContentUse.OFF, EvidenceState.PROPOSED, {"d1", "e1"}),
        (ContentUse.PROPOSE, EvidenceState.PROPOSED, {"d1", "e1"}),
        (ContentUse.JOIN, EvidenceState.ACCEPTED, {"d1 e1"}),
    ],
)
def test_content_does_what_its_namespace_says(use, state, people):
    graph = Graph(email={"content": use})
    found = graph.edge("d1", "e1", rule=EvidenceRule.CONTENT)
    assert graph.people() == people
    assert graph.outcome(found).state is state


def test_content_comes_last():
    graph = Graph(number={"content": ContentUse.JOIN})
    graph.edge("d1", "c1", hours=1, rule=EvidenceRule.CONTENT)
    graph.edge("d1", "c2", hours=2)
    assert graph.people() == {"c2 d1", "c1"}


def test_who_is_only_named_by_others_joins_nobody_yet():
    graph = Graph()
    graph.node("u1", present=False)
    alias = graph.edge("d1", "u1", rule=EvidenceRule.ALIAS)
    assert graph.people() == {"d1"}
    assert graph.outcome(alias).state is EvidenceState.IGNORED


def test_of_links_that_say_the_same_the_first_decides():
    graph = Graph(limit=1)
    graph.edge("u1", "d1", hours=3)
    graph.edge("u1", "d2", hours=2)
    again = [graph.edge("d1", "u1", hours=hours) for hours in (1, 4, 5)]
    assert graph.people() == {"d1 u1", "d2"}
    assert {graph.outcome(each).state for each in again} == {EvidenceState.ACCEPTED}


def test_of_refused_links_that_say_the_same_the_first_says_why():
    graph = Graph(limit=1)
    first = graph.edge("d1", "d2", hours=1)
    graph.edge("d1", "u1", hours=2)
    graph.edge("d2", "u2", hours=3)
    later = graph.edge("d2", "d1", hours=4)
    assert graph.outcome(first) == graph.outcome(later) == (EvidenceState.REFUSED, "limit:anonymous_id")


def test_the_order_of_deciding_is_total():
    graph = Graph()
    graph.edge("u1", "d1", hours=5)
    graph.edge("d1", "e1", hours=1)
    graph.edge("d1", "e2", hours=1, rule=EvidenceRule.CONTENT)
    graph.edge("d1", "e2", hours=9, rule=MERGE)
    graph.edge("c1", "e2", hours=9)
    placed = sorted(graph.edges, key=lambda each: order_of(each, graph.nodes, graph.rules))
    assert [each.id for each in placed] == [4, 5, 2, 1, 3]


@given(graph=graphs(), data=st.data())
def test_the_order_of_evidence_decides_nothing(graph, data):
    decided = graph.decide()
    again = graph.decide(data.draw(st.permutations(graph.edges)))
    assert set(again.people) == set(decided.people)
    assert again.outcomes == decided.outcomes


@given(graph=graphs())
def test_withdrawing_is_never_having_been(graph):
    """Whatever edge it is, decisions too."""
    for edge in graph.edges:
        rest = [each for each in graph.edges if each.id != edge.id]
        without = graph.decide(rest)
        before, graph.edges = graph.edges, [*graph.edges]
        graph.withdraw(edge.id)
        withdrawn, graph.edges = graph.decide(), before
        assert set(withdrawn.people) == set(without.people)
        assert {key: each for key, each in withdrawn.outcomes.items() if key != edge.id} == without.outcomes


@given(graph=graphs())
def test_duplicates_from_other_imports_change_nothing(graph):
    decided = graph.decide()
    later = [edge for edge in graph.edges if not edge.rule.is_decision and not edge.withdrawn]
    for edge in later:
        graph.edges.append(
            replace(
                edge,
                id=edge.id + 100,
                order=edge.order._replace(time=edge.order.time + timedelta(hours=1)),
            )
        )
    again = graph.decide()
    assert set(again.people) == set(decided.people)
    for edge in later:
        assert again.outcomes[edge.id] == again.outcomes[edge.id + 100] == decided.outcomes[edge.id]


@given(graph=graphs())
def test_households_merge_nobody(graph):
    before = graph.people()
    graph.node("g1")
    for name in ("u1", "d1", "e1"):
        graph.node(name)
        graph.edge(name, "g1")
    assert before <= graph.people()


@given(graph=graphs())
def test_everybody_usable_is_one_person_and_has_one_user_id_unless_the_staff_said_otherwise(graph):
    decided = graph.decide()
    staff = [edge for edge in graph.edges if edge.rule is MERGE]
    for members in decided.people:
        users = [member for member in members if graph.nodes[member].namespace == USER]
        assert len(users) <= 1 or staff
    placed = [member for members in decided.people for member in members]
    assert len(placed) == len(set(placed))
    usable = {
        number
        for number, node in graph.nodes.items()
        if node.namespace in (USER, DEVICE) and node.present and not node.blocked
    }
    assert usable <= set(placed)
