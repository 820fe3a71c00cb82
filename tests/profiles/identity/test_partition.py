"""The pure function from evidence and rules to people."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from profiles.enums import EvidenceRule, EvidenceState, Level
from profiles.identity.evidence import Edge, Identifier, Node, OrderKey, alias_links, star
from profiles.identity.partition import Partition, partition, shared_values
from profiles.identity.rules import NamespaceRule, Rules

START = datetime(2026, 1, 1, tzinfo=UTC)
USER, EMAIL, DEVICE, GROUP = 1, 2, 3, 4


def rules(**device) -> Rules:
    return Rules(
        (
            NamespaceRule(USER, "user_id", Level.PERSON, 1, unique=True, blocked_values=frozenset({"null"})),
            NamespaceRule(EMAIL, "email", Level.PERSON, 2, shareable=True),
            NamespaceRule(DEVICE, "anonymous_id", Level.DEVICE, 3, **device),
            NamespaceRule(GROUP, "group_id", Level.GROUP, 4),
        )
    )


class Graph:
    """Nodes by name (`u1` a user, `e1` an e-mail, `d1` a device, `g1` a group), edges in order of adding."""

    def __init__(self, **given) -> None:
        self.rules = rules(**given)
        self.nodes: dict[int, Node] = {}
        self.edges: list[Edge] = []
        self._numbers: dict[str, int] = {}

    def node(self, name: str) -> int:
        number = self._numbers.setdefault(name, len(self._numbers) + 1)
        if number not in self.nodes:
            namespace = {"u": USER, "e": EMAIL, "d": DEVICE, "g": GROUP}[name[0]]
            self.nodes[number] = Node(number, namespace, name)
        return number

    def edge(self, a: str, b: str, hours: float = 0, rule: EvidenceRule = EvidenceRule.EVENT) -> int:
        number = len(self.edges) + 1
        order = OrderKey(START + timedelta(hours=hours), 1, f"m{number}")
        self.edges.append(Edge(number, self.node(a), self.node(b), rule, order))
        return number

    def decide(self, edges: list[Edge] | None = None) -> Partition:
        edges = self.edges if edges is None else edges
        shared = shared_values(self.nodes, edges, self.rules)
        nodes = {
            number: Node(number, node.namespace, node.value, node.blocked, number in shared, node.dormant)
            for number, node in self.nodes.items()
        }
        return partition(nodes, edges, self.rules)

    def people(self) -> set[str]:
        names = {number: name for name, number in self._numbers.items()}
        return {" ".join(sorted(names[member] for member in each)) for each in self.decide().people}


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


def test_the_star_of_an_event_starts_at_its_strongest_identifier():
    user, email, device = Identifier(USER, "u"), Identifier(EMAIL, "e"), Identifier(DEVICE, "d")
    links = star([device, email, user], rules())
    assert [(link.a, link.b) for link in links] == [(user, email), (user, device)]


def test_a_blocked_centre_keeps_its_links_and_the_strongest_usable_one_is_another():
    user, email, device = Identifier(USER, "null"), Identifier(EMAIL, "e"), Identifier(DEVICE, "d")
    links = star([device, email, user], rules())
    assert [(link.a, link.b) for link in links] == [(user, email), (user, device), (email, device)]


def test_an_alias_to_itself_says_nothing():
    user = Identifier(USER, "u")
    assert alias_links(user, [user]) == []


@st.composite
def graphs(draw) -> Graph:
    graph = Graph(limit=draw(st.sampled_from([None, 1, 2])))
    names = st.sampled_from(["u1", "u2", "u3", "e1", "e2", "d1", "d2", "d3", "d4", "g1"])
    for _ in range(draw(st.integers(1, 14))):
        a, b = draw(st.lists(names, min_size=2, max_size=2, unique=True))
        graph.edge(a, b, hours=draw(st.integers(0, 3)))
    return graph


@given(graph=graphs(), data=st.data())
def test_the_order_of_evidence_decides_nothing(graph, data):
    decided = graph.decide()
    again = graph.decide(data.draw(st.permutations(graph.edges)))
    assert set(again.people) == set(decided.people)
    assert again.outcomes == decided.outcomes


@given(graph=graphs())
def test_nobody_has_two_values_of_a_unique_namespace_and_everybody_usable_is_one_person(graph):
    decided = graph.decide()
    for members in decided.people:
        assert sum(graph.nodes[member].namespace == USER for member in members) <= 1
    placed = [member for members in decided.people for member in members]
    assert len(placed) == len(set(placed))
    users = {number for number, node in graph.nodes.items() if node.namespace in (USER, DEVICE)}
    assert users <= set(placed)
