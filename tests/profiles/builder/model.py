"""Who is who by the pure function alone, from all events at once."""

from dataclasses import replace
from datetime import UTC, datetime

from compliance.identifiers import normalise
from profiles.builder.arrival import Reader
from profiles.builder.extraction import Extractor
from profiles.builder.rules import RuleBook, RuleReader
from profiles.enums import EvidenceRule
from profiles.identity.evidence import Edge, Identifier, Link, Node, OrderKey
from profiles.identity.partition import partition
from profiles.identity.sharing import shared_values
from tests.profiles.builder.driver import record_of

LATER = datetime(9999, 1, 1, tzinfo=UTC)


def book_of(connection) -> RuleBook:
    with connection.transaction():
        return RuleReader().read(connection)


def expected_people(events: list[dict], book: RuleBook) -> tuple[set[frozenset], set, dict]:
    """The people, the shared values, and what became of each link, as `picture` tells them."""
    rules = book.namespaces
    reader = Reader(book, Extractor(rules, normalise))
    arrivals = [reader.read(record_of(each)) for each in events]
    edges: dict[bytes, tuple[Link, OrderKey]] = {}
    present: dict[Identifier, bool] = {}
    for arrival in arrivals:
        present.update(dict.fromkeys(arrival.identifiers, True))
        for key, link in arrival.links:
            for end in (link.a, link.b):
                named = link.rule is not EvidenceRule.CONTENT and end.namespace != rules.user
                present[end] = present.get(end, False) or named
            known = edges.get(key)
            if known is None or arrival.order < known[1]:
                edges[key] = (link, arrival.order)
    numbers = {identifier: number for number, identifier in enumerate(sorted(present), start=1)}
    nodes = {
        number: Node(
            number,
            each.namespace,
            each.value,
            blocked=rules.by_id[each.namespace].blocks(each.value),
            present=present[each],
        )
        for each, number in numbers.items()
    }
    graph = [
        Edge(number, numbers[link.a], numbers[link.b], link.rule, order, via=link.via and numbers[link.via])
        for number, (link, order) in enumerate(edges.values(), start=1)
    ]
    shared = shared_values(nodes, graph, rules)
    nodes = {number: replace(node, shared=number in shared) for number, node in nodes.items()}
    decided = partition(nodes, graph, rules)
    names = {number: (rules.by_id[each.namespace].key, each.value) for each, number in numbers.items()}
    outcomes = {
        (
            frozenset((names[edge.a], names[edge.b])),
            edge.rule.value,
            edge.order.source_id,
            names.get(edge.via or 0),
        ): (
            decided.outcomes[edge.id].state.value,
            decided.outcomes[edge.id].refused_by,
        )
        for edge in graph
    }
    people = {frozenset(names[member] for member in members) for members in decided.people}
    return people, {names[each] for each in shared}, outcomes
