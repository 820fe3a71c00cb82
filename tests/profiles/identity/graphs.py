"""Small graphs for the tests of the pure function, and hypothesis's way to draw them."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from profiles.enums import ContentUse, EvidenceRule, Level
from profiles.identity.evidence import Edge, Node, OrderKey
from profiles.identity.partition import Partition, partition
from profiles.identity.rules import NamespaceRule, Rules
from profiles.identity.sharing import shared_values

START = datetime(2026, 1, 1, tzinfo=UTC)
USER, NUMBER, EMAIL, DEVICE, GROUP = 1, 2, 3, 4, 5
NAMESPACES = {"u": USER, "c": NUMBER, "e": EMAIL, "d": DEVICE, "g": GROUP}


def rules(*, number=None, email=None, **device) -> Rules:
    """As installed, with these values of customer numbers, e-mails and devices."""
    email = {"shareable": True, "shared_patterns": ("info@.*",), **(email or {})}
    return Rules(
        (
            NamespaceRule(USER, "user_id", Level.PERSON, 1, unique=True, blocked_values=frozenset({"null"})),
            NamespaceRule(NUMBER, "customer_number", Level.PERSON, 2, unique=True, **(number or {})),
            NamespaceRule(EMAIL, "email", Level.PERSON, 3, **email),
            NamespaceRule(DEVICE, "anonymous_id", Level.DEVICE, 4, **device),
            NamespaceRule(GROUP, "group_id", Level.GROUP, 5),
        )
    )


class Graph:
    """Nodes by name (`u1` a user, `c1` a number, `e1` an e-mail, `d1` a device, `g1` a group), edges as added."""

    def __init__(self, **given) -> None:
        self.rules = rules(**given)
        self.nodes: dict[int, Node] = {}
        self.edges: list[Edge] = []
        self._numbers: dict[str, int] = {}

    def node(self, name: str, **given) -> int:
        """The number of the node; what is given of it holds from now on."""
        number = self._numbers.setdefault(name, len(self._numbers) + 1)
        if number not in self.nodes:
            self.nodes[number] = Node(number, NAMESPACES[name[0]], name)
        self.nodes[number] = replace(self.nodes[number], **given)
        return number

    def edge(
        self, a: str, b: str, hours: float = 0, rule: EvidenceRule = EvidenceRule.EVENT, via: str = ""
    ) -> int:
        number = len(self.edges) + 1
        order = OrderKey(START + timedelta(hours=hours), 1, f"m{number}")
        beside = self.node(via) if via else None
        self.edges.append(Edge(number, self.node(a), self.node(b), rule, order, via=beside))
        return number

    def withdraw(self, *numbers: int) -> None:
        self.edges = [replace(each, withdrawn=each.withdrawn or each.id in numbers) for each in self.edges]

    def decide(self, edges: Collection[Edge] | None = None) -> Partition:
        edges = self.edges if edges is None else edges
        shared = shared_values(self.nodes, edges, self.rules)
        nodes = {number: replace(node, shared=number in shared) for number, node in self.nodes.items()}
        return partition(nodes, edges, self.rules)

    def shared(self) -> set[str]:
        return self._names(shared_values(self.nodes, self.edges, self.rules))

    def people(self, edges: Collection[Edge] | None = None) -> set[str]:
        return {" ".join(sorted(self._names(each))) for each in self.decide(edges).people}

    def outcome(self, edge: int):
        return self.decide().outcomes[edge]

    def _names(self, numbers: Iterable[int]) -> set[str]:
        names = {number: name for name, number in self._numbers.items()}
        return {names[number] for number in numbers}


NAMES = ["u1", "u2", "u3", "c1", "c2", "e1", "e2", "d1", "d2", "d3", "g1"]


@st.composite
def graphs(draw) -> Graph:
    """Any few edges among few nodes, of all rules, with any use of content, and limits that are reached."""
    window = draw(st.sampled_from([None, timedelta(hours=2)]))
    email = {
        "limit": draw(st.sampled_from([None, 1])),
        "content": draw(st.sampled_from(ContentUse)),
    }
    graph = Graph(limit=draw(st.sampled_from([None, 1, 2])), window=window, email=email)
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True)):
        graph.node(name, **draw(st.sampled_from([{"blocked": True}, {"present": False}])))
    for _ in range(draw(st.integers(1, 14))):
        a, b, via = draw(st.lists(st.sampled_from(NAMES), min_size=3, max_size=3, unique=True))
        rule = draw(st.sampled_from([EvidenceRule.EVENT, EvidenceRule.EVENT, *EvidenceRule]))
        beside = via if rule is EvidenceRule.IMPLIED else ""
        graph.edge(a, b, hours=draw(st.integers(0, 3)), rule=rule, via=beside)
    graph.withdraw(*draw(st.lists(st.integers(1, 14), max_size=2)))
    return graph
