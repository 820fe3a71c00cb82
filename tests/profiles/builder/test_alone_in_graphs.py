"""Links decided alone, against the pure function over all links: any ranks, limits and decisions."""

from collections import Counter

from hypothesis import given, reject, settings
from hypothesis import strategies as st

from profiles.builder.alone import NewLink, Undecided, decide_alone
from profiles.builder.merging import Vertex
from profiles.enums import EvidenceRule
from profiles.identity.partition import Partition, order_of, resolves, undecided
from tests.profiles.identity.graphs import Graph

_OLD, _NEW = ("u1", "u2", "c1", "d1", "d2", "d3"), ("u9", "d9")
_EVENT = EvidenceRule.EVENT
_BEFORE = st.sampled_from([_EVENT, _EVENT, _EVENT, EvidenceRule.KEEP_APART, EvidenceRule.MERGE])
_AFTER = st.sampled_from([_EVENT, _EVENT, _EVENT, EvidenceRule.VERIFIED, EvidenceRule.CONTENT])


@st.composite
def graphs(draw) -> Graph:
    """Few values and narrow limits, so that nearly all of it is one cluster."""
    graph = Graph(limit=draw(st.sampled_from([1, 2])), number={"content": "join"})
    for _ in range(draw(st.integers(2, 8))):
        a, b = draw(st.permutations(_OLD))[:2]
        graph.edge(a, b, hours=draw(st.integers(0, 5)), rule=draw(_BEFORE))
    return graph


class Cluster:
    """A graph that was decided, and what comes to it."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.known = set(graph.nodes)
        self.old = list(graph.edges)
        self.before: Partition = graph.decide()
        self.sets = {member: number for number, each in enumerate(self.before.people) for member in each}

    def vertex(self, node: int) -> Vertex:
        return Vertex(self.sets[node], None) if node in self.known else Vertex(None, node)

    def pair(self, edge) -> tuple[frozenset[int], int]:
        return frozenset((edge.a, edge.b)), edge.rule.rank

    def order(self, edge):
        return order_of(edge, self.graph.nodes, self.graph.rules)

    def deciding(self, edges) -> list:
        return [each for each in edges if undecided(each, self.graph.nodes, self.graph.rules) is None]

    def counts(self) -> dict[Vertex, Counter[int]]:
        bounded = {rule.id for rule in self.graph.rules.bounded}
        found: dict[Vertex, Counter[int]] = {}
        for row, node in self.graph.nodes.items():
            if resolves(node, self.graph.rules):
                counted = found.setdefault(self.vertex(row), Counter())
                if node.namespace in bounded:
                    counted[node.namespace] += 1
        return found

    def decide_alone(self):
        fresh = self.deciding(self.graph.edges[len(self.old) :])
        old = self.deciding(self.old)
        last = max((self.order(each)[:3] for each in old), default=None)
        first = {}
        for each in sorted(old, key=self.order, reverse=True):
            first[self.pair(each)] = self.before.outcomes[each.id]
        apart = [
            (self.vertex(each.a), self.vertex(each.b)) for each in old if each.rule is EvidenceRule.KEEP_APART
        ]
        links = [
            NewLink(
                each.id,
                self.order(each),
                self.vertex(each.a),
                self.vertex(each.b),
                self.pair(each),
                last is None or self.order(each)[:3] > last,
                frozenset(),
            )
            for each in fresh
        ]
        return decide_alone(links, self.counts(), first, apart, self.graph.rules)

    def members(self, vertices) -> frozenset[int]:
        found: set[int] = set()
        for vertex in vertices:
            found |= {vertex.identifier} if vertex.row is None else self.before.people[vertex.row]
        return frozenset(found)


@settings(max_examples=60, deadline=None)
@given(graph=graphs(), data=st.data())
def test_what_is_decided_alone_is_what_all_of_it_says(graph, data):
    cluster = Cluster(graph)
    for _ in range(data.draw(st.integers(1, 3))):
        a, b = data.draw(st.permutations([*_OLD, *_NEW]))[:2]
        graph.edge(a, b, hours=data.draw(st.integers(4, 9)), rule=data.draw(_AFTER))
    try:
        alone = cluster.decide_alone()
    except Undecided:
        reject()
    everything = graph.decide()
    assert {cluster.members(each) for each in alone.sets} == set(everything.people)
    assert alone.outcomes == {row: everything.outcomes[row] for row in alone.outcomes}
    assert {each.id: everything.outcomes[each.id] for each in cluster.old} == cluster.before.outcomes
