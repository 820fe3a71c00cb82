"""Who is who by the pure function alone, from all events at once."""

from profiles.builder.rules import RuleBook, RuleReader
from tests.profiles.machine.world import World


def book_of(connection) -> RuleBook:
    with connection.transaction():
        return RuleReader().read(connection)


def expected_people(events: list[dict], book: RuleBook) -> tuple[set[frozenset], set, dict]:
    """The people, the shared values, and what became of each link, as `picture` tells them."""
    world = World(book)
    world.tell(events)
    decided, named, nodes, edges = world.decided()
    names = {number: world.name(each) for number, each in named.items()}
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
        for _, edge in edges
    }
    people = {frozenset(names[member] for member in members) for members in decided.people}
    return people, {names[number] for number, node in nodes.items() if node.shared}, outcomes
