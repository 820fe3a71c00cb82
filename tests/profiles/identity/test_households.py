"""Groups and households make nobody one person, whatever is attached to them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.enums import EvidenceState
from tests.profiles.identity.graphs import Graph, graphs

_GROUPS = st.sampled_from(["g1", "g2", "g3"])
_PEOPLE = st.sampled_from(["u1", "u2", "u3", "c1", "e1", "e2", "d1", "d2", "d3"])


def _joined(graph: Graph) -> set[str]:
    """The people of two or more identifiers: a value that only a group names is somebody alone."""
    return {who for who in graph.people() if " " in who}


@settings(max_examples=40, deadline=None)
@given(
    graph=graphs(), attached=st.lists(st.tuples(_GROUPS, _PEOPLE, st.integers(0, 3)), min_size=1, max_size=12)
)
def test_whatever_is_attached_to_a_group_people_stay_who_they_are(graph, attached):
    before, outcomes = _joined(graph), graph.decide().outcomes
    added = [graph.edge(group, who, hours=hours) for group, who, hours in attached]
    after = graph.decide().outcomes
    assert _joined(graph) == before
    assert {edge: after[edge] for edge in outcomes} == outcomes
    assert {after[edge].state for edge in added} <= {EvidenceState.ATTACHED, EvidenceState.IGNORED}


def test_a_group_that_everybody_names_ties_nobody_to_anybody():
    graph = Graph()
    for number in range(50):
        graph.edge(f"u{number}", "g1")
    assert len(graph.people()) == 50
