"""The links that one event is evidence of."""

from dataclasses import replace

from profiles.builder.digests import link_key
from profiles.enums import ContentUse, EvidenceRule
from profiles.identity.evidence import Found, Identifier, Link, alias_links, content_links, star
from profiles.identity.rules import Rules
from tests.profiles.identity.graphs import DEVICE, EMAIL, GROUP, NUMBER, USER, rules

U, C, E = Identifier(USER, "u"), Identifier(NUMBER, "c"), Identifier(EMAIL, "e")
D, G, NULL = Identifier(DEVICE, "d"), Identifier(GROUP, "g"), Identifier(USER, "null")
PLAIN_KEY = "d60b7a18eb98231b69ffbe0b015b1fad"
EVENT, IMPLIED, VERIFIED = EvidenceRule.EVENT, EvidenceRule.IMPLIED, EvidenceRule.VERIFIED


def test_the_star_of_an_event_starts_at_its_strongest_identifier():
    assert star([D, E], rules()) == [Link(E, D, EVENT)]
    assert star([D], rules()) == []


def test_it_starts_at_the_user_id_whatever_the_priorities():
    weak = Rules(
        tuple(replace(rule, priority=9 if rule.id == USER else rule.priority) for rule in rules().namespaces)
    )
    assert {link.a for link in star([D, U], weak)} == {U}


def test_beside_the_centre_the_second_strongest_has_a_star():
    assert star([D, E, U], rules()) == [Link(U, E, EVENT), Link(U, D, EVENT), Link(E, D, IMPLIED, via=U)]


def test_a_blocked_centre_keeps_its_links():
    assert star([D, E, NULL], rules()) == [
        Link(NULL, E, EVENT),
        Link(NULL, D, EVENT),
        Link(E, D, IMPLIED, via=NULL),
    ]


def test_links_tell_of_sharing_beyond_both_stars():
    third = Identifier(NUMBER, "d")
    links = star([U, C, third, E], rules())
    assert Link(third, E, IMPLIED, via=U) in links
    assert len(links) == len(set(links))


def test_a_group_is_linked_too():
    assert Link(U, G, EVENT) in star([G, D, U], rules())


def test_a_verified_value_has_verified_links():
    links = star([D, E, U], rules(), verified={E})
    assert [link.rule for link in links] == [VERIFIED, EVENT, VERIFIED]
    assert links[2].via == U


def test_an_alias_to_itself_says_nothing():
    assert alias_links(U, [U]) == []


def test_what_was_found_is_linked_with_the_centre_once_for_each_place():
    joining = rules(email={"content": ContentUse.PROPOSE})
    note, text = Found(E, "properties.note"), Found(E, "properties.text")
    assert content_links(D, [note, text, note, Found(D, "properties.note")], joining) == [
        Link(D, E, EvidenceRule.CONTENT, place="properties.note"),
        Link(D, E, EvidenceRule.CONTENT, place="properties.text"),
    ]
    assert content_links(D, [note], rules()) == []


def test_keys_of_links_tell_apart_what_differs_and_nothing_else():
    beside = Link(E, D, IMPLIED, via=U)
    assert link_key(Link(U, D, EVENT), 1, 0) == link_key(Link(D, U, EVENT), 1, 0)
    assert link_key(beside, 1, 0) == link_key(Link(D, E, IMPLIED, via=U), 1, 0)
    assert link_key(beside, 1, 0) != link_key(Link(E, D, IMPLIED, via=C), 1, 0)
    found = Link(D, E, EvidenceRule.CONTENT, place="properties.note")
    assert link_key(found, 1, 0) != link_key(Link(E, D, EvidenceRule.CONTENT, place="properties.note"), 1, 0)
    assert link_key(found, 1, 0) != link_key(found._replace(place="properties.text"), 1, 0)


def test_keys_of_plain_links_stay_what_they_were():
    assert link_key(Link(U, D, EVENT), 1, 0).hex() == PLAIN_KEY
