"""The identity graph, and the evidence of its links."""

from typing import Any

import pytest

from profiles.domain.queries import graph as graphs
from profiles.domain.queries.graph import graph
from profiles.domain.queries.graph_elements import Graph, Tie
from profiles.domain.queries.link_evidence import NotTheirLink, link_evidence
from profiles.domain.queries.tabs import accesses, history
from profiles.models import Evidence, Profile
from streaming.database import Row, fetch
from tests.plans import tables_read_whole
from tests.profiles.builder.driver import event
from tests.profiles.people import ALL, MARKETER, person_of, reads


def told(found: Graph) -> set[tuple[str, str, str]]:
    """The links by the values of their ends."""
    names = {node.key: str(node.value) for node in found.nodes} | {
        each.key: each.key for each in found.bundles
    }
    return {(*sorted((names[link.a], names[link.b])), link.tie.value) for link in found.links}  # type: ignore[misc]


def test_it_has_identifiers_links_and_where_two_people_became_one(jane):
    found = graph(ALL, jane.public_id)
    assert [(node.namespace, node.value, node.is_own) for node in found.nodes] == [
        ("user_id", "42", True), ("email", "jane@example.com", True), ("anonymous_id", "a1", True),
        ("anonymous_id", "a2", True),
    ]  # fmt: skip
    assert told(found) >= {
        ("42", "a1", "accepted"),
        ("42", "a2", "accepted"),
        ("42", "jane@example.com", "accepted"),
    }
    keys = {node.value: node.key for node in found.nodes}
    merged = {frozenset((link.a, link.b)) for link in found.links if link.merged_at}
    assert merged == {frozenset((keys["42"], keys["a2"]))}
    assert (found.is_cut, found.bundles, found.id) == (False, [], jane.public_id)


def test_what_was_refused_leads_to_the_other_person_and_their_read_is_kept(builder):
    builder.send(event(anonymous_id="tablet", user_id="ann"))
    builder.send(event(anonymous_id="tablet", user_id="bob", minutes=1))
    ann, bob = person_of("user_id", "ann"), person_of("user_id", "bob")
    found = graph(ALL, ann.public_id)
    assert told(found) == {("ann", "tablet", "accepted"), ("bob", "tablet", "refused")}
    (ghost,) = [node for node in found.nodes if not node.is_own]
    assert ghost.other == bob.public_id
    assert reads() == [("test", "person.graph", 2)]


def test_groups_and_shared_values_stand_beside_the_person(builder):
    builder.send(event("identify", user_id="1", group_id="acme", traits={"email": "both@example.com"}))
    builder.send(event("identify", user_id="2", traits={"email": "both@example.com"}))
    found = graph(ALL, person_of("user_id", "1").public_id)
    beside = {(node.value, node.standing.value) for node in found.nodes if not node.is_own}
    assert beside == {("acme", "attaches"), ("both@example.com", "shared")}
    assert {link.tie for link in found.links} == {Tie.ATTACHED}
    assert all(node.other is None for node in found.nodes)


def test_a_decision_of_staff_is_told_before_what_events_say(builder):
    builder.send(
        event(anonymous_id="tablet", user_id="ann"), event(anonymous_id="tablet", user_id="bob", minutes=1)
    )
    refused = Evidence.objects.get(state="refused")
    Evidence.objects.create(
        key=b"decision", a_id=refused.a_id, b_id=refused.b_id, rule="keep_apart", source_id=0, decided_by="mary",
        event_time=refused.event_time, message_id="decision:1", state="accepted",
    )  # fmt: skip
    found = graph(ALL, person_of("user_id", "ann").public_id)
    assert ("bob", "tablet", "kept_apart") in told(found)


def test_what_is_too_much_comes_as_n_more(builder, monkeypatch):
    monkeypatch.setattr(graphs, "MOST_OWN", 3)
    builder.send(*[event(anonymous_id=f"a{number}", user_id="u") for number in range(6)])
    found = graph(ALL, Profile.objects.get().public_id)
    assert [(each.namespace, each.count) for each in found.bundles] == [("anonymous_id", 4)]
    assert [(link.count, link.evidence) for link in found.links if link.b == "more-anonymous_id"] == [(4, ())]
    assert len(found.nodes) == 3


def test_hidden_values_are_hidden_in_graph_and_evidence(jane):
    found = graph(MARKETER, jane.public_id)
    (email,) = [node for node in found.nodes if node.namespace == "email"]
    assert email.value is None
    (link,) = [link for link in found.links if email.key in (link.a, link.b)]
    pieces = link_evidence(MARKETER, jane.public_id, link=link.evidence[0]).pieces
    assert None in (pieces[0].a.value, pieces[0].b.value)
    assert "jane@example.com" not in pieces[0].reason


def test_the_evidence_of_a_link_has_its_pieces_events_and_merges(builder):
    builder.send(event(anonymous_id="a"), event(user_id="u"))
    builder.send(event(anonymous_id="a", user_id="u", minutes=2, source_id=2))
    builder.send(
        event(anonymous_id="a", user_id="u", minutes=1), event(anonymous_id="a", user_id="u", minutes=3)
    )
    who = Profile.objects.get().public_id
    (link,) = graph(ALL, who).links
    assert (link.sources, len(link.evidence)) == (2, 2)
    found = link_evidence(ALL, who, link=link.evidence[1])
    assert [piece.source for piece in found.pieces] == ["source 1", "source 2"]
    assert (found.events, found.looked_at, found.counts_all_events, found.other) == (3, 5, True, None)
    assert [merge.target for merge in found.merges] == [who]
    assert reads()[1] == ("test", "person.link", 1)


def test_a_refused_link_counts_the_events_of_both_people(builder):
    builder.send(event(anonymous_id="tablet", user_id="ann"))
    builder.send(*[event(anonymous_id="tablet", user_id="bob", minutes=number) for number in (1, 2)])
    refused = Evidence.objects.get(state="refused").id
    found = link_evidence(ALL, person_of("user_id", "ann").public_id, link=refused)
    assert (found.events, found.other) == (2, person_of("user_id", "bob").public_id)
    assert reads()[0] == ("test", "person.link", 2)


def test_a_link_of_other_people_is_not_shown(builder, jane):
    builder.send(event(anonymous_id="x", user_id="other"))
    theirs = Evidence.objects.get(a__value="other").id
    with pytest.raises(NotTheirLink):
        link_evidence(ALL, jane.public_id, link=theirs)


@pytest.mark.parametrize("count", [1, 3])
def test_a_graph_takes_as_many_statements_however_much_there_is(count, builder, django_assert_num_queries):
    for number in range(count):
        builder.send(event(anonymous_id=f"a{number}", user_id="u", group_id="g"))
    who = Profile.objects.get().public_id
    with django_assert_num_queries(7):
        graph(ALL, who)


def test_merges_and_handovers_of_others_are_not_read(jane):
    with tables_read_whole() as whole:
        (link,) = [each for each in graph(ALL, jane.public_id).links if each.merged_at]
        assert link_evidence(ALL, jane.public_id, link=link.evidence[0]).merges
        assert history(ALL, jane.public_id, cursor=None).page.items
    assert not whole & {
        "profiles_merge",
        "profiles_split",
        "profiles_anchor",
        "profiles_identifier",
        "profiles_evidence",
    }


def test_who_looked_does_not_go_through_the_ids_of_everybody(jane):
    with tables_read_whole(joining=True, of='SELECT "profiles_anchor"."birth_id"') as whole:
        accesses(ALL, jane.public_id)
    assert not whole


def test_of_very_many_identifiers_few_rows_are_fetched(builder, monkeypatch):
    monkeypatch.setattr(graphs, "MOST_OWN", 3)
    monkeypatch.setattr(graphs, "MOST_OTHERS", 2)
    fetched: list[Row] = []

    def counted(*given: Any) -> list[Row]:
        rows = fetch(*given)
        fetched.extend(rows)
        return rows

    monkeypatch.setattr(graphs, "fetch", counted)
    builder.send(
        *[event(anonymous_id=f"a{number}", user_id="u", group_id=f"g{number}") for number in range(30)]
    )
    found = graph(ALL, person_of("user_id", "u").public_id)
    assert len(fetched) <= 20
    assert (found.is_cut, len(found.nodes), [each.count for each in found.bundles]) == (True, 5, [28])
