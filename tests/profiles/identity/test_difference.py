"""What a change of rules or evidence does to people."""

from dataclasses import replace

from hypothesis import given

from profiles.identity.difference import Difference, difference
from tests.profiles.identity.graphs import Graph, graphs


def numbers(graph: Graph, *names: str) -> frozenset[int]:
    return frozenset(graph.node(name) for name in names)


def test_a_link_more_merges_and_a_link_less_splits():
    graph = Graph()
    graph.edge("u1", "d1")
    graph.edge("d2", "e1")
    before = graph.decide()
    graph.edge("e1", "u1")
    after = graph.decide()
    both = (numbers(graph, "u1", "d1"), numbers(graph, "d2", "e1"))
    assert difference(before, after) == Difference([both], [], [])
    assert difference(after, before) == Difference([], [both], [])


def test_a_lower_limit_splits_and_has_something_reviewed():
    graph = Graph(limit=2)
    graph.edge("u1", "d1", hours=1)
    late = graph.edge("u1", "d2", hours=2)
    before = graph.decide()
    graph.rules = Graph(limit=1).rules
    found = difference(before, graph.decide())
    assert (found.merges, found.reviews) == ([], [late])
    assert found.splits == [(numbers(graph, "u1", "d1"), numbers(graph, "d2"))]


def test_a_value_that_is_blocked_counts_for_nobody():
    graph = Graph()
    graph.edge("u1", "d1")
    graph.edge("u1", "d2", hours=1)
    before = graph.decide()
    graph.node("u1", blocked=True)
    found = difference(before, graph.decide())
    assert found.splits == [(numbers(graph, "d1"), numbers(graph, "d2"))]


@given(graph=graphs())
def test_nothing_differs_from_itself_in_any_order(graph):
    before = graph.decide()
    graph.edges = [replace(edge) for edge in reversed(graph.edges)]
    assert difference(before, graph.decide()) == Difference([], [], [])


@given(graph=graphs(), other=graphs())
def test_what_merges_one_way_splits_the_other(graph, other):
    there = difference(graph.decide(), other.decide())
    back = difference(other.decide(), graph.decide())
    assert (there.merges, there.splits) == (back.splits, back.merges)
