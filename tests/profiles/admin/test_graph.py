"""The tab `Identity graph`, and what it hides."""

import re

import pytest

from compliance.models import AuditEntry
from profiles.admin.graph_drawing import draw
from profiles.domain.queries.graph import graph
from profiles.models import Evidence, Namespace
from tests.profiles.builder.driver import event
from tests.profiles.people import ALL, person_of


def _text(answer) -> str:
    return " ".join(answer.content.decode().split())


def _tab(person) -> str:
    return f"/admin/people/{person.public_id}/tab/graph/"


def test_identifiers_links_levels_and_merges_are_drawn_and_told_in_a_table(signed_in, jane):
    page = _text(signed_in("administrator").get(_tab(jane)))
    svg = page[page.index('<svg class="hw-identity-svg"') :]
    for shown in (
        "jane@example.com",
        "User id · person",
        "Anonymous id · device",
        "hw-tie-accepted",
        "made two people one",
    ):
        assert shown in svg, shown
    table = page[page.index("The same as a table") :]
    assert table.count("<tr>") == 1 + svg.count('class="hw-tie-hit"')
    assert 'aria-current="page">Identity graph</a>' in page


def test_levels_have_shapes_and_no_masked_value_is_in_the_picture(signed_in, jane):
    drawing = draw(graph(ALL, jane.public_id))
    corners = {box.kind.partition(" · ")[0]: box.corner for box in drawing.boxes}
    assert len({corners["User id"], corners["Anonymous id"]}) == 2
    page = _text(signed_in("marketer").get(_tab(jane)))
    assert "jane@example.com" not in page
    assert 'class="hw-node-text hw-node-hidden"' in page
    assert "E-mail hidden" in page
    assert "DPO, administrator and support agent may see contact data" in page


def test_an_address_is_written_as_people_write_it_and_a_namespace_called_as_staff_call_it(builder, signed_in):
    Namespace.objects.filter(key="address").update(name="Home")
    address = {"postcode": "BT2 4DH", "house_number": "71", "country": "GB"}
    builder.send(event("identify", user_id="u", traits=address))
    who = person_of("user_id", "u")
    sees_all, sees_little = signed_in("administrator"), signed_in("marketer")
    for page in (_tab(who), f"/admin/people/{who.public_id}/", f"/admin/people/{who.public_id}/why/"):
        shown, hidden = _text(sees_all.get(page)), _text(sees_little.get(page))
        assert "71, BT2 4DH, GB" in shown, page
        assert "Home" in shown, page
        assert "GB|BT24DH|71" not in shown, page
        assert "71, BT2 4DH" not in hidden, page


def test_a_link_opens_its_evidence_beside_the_graph_or_as_a_page(signed_in, jane):
    client = signed_in("administrator")
    address = re.search(r'hw-tie-accepted" href="([^"]+)"', client.get(_tab(jane)).content.decode())
    assert address
    part = client.get(address[1], headers={"HX-Request": "true"})
    assert "<html" not in _text(part)
    assert "source 1" in _text(part)
    whole = client.get(address[1])
    assert "Back to the graph" in _text(whole)
    assert {"person.graph", "person.link"} <= set(AuditEntry.objects.values_list("action", flat=True))
    for unknown in ("999999", "9" * 30):
        assert client.get(address[1].rsplit("/", 2)[0] + f"/{unknown}/").status_code == 404


def test_a_refused_neighbour_leads_to_the_other_person(signed_in, builder):
    builder.send(
        event(anonymous_id="tablet", user_id="ann"), event(anonymous_id="tablet", user_id="bob", minutes=1)
    )
    ann, bob = person_of("user_id", "ann"), person_of("user_id", "bob")
    client = signed_in("administrator")
    page = _text(client.get(_tab(ann)))
    assert f'class="hw-node hw-node-other" href="/admin/people/{bob.public_id}/"' in page
    assert ">refused</text>" in page
    refused = Evidence.objects.get(state="refused").id
    link = client.get(f"/admin/people/{ann.public_id}/graph/links/{refused}/")
    assert "which is unique" in _text(link)
    assert str(bob.public_id) in _text(link)
    assert f"/admin/reviews/{refused}/" in _text(link)
    assert client.get(f"/admin/reviews/{refused}/").status_code == 200


def test_without_links_it_says_how_they_come(signed_in, builder):
    builder.send(event(anonymous_id="alone"))
    page = _text(signed_in("administrator").get(_tab(person_of("anonymous_id", "alone"))))
    assert "One identifier, no links yet" in page


@pytest.mark.parametrize("path", ["tab/graph/", "graph/links/1/"])
def test_whoever_is_not_signed_in_sees_nothing(client, jane, path):
    assert client.get(f"/admin/people/{jane.public_id}/{path}").status_code == 302
