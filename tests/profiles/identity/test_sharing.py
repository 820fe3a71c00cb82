"""Which values are shared."""

from hypothesis import given

from profiles.enums import ContentUse, EvidenceRule
from tests.profiles.identity.graphs import Graph, graphs


def test_an_email_of_two_users_joins_nobody():
    graph = Graph()
    for other in ("u1", "u2", "d1"):
        graph.edge(other, "e1")
    assert graph.people() == {"u1", "u2", "d1"}
    assert graph.shared() == {"e1"}


def test_an_email_of_one_user_and_their_customer_number_is_theirs():
    graph = Graph()
    graph.edge("u1", "e1")
    graph.edge("c1", "e1")
    assert graph.shared() == set()


def test_two_users_whom_the_staff_made_one_have_their_email_again():
    graph = Graph()
    graph.edge("u1", "e1")
    graph.edge("u2", "e1")
    merge = graph.edge("u1", "u2", rule=EvidenceRule.MERGE)
    assert graph.people() == {"e1 u1 u2"}
    graph.edge("u1", "u2", rule=EvidenceRule.KEEP_APART)
    assert graph.people() == {"u1", "u2"}
    graph.withdraw(merge)
    assert graph.shared() == {"e1"}


def test_a_third_user_keeps_it_shared():
    graph = Graph()
    for user in ("u1", "u2", "u3"):
        graph.edge(user, "e1")
    graph.edge("u1", "u2", rule=EvidenceRule.MERGE)
    assert graph.people() == {"u1 u2", "u3"}


def test_what_was_seen_beside_the_centre_counts():
    graph = Graph()
    graph.edge("u1", "e1")
    graph.edge("c1", "e1", rule=EvidenceRule.IMPLIED, via="u1")
    graph.edge("c2", "e1")
    assert graph.shared() == {"e1"}


def test_refused_links_count_and_withdrawn_ones_do_not():
    graph = Graph()
    graph.edge("u1", "d1")
    graph.edge("u2", "d1", hours=1)
    graph.edge("u1", "e1")
    second = graph.edge("u2", "e1")
    assert graph.shared() == {"e1"}
    graph.withdraw(second)
    assert graph.shared() == set()


def test_blocked_users_do_not_count():
    graph = Graph()
    graph.edge("u1", "e1")
    graph.edge("u2", "e1")
    graph.node("u2", blocked=True)
    assert graph.people() == {"e1 u1"}


def test_what_stood_in_a_text_was_not_seen_with_anybody():
    graph = Graph(email={"content": ContentUse.JOIN})
    graph.edge("u1", "e1", rule=EvidenceRule.CONTENT)
    graph.edge("u2", "e1", hours=1)
    assert graph.people() == {"u1", "e1 u2"}


def test_mailboxes_of_everybody_are_shared_from_the_start():
    graph = Graph()
    graph.node("e1", value="Info@x.org")
    graph.edge("u1", "e1")
    assert graph.people() == {"u1"}


def test_blocked_is_stronger_than_shared():
    graph = Graph()
    graph.node("e1", value="info@x.org", blocked=True)
    graph.edge("u1", "e1")
    assert graph.shared() == set()


@given(graph=graphs())
def test_the_order_of_evidence_shares_nothing(graph):
    before = graph.shared()
    graph.edges.reverse()
    assert graph.shared() == before
